package io.hourledger.aggregator.scan;

import io.hourledger.contracts.usage.UsageEventLimits;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Arrays;

/**
 * Reads ordinary usage events straight from their bytes: one flat JSON object in printable ASCII without escapes, known members in any
 * order, a flat {@code data} object, a time in UTC, a plain number, a type that one meter reads without a filter. Of anything else it says that it does not know; it never says that an
 * event is wrong. What it does read, it reads exactly as {@link io.hourledger.contracts.usage.UsageEventReader} would.
 *
 * <p>It is longer than other classes on purpose: it runs once for every event, and its parts share the bytes and the place in them. As one
 * class they stay in registers, where a cursor passed between objects would be loaded and stored again for every member.
 */
final class EventScanner {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long EACH = 0x0101010101010101L;
    private static final long TOPS = 0x8080808080808080L;

    /** The first byte that a name may hold, and the first that any other text may hold: of the two, only the space is in dispute. */
    private static final long NAME = 0x21 * EACH;

    private static final long ANY_TEXT = 0x20 * EACH;

    private static final int SPECVERSION = 1;
    private static final int ID = 1 << 1;
    private static final int SOURCE = 1 << 2;
    private static final int TYPE = 1 << 3;
    private static final int SUBJECT = 1 << 4;
    private static final int TIME = 1 << 5;
    private static final int DATA = 1 << 6;
    private static final int NEEDED = SPECVERSION | ID | SOURCE | TYPE | SUBJECT | TIME;

    /** Members of {@code data}, and unknown members of the event, beyond which an event is not ordinary. */
    private static final int MOST_MEMBERS = 16;

    private static final int NOWHERE = -1;
    private static final int NOT_A_NUMBER = -1;
    private static final int MOST_DIGITS = 18;

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

    private static final long[] POWERS_OF_TEN = new long[MOST_DIGITS + 1];

    static {
        POWERS_OF_TEN[0] = 1;
        for (int i = 1; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = POWERS_OF_TEN[i - 1] * 10;
        }
    }

    /** Those of one version, and the number that the first of them has among those of all versions. */
    private final Meters meters;

    private final int firstMeter;

    private int typeOffset;
    private int typeLength;
    private int timeOffset;
    private int timeLength;
    private int latestMeter;

    private final EventShape shape = new EventShape();

    /** The field of data that the meter of the learned event reads, or -1. */
    private int shapeField;

    private final int[] unknownOffsets = new int[MOST_MEMBERS];
    private final int[] unknownLengths = new int[MOST_MEMBERS];
    private int unknownMembers;

    /** Members of data: their names, and for numbers the digits and how many of them are decimals. */
    private final int[] fieldOffsets = new int[MOST_MEMBERS];

    private final int[] fieldLengths = new int[MOST_MEMBERS];
    private final long[] fieldDigits = new long[MOST_MEMBERS];
    private final int[] fieldDecimals = new int[MOST_MEMBERS];
    private int fields;

    /** The number read last. */
    private long digits;

    private int decimals;

    /** The date and hour read last, as bytes, and the second at which that hour began. */
    private long dateBytes;

    private long hourBytes;
    private long hourStart;

    EventScanner(Meters meters, int firstMeter) {
        this.meters = meters;
        this.firstMeter = firstMeter;
    }

    private static long word(String text) {
        long word = 0;
        for (int i = 0; i < text.length(); i++) {
            word |= (long) text.charAt(i) << (8 * i);
        }
        return word;
    }

    /** Whether the event was ordinary and {@code view} now holds it; if not, {@code view} holds nothing of use. */
    boolean scan(byte[] bytes, int offset, int length, EventView view) {
        if (length > UsageEventLimits.MAX_EVENT_BYTES) {
            return false;
        }
        view.bytes = bytes;
        int end = offset + length;
        return scanLikeBefore(bytes, offset, end, view) || scanAfresh(bytes, offset, end, view);
    }

