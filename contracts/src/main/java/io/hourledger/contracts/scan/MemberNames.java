package io.hourledger.contracts.scan;

import static io.hourledger.contracts.scan.TextBytes.wordAt;

/** Tells an event's known members by their names. */
final class MemberNames {

    static final int SPECVERSION = 1;
    static final int ID = 1 << 1;
    static final int SOURCE = 1 << 2;
    static final int TYPE = 1 << 3;
    static final int SUBJECT = 1 << 4;
    static final int TIME = 1 << 5;
    static final int DATA = 1 << 6;
    static final int NEEDED = SPECVERSION | ID | SOURCE | TYPE | SUBJECT | TIME;

    // known names with the quote that ends them, as the bytes stand in a long
    private static final long ID_NAME = word("id\"");
    private static final long TIME_NAME = word("time\"");
    private static final long TYPE_NAME = word("type\"");
    private static final long DATA_NAME = word("data\"");
    private static final long SOURCE_NAME = word("source\"");
    private static final long SUBJECT_NAME = word("subject\"");
    private static final long SPECVERSION_BEGIN = word("specvers");
    private static final long SPECVERSION_END = word("ion\"");
    private static final long BYTES_3 = 0xffffffL;
    private static final long BYTES_4 = 0xffffffffL;
    private static final long BYTES_5 = 0xffffffffffL;
    private static final long BYTES_7 = 0xffffffffffffffL;

    private MemberNames() {}

    private static long word(String text) {
        long word = 0;
        for (int i = 0; i < text.length(); i++) {
            word |= (long) text.charAt(i) << (8 * i);
        }
        return word;
    }

    /** The known member whose name and closing quote begin here, or 0. */
    static int memberAt(byte[] bytes, int name, int end) {
        long word = wordAt(bytes, name, end);
        if ((word & BYTES_3) == ID_NAME) {
            return ID;
        }
        long five = word & BYTES_5;
        if (five == TYPE_NAME) {
            return TYPE;
        }
        if (five == TIME_NAME) {
            return TIME;
        }
        if (five == DATA_NAME) {
            return DATA;
        }
        if (word == SUBJECT_NAME) {
            return SUBJECT;
        }
        if ((word & BYTES_7) == SOURCE_NAME) {
            return SOURCE;
        }
        boolean specversion =
                word == SPECVERSION_BEGIN && (wordAt(bytes, name + Long.BYTES, end) & BYTES_4) == SPECVERSION_END;
        return specversion ? SPECVERSION : 0;
    }

    static int nameLength(int member) {
        return switch (member) {
            case ID -> 2;
            case TYPE, TIME, DATA -> 4;
            case SOURCE -> 6;
            case SUBJECT -> 7;
            case SPECVERSION -> 11;
            default -> throw new IllegalStateException("not a member: " + member);
        };
    }
}
