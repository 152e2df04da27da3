package io.hourledger.aggregator.scan;

import io.hourledger.contracts.usage.UsageEventLimits;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads ordinary usage events straight from their bytes: one flat JSON object in printable ASCII without escapes, known members in any
 * order, a flat {@code data} object, a time in UTC, a plain number. Of anything else it says that it does not know; it never says that an
 * event is wrong. What it does read, it reads exactly as {@link io.hourledger.contracts.usage.UsageEventReader} would.
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

    private static final int NOT_A_NUMBER = -1;
    private static final int MOST_DIGITS = 18;

    private static final long[] POWERS_OF_TEN = new long[MOST_DIGITS + 1];

    static {
        POWERS_OF_TEN[0] = 1;
        for (int i = 1; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = POWERS_OF_TEN[i - 1] * 10;
        }
    }

    private final Meters meters;

    private byte[] bytes = new byte[0];
    private int end;
    private int at;

    private int typeOffset;
    private int typeLength;
    private int timeOffset;
    private int timeLength;
    private int latestMeter;

    private final int[] unknownOffsets = new int[MOST_MEMBERS];
    private final int[] unknownLengths = new int[MOST_MEMBERS];
    private int unknownMembers;

    private final int[] fieldOffsets = new int[MOST_MEMBERS];
    private final int[] fieldLengths = new int[MOST_MEMBERS];
    private final int[] fieldValues = new int[MOST_MEMBERS];
    private int fields;

    /** The date and hour read last, as bytes, and the second at which that hour began. */
    private long dateBytes;

    private long hourBytes;
    private long hourStart;

    EventScanner(Meters meters) {
        this.meters = meters;
    }

    /** Whether the event was ordinary and {@code view} now holds it; if not, {@code view} holds nothing of use. */
    boolean scan(byte[] bytes, int offset, int length, EventView view) {
        if (length > UsageEventLimits.MAX_EVENT_BYTES) {
            return false;
        }
        this.bytes = bytes;
        this.at = offset;
        this.end = offset + length;
        view.bytes = bytes;
        int seen = scanMembers(view);
        if ((seen & NEEDED) != NEEDED || !onlySpaceLeft()) {
            return false;
        }
        int meter = meters.reading(bytes, typeOffset, typeLength, latestMeter);
        if (meter < 0 || !scanTime(view)) {
            return false;
        }
        latestMeter = meter;
        view.meter = meter;
        if (meters.counts(meter)) {
            view.valueHigh = 0;
            view.valueLow = POWERS_OF_TEN[EventView.VALUE_SCALE];
            return true;
        }
        return (seen & DATA) != 0 && scanValue(meters.valueField(meter), view);
    }

    /** The members that were there, or 0 if the event is not ordinary. */
    private int scanMembers(EventView view) {
        unknownMembers = 0;
        fields = 0;
        if (!take('{') || !nextIs('"')) {
            return 0;
        }
        int seen = 0;
        do {
            if (!take('"')) {
                return 0;
            }
            int name = at;
            int nameLength = textLength(NAME);
            if (nameLength <= 0 || !take(':')) {
                return 0;
            }
            int member = memberNamed(name, nameLength);
            if (member == 0) {
                if (!isNewUnknown(name, nameLength) || !skipPlainValue()) {
                    return 0;
                }
                continue;
            }
            if ((seen & member) != 0) {
                return 0;
            }
            seen |= member;
            if (member == DATA ? !scanData() : !scanText(member, view)) {
                return 0;
            }
        } while (take(','));
        return take('}') ? seen : 0;
    }

    private int memberNamed(int name, int length) {
        return switch (length) {
            case 2 -> is("id", name) ? ID : 0;
            case 4 -> is("time", name) ? TIME : is("type", name) ? TYPE : is("data", name) ? DATA : 0;
            case 6 -> is("source", name) ? SOURCE : 0;
            case 7 -> is("subject", name) ? SUBJECT : 0;
            case 11 -> is("specversion", name) ? SPECVERSION : 0;
            default -> 0;
        };
    }

    private boolean is(String word, int offset) {
        for (int i = 0; i < word.length(); i++) {
            if (bytes[offset + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Takes the text of a known member. */
    private boolean scanText(int member, EventView view) {
        if (!take('"')) {
            return false;
        }
        int offset = at;
        int length = textLength(NAME);
        if (length <= 0 || length > UsageEventLimits.MAX_NAME_CHARS) {
            return false;
        }
        switch (member) {
            case SPECVERSION -> {
                return length == 3 && is("1.0", offset);
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

    private boolean isNewUnknown(int name, int length) {
        for (int i = 0; i < unknownMembers; i++) {
            if (sameBytes(unknownOffsets[i], unknownLengths[i], name, length)) {
                return false;
            }
        }
        if (unknownMembers == MOST_MEMBERS) {
            return false;
        }
        unknownOffsets[unknownMembers] = name;
        unknownLengths[unknownMembers++] = length;
        return true;
    }

    private boolean sameBytes(int a, int aLength, int b, int bLength) {
        return Arrays.equals(bytes, a, a + aLength, bytes, b, b + bLength);
    }

    /** Notes the members of a flat object and where their values are; the meter that reads one of them may not be known yet. */
    private boolean scanData() {
        if (!take('{')) {
            return false;
        }
        if (take('}')) {
            return true;
        }
        do {
            if (fields == MOST_MEMBERS || !take('"')) {
                return false;
            }
            fieldOffsets[fields] = at;
            int length = textLength(ANY_TEXT);
            if (length < 0 || !take(':')) {
                return false;
            }
            fieldLengths[fields] = length;
            skipSpace();
            fieldValues[fields++] = at;
            if (!skipPlainValue()) {
                return false;
            }
        } while (take(','));
        return take('}');
    }

    /** Passes over a text or a plain number. */
    private boolean skipPlainValue() {
        if (take('"')) {
            return textLength(ANY_TEXT) >= 0;
        }
        return scanNumber() != NOT_A_NUMBER;
    }

    private boolean scanValue(byte[] field, EventView view) {
        int found = -1;
        for (int i = 0; i < fields; i++) {
            if (Arrays.equals(bytes, fieldOffsets[i], fieldOffsets[i] + fieldLengths[i], field, 0, field.length)) {
                if (found >= 0) {
                    return false;
                }
                found = i;
            }
        }
        if (found < 0) {
            return false;
        }
        at = fieldValues[found];
        int decimals = scanNumber();
        if (decimals == NOT_A_NUMBER || decimals > UsageEventLimits.MAX_FRACTION_DIGITS) {
            return false;
        }
        long factor = POWERS_OF_TEN[EventView.VALUE_SCALE - decimals];
        view.valueHigh = Math.multiplyHigh(number, factor);
        view.valueLow = number * factor;
        return true;
    }

    private long number;

    /** Reads digits with at most one point between them into {@link #number}; answers the decimals. */
    private int scanNumber() {
        int first = at;
        long digits = 0;
        int point = -1;
        int position = at;
        for (; position < end; position++) {
            int c = bytes[position];
            if (c >= '0' && c <= '9') {
                if (position - first > MOST_DIGITS) {
                    return NOT_A_NUMBER;
                }
                digits = digits * 10 + (c - '0');
            } else if (c == '.' && point < 0 && position > first) {
                point = position;
            } else {
                break;
            }
        }
        int length = position - first;
        int wholeDigits = point < 0 ? length : point - first;
        int decimals = point < 0 ? 0 : position - point - 1;
        boolean leadingZero = wholeDigits > 1 && bytes[first] == '0';
        if (wholeDigits == 0 || leadingZero || (point >= 0 && decimals == 0) || wholeDigits + decimals > MOST_DIGITS) {
            return NOT_A_NUMBER;
        }
        at = position;
        number = digits;
        return decimals;
    }

    /** Reads {@code 2026-11-24T13:05:07Z}, with up to nine decimals of the second. */
    private boolean scanTime(EventView view) {
        int t = timeOffset;
        if (timeLength < 20 || timeLength > 30 || t + 16 > bytes.length) {
            return false;
        }
        long date = (long) LONGS.get(bytes, t);
        long hour = (long) LONGS.get(bytes, t + 8) & 0xffffffffffL;
        if (date != dateBytes || hour != hourBytes) {
            if (!scanHour(t)) {
                return false;
            }
            dateBytes = date;
            hourBytes = hour;
        }
        int minute = twoDigits(t + 14);
        int second = twoDigits(t + 17);
        if (bytes[t + 13] != ':' || bytes[t + 16] != ':' || minute < 0 || minute > 59 || second < 0 || second > 59) {
            return false;
        }
        int last = t + timeLength - 1;
        if (bytes[last] != 'Z') {
            return false;
        }
        view.epochSecond = hourStart + minute * 60L + second;
        view.nanos = 0;
        if (timeLength == 20) {
            return true;
        }
        int decimals = timeLength - 21;
        if (bytes[t + 19] != '.' || decimals == 0) {
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
        view.nanos = nanos * (int) POWERS_OF_TEN[9 - decimals];
        return true;
    }

    /** Reads {@code 2026-11-24T13}. */
    private boolean scanHour(int t) {
        int century = twoDigits(t);
        int yearOfCentury = twoDigits(t + 2);
        int month = twoDigits(t + 5);
        int day = twoDigits(t + 8);
        int hour = twoDigits(t + 11);
        if (century < 0 || yearOfCentury < 0 || bytes[t + 4] != '-' || bytes[t + 7] != '-' || bytes[t + 10] != 'T') {
            return false;
        }
        int year = century * 100 + yearOfCentury;
        if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 28 + daysBeyond28(year, month)) {
            return false;
        }
        if (hour < 0 || hour > 23) {
            return false;
        }
        hourStart = (daysSinceEpoch(year, month, day) * 24 + hour) * 3600;
        return true;
    }

    private static int daysBeyond28(int year, int month) {
        if (month == 2) {
            return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 1 : 0;
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 2 : 3;
    }

    private static long daysSinceEpoch(int year, int month, int day) {
        return java.time.LocalDate.of(year, month, day).toEpochDay();
    }

    /** The number that two digits stand for, or -1. */
    private int twoDigits(int offset) {
        int tens = bytes[offset] - '0';
        int ones = bytes[offset + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
    }

    /**
     * From behind a quote, passes over printable ASCII and the closing quote; answers the length of the text, or -1 if there is an escape, a
     * control character, anything beyond ASCII, a byte below {@code lowest}, or no end. Eight bytes at a time: a byte that stops the text
     * gets its top bit set in {@code stops}.
     */
    private int textLength(long lowest) {
        int start = at;
        int position = start;
        byte[] from = bytes;
        while (position + Long.BYTES <= end) {
            long word = (long) LONGS.get(from, position);
            long quotes = word ^ '"' * EACH;
            long escapes = word ^ '\\' * EACH;
            long low = (word - lowest) & ~word;
            long delOrBeyondAscii = word | (word + EACH);
            long stops = low | ((quotes - EACH) & ~quotes) | ((escapes - EACH) & ~escapes) | delOrBeyondAscii;
            stops &= TOPS;
            if (stops != 0) {
                return closeText(start, position + (Long.numberOfTrailingZeros(stops) >>> 3));
            }
            position += Long.BYTES;
        }
        byte lowestByte = (byte) lowest;
        while (position < end) {
            byte b = from[position];
            if (b < lowestByte || b == '"' || b == '\\' || b == 0x7f) {
                return closeText(start, position);
            }
            position++;
        }
        return -1;
    }

    private int closeText(int start, int position) {
        if (bytes[position] != '"') {
            return -1;
        }
        at = position + 1;
        return position - start;
    }

    private boolean take(char c) {
        if (at < end && bytes[at] == c) {
            at++;
            return true;
        }
        skipSpace();
        if (at < end && bytes[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    private boolean nextIs(char c) {
        skipSpace();
        return at < end && bytes[at] == c;
    }

    private void skipSpace() {
        while (at < end) {
            byte b = bytes[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return;
            }
            at++;
        }
    }

    private boolean onlySpaceLeft() {
        skipSpace();
        return at == end;
    }
}