    /** Reads an event of the same shape and meter as the one learned last: its members are the same, so none of them is there twice. */
    private boolean scanLikeBefore(byte[] bytes, int offset, int end, EventView view) {
        if (!shape.isWhole()) {
            return false;
        }
        int at = offset;
        int values = shape.values();
        long valueDigits = 0;
        int valueDecimals = NOT_A_NUMBER;
        for (int value = 0; value < values; value++) {
            int begin = shape.behindStill(value, bytes, at, end);
            if (begin == NOWHERE) {
                return false;
            }
            int kind = shape.kind(value);
            if (kind >= EventShape.UNREAD_NUMBER) {
                at = scanNumber(bytes, begin, end);
                if (kind == EventShape.FIELD + shapeField) {
                    valueDigits = digits;
                    valueDecimals = decimals;
                }
            } else if (kind == EventShape.UNREAD_TEXT) {
                at = endOfText(ANY_TEXT, bytes, begin, end);
            } else {
                at = endOfText(NAME, bytes, begin, end);
                if (at != NOWHERE && !takeText(kind, bytes, begin, at, view)) {
                    return false;
                }
            }
            if (at == NOWHERE) {
                return false;
            }
        }
        return shape.behindStill(values, bytes, at, end) == end
                && meters.reading(bytes, typeOffset, typeLength, latestMeter) == latestMeter
                && scanTime(bytes, view)
                && takeValue(latestMeter, valueDigits, valueDecimals, view);
    }

    /** Reads an event member by member, and learns its shape. */
    private boolean scanAfresh(byte[] bytes, int offset, int end, EventView view) {
        shape.begin(offset);
        int seen = scanMembers(bytes, offset, end, view);
        if ((seen & NEEDED) != NEEDED) {
            return false;
        }
        int meter = meters.reading(bytes, typeOffset, typeLength, latestMeter);
        if (meter < 0 || !meters.isAlone(meter) || !scanTime(bytes, view)) {
            return false;
        }
        int field = NOWHERE;
        if (!meters.counts(meter)) {
            field = fieldNamed(meters.valueField(meter), bytes);
            if ((seen & DATA) == 0 || field == NOWHERE) {
                return false;
            }
        }
        long valueDigits = field == NOWHERE ? 0 : fieldDigits[field];
        int valueDecimals = field == NOWHERE ? NOT_A_NUMBER : fieldDecimals[field];
        if (!takeValue(meter, valueDigits, valueDecimals, view)) {
            return false;
        }
        latestMeter = meter;
        shapeField = field;
        shape.end(bytes, end - offset);
        return true;
    }

    /** The members that were there, or 0 if the event is not ordinary. */
    private int scanMembers(byte[] bytes, int offset, int end, EventView view) {
        unknownMembers = 0;
        fields = 0;
        int seen = 0;
        int at = behind('{', bytes, offset, end);
        while (at != NOWHERE) {
            at = behind('"', bytes, at, end);
            if (at == NOWHERE) {
                return 0;
            }
            int name = at;
            int member = memberAt(bytes, name, end);
            if (member == 0) {
                at = scanUnknown(bytes, name, end);
            } else if ((seen & member) != 0) {
                return 0;
            } else {
                seen |= member;
                int value = behind(':', bytes, name + nameLength(member) + 1, end);
                if (value == NOWHERE) {
                    return 0;
                }
                at = member == DATA ? scanData(bytes, value, end) : scanText(member, bytes, value, end, view);
            }
            if (at == NOWHERE) {
                return 0;
            }
            int next = behind(',', bytes, at, end);
            if (next == NOWHERE) {
                at = behind('}', bytes, at, end);
                return at != NOWHERE && firstNotSpace(bytes, at, end) == end ? seen : 0;
            }
            at = next;
        }
        return 0;
    }

    /** The known member whose name and closing quote begin here, or 0. */
    private static int memberAt(byte[] bytes, int name, int end) {
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

    private static int nameLength(int member) {
        return switch (member) {
            case ID -> 2;
            case TYPE, TIME, DATA -> 4;
            case SOURCE -> 6;
            case SUBJECT -> 7;
            case SPECVERSION -> 11;
            default -> throw new IllegalStateException("not a member: " + member);
        };
    }

    /** Eight bytes from here on, with zeros behind the end. */
    private static long wordAt(byte[] bytes, int at, int end) {
        if (at + Long.BYTES <= end) {
            return (long) LONGS.get(bytes, at);
        }
        long word = 0;
        for (int i = at; i < end; i++) {
            word |= (bytes[i] & 0xffL) << (8 * (i - at));
        }
        return word;
    }

    /** Takes the text of a known member; answers where it ends. */
    private int scanText(int member, byte[] bytes, int at, int end, EventView view) {
        int offset = behind('"', bytes, at, end);
        if (offset == NOWHERE) {
            return NOWHERE;
        }
        int quote = endOfText(NAME, bytes, offset, end);
        if (quote == NOWHERE || !takeText(member, bytes, offset, quote, view)) {
            return NOWHERE;
        }
        if (member != SPECVERSION) {
            shape.value(member, offset, quote);
        }
        return quote + 1;
    }

    /** Takes the text of a known member, if it is one that the member may have. */
    private boolean takeText(int member, byte[] bytes, int offset, int quote, EventView view) {
        int length = quote - offset;
        if (length == 0 || length > UsageEventLimits.MAX_NAME_CHARS) {
            return false;
        }
        switch (member) {
            case SPECVERSION -> {
                return length == 3 && bytes[offset] == '1' && bytes[offset + 1] == '.' && bytes[offset + 2] == '0';
            }
            case ID -> {
                view.idOffset = offset;
                view.idLength = length;
            }
            case SOURCE -> {
                view.sourceOffset = offset;
                view.sourceLength = length;
            }
            case TYPE -> {
                typeOffset = offset;
                typeLength = length;
            }
            case SUBJECT -> {
                view.subjectOffset = offset;
                view.subjectLength = length;
                return length <= UsageEventLimits.MAX_SUBJECT_CHARS;
            }
            case TIME -> {
                timeOffset = offset;
                timeLength = length;
            }
            default -> throw new IllegalStateException("not a member with text: " + member);
        }
        return true;
    }

    /** Passes over an unknown member with a plain value, if its name is not there twice; answers where it ends. */
    private int scanUnknown(byte[] bytes, int name, int end) {
        int quote = endOfText(NAME, bytes, name, end);
        int length = quote - name;
        if (quote == NOWHERE || length == 0 || unknownMembers == MOST_MEMBERS) {
            return NOWHERE;
        }
        for (int i = 0; i < unknownMembers; i++) {
            int other = unknownOffsets[i];
            if (Arrays.equals(bytes, other, other + unknownLengths[i], bytes, name, quote)) {
                return NOWHERE;
            }
        }
        unknownOffsets[unknownMembers] = name;
        unknownLengths[unknownMembers++] = length;
        int value = behind(':', bytes, quote + 1, end);
        return value == NOWHERE ? NOWHERE : scanPlainValue(EventShape.UNREAD_NUMBER, bytes, value, end);
    }

    /** Notes the members of a flat object and their numbers, since the meter that reads one of them may not be known yet. */
    private int scanData(byte[] bytes, int from, int end) {
        int at = behind('{', bytes, from, end);
        if (at == NOWHERE) {
            return NOWHERE;
        }
        int empty = behind('}', bytes, at, end);
        if (empty != NOWHERE) {
            return empty;
        }
        while (true) {
            int name = behind('"', bytes, at, end);
            int quote = name == NOWHERE ? NOWHERE : endOfText(ANY_TEXT, bytes, name, end);
            int value = quote == NOWHERE ? NOWHERE : behind(':', bytes, quote + 1, end);
            if (value == NOWHERE || fields == MOST_MEMBERS) {
                return NOWHERE;
            }
            at = scanPlainValue(EventShape.FIELD + fields, bytes, value, end);
            if (at == NOWHERE) {
                return NOWHERE;
            }
            fieldOffsets[fields] = name;
            fieldLengths[fields] = quote - name;
            fieldDigits[fields] = digits;
            fieldDecimals[fields++] = decimals;
            int next = behind(',', bytes, at, end);
            if (next == NOWHERE) {
                return behind('}', bytes, at, end);
            }
            at = next;
        }
    }

    /** Passes over a text, or reads a plain number of this kind into {@link #digits} and {@link #decimals}; answers where it ends. */
    private int scanPlainValue(int kindIfNumber, byte[] bytes, int from, int end) {
        int text = behind('"', bytes, from, end);
        if (text != NOWHERE) {
            decimals = NOT_A_NUMBER;
            int quote = endOfText(ANY_TEXT, bytes, text, end);
            shape.value(EventShape.UNREAD_TEXT, text, quote);
            return quote == NOWHERE ? NOWHERE : quote + 1;
        }
        int begin = firstNotSpace(bytes, from, end);
        int behind = scanNumber(bytes, begin, end);
        shape.value(kindIfNumber, begin, behind);
        return behind;
    }

    /** Reads digits with at most one point between them. */
    private int scanNumber(byte[] bytes, int first, int end) {
        long value = 0;
        int point = NOWHERE;
        int at = first;
        for (; at < end; at++) {
            int c = bytes[at];
            if (c >= '0' && c <= '9') {
                if (at - first > MOST_DIGITS) {
                    return NOWHERE;
                }
                value = value * 10 + (c - '0');
            } else if (c == '.' && point == NOWHERE) {
                point = at;
            } else {
                break;
            }
        }
        int wholes = (point == NOWHERE ? at : point) - first;
        int fraction = point == NOWHERE ? 0 : at - point - 1;
        boolean leadingZero = wholes > 1 && bytes[first] == '0';
        boolean bare = wholes == 0 || (point != NOWHERE && fraction == 0);
        if (bare || leadingZero || wholes + fraction > MOST_DIGITS) {
            return NOWHERE;
        }
        digits = value;
        decimals = fraction;
        return at;
    }

    /** The one field of data with this name, or -1. */
    private int fieldNamed(byte[] name, byte[] bytes) {
        int found = NOWHERE;
        for (int i = 0; i < fields; i++) {
            int offset = fieldOffsets[i];
            if (Arrays.equals(bytes, offset, offset + fieldLengths[i], name, 0, name.length)) {
                if (found != NOWHERE) {
                    return NOWHERE;
                }
                found = i;
            }
        }
        return found;
    }

    private boolean takeValue(int meter, long valueDigits, int valueDecimals, EventView view) {
        view.meter = firstMeter + meter;
        if (!view.isAlone) {
            view.isAlone = true;
            view.further = 0;
        }
        if (meters.counts(meter)) {
            view.valueHigh = 0;
            view.valueLow = POWERS_OF_TEN[EventView.VALUE_SCALE];
            return true;
        }
        if (valueDecimals == NOT_A_NUMBER || valueDecimals > UsageEventLimits.MAX_FRACTION_DIGITS) {
            return false;
        }
        long factor = POWERS_OF_TEN[EventView.VALUE_SCALE - valueDecimals];
        view.valueHigh = Math.multiplyHigh(valueDigits, factor);
        view.valueLow = valueDigits * factor;
        return true;
    }

    /** Reads {@code 2026-11-24T13:05:07Z}, with up to nine decimals of the second. */
    private boolean scanTime(byte[] bytes, EventView view) {
        int t = timeOffset;
        if (timeLength < 20 || timeLength > 30) {
            return false;
        }
        long date = (long) LONGS.get(bytes, t);
        long hour = (long) LONGS.get(bytes, t + 8) & BYTES_5;
        if (date != dateBytes || hour != hourBytes) {
            if (!scanHour(bytes, t)) {
                return false;
            }
            dateBytes = date;
            hourBytes = hour;
        }
        int minute = twoDigits(bytes, t + 14);
        int second = twoDigits(bytes, t + 17);
        int last = t + timeLength - 1;
        if (bytes[t + 13] != ':' || bytes[t + 16] != ':' || bytes[last] != 'Z') {
            return false;
        }
        if (minute < 0 || minute > 59 || second < 0 || second > 59) {
            return false;
        }
        view.epochSecond = hourStart + minute * 60L + second;
        view.nanos = 0;
        if (timeLength == 20) {
            return true;
        }
        int fraction = timeLength - 21;
        if (bytes[t + 19] != '.' || fraction == 0) {
            return false;
        }
        int nanos = 0;
        for (int i = t + 20; i < last; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            nanos = nanos * 10 + digit;
        }
        view.nanos = nanos * (int) POWERS_OF_TEN[9 - fraction];
        return true;
    }

    /** Reads {@code 2026-11-24T13}. */
    private boolean scanHour(byte[] bytes, int t) {
        int century = twoDigits(bytes, t);
        int yearOfCentury = twoDigits(bytes, t + 2);
        int month = twoDigits(bytes, t + 5);
        int day = twoDigits(bytes, t + 8);
        int hour = twoDigits(bytes, t + 11);
        if (century < 0 || yearOfCentury < 0 || bytes[t + 4] != '-' || bytes[t + 7] != '-' || bytes[t + 10] != 'T') {
            return false;
        }
        int year = century * 100 + yearOfCentury;
        if (year < 1970
                || month < 1
                || month > 12
                || day < 1
                || day > YearMonth.of(year, month).lengthOfMonth()) {
            return false;
        }
        if (hour < 0 || hour > 23) {
            return false;
        }
        hourStart = (LocalDate.of(year, month, day).toEpochDay() * 24 + hour) * 3600;
        return true;
    }

    /** The number that two digits stand for, or -1. */
    private static int twoDigits(byte[] bytes, int offset) {
        int tens = bytes[offset] - '0';
        int ones = bytes[offset + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
    }

    /**
     * From behind a quote, the place of the closing one, or -1 if there is an escape before it, a control character, anything beyond ASCII, a
     * byte below {@code lowest}, or no end. Eight bytes at a time: a byte that stops the text gets its top bit set in {@code stops}.
     */
    private static int endOfText(long lowest, byte[] bytes, int from, int end) {
        int at = from;
        while (at + Long.BYTES <= end) {
            long word = (long) LONGS.get(bytes, at);
            long quotes = word ^ '"' * EACH;
            long escapes = word ^ '\\' * EACH;
            long low = (word - lowest) & ~word;
            long delOrBeyondAscii = word | (word + EACH);
            long stops = low | ((quotes - EACH) & ~quotes) | ((escapes - EACH) & ~escapes) | delOrBeyondAscii;
            stops &= TOPS;
            if (stops != 0) {
                at += Long.numberOfTrailingZeros(stops) >>> 3;
                return bytes[at] == '"' ? at : NOWHERE;
            }
            at += Long.BYTES;
        }
        byte lowestByte = (byte) lowest;
        while (at < end) {
            byte b = bytes[at];
            if (b < lowestByte || b == '"' || b == '\\' || b == 0x7f) {
                return b == '"' ? at : NOWHERE;
            }
            at++;
        }
        return NOWHERE;
    }

    /** The place behind this character, if it comes next but for white space. */
    private static int behind(char c, byte[] bytes, int from, int end) {
        if (from < end && bytes[from] == c) {
            return from + 1;
        }
        int at = firstNotSpace(bytes, from, end);
        return at < end && bytes[at] == c ? at + 1 : NOWHERE;
    }

    private static int firstNotSpace(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end) {
            byte b = bytes[at];
            if (b > ' ' || (b != ' ' && b != '\n' && b != '\r' && b != '\t')) {
                return at;
            }
            at++;
        }
        return at;
    }
}
