package io.hourledger.contracts.scan;

import static io.hourledger.contracts.scan.MemberNames.DATA;
import static io.hourledger.contracts.scan.MemberNames.ID;
import static io.hourledger.contracts.scan.MemberNames.NEEDED;
import static io.hourledger.contracts.scan.MemberNames.SOURCE;
import static io.hourledger.contracts.scan.MemberNames.SPECVERSION;
import static io.hourledger.contracts.scan.MemberNames.SUBJECT;
import static io.hourledger.contracts.scan.MemberNames.TIME;
import static io.hourledger.contracts.scan.MemberNames.TYPE;
import static io.hourledger.contracts.scan.MemberNames.memberAt;
import static io.hourledger.contracts.scan.MemberNames.nameLength;
import static io.hourledger.contracts.scan.TextBytes.ANY_TEXT;
import static io.hourledger.contracts.scan.TextBytes.NAME;
import static io.hourledger.contracts.scan.TextBytes.NOWHERE;
import static io.hourledger.contracts.scan.TextBytes.behind;
import static io.hourledger.contracts.scan.TextBytes.endOfText;
import static io.hourledger.contracts.scan.TextBytes.firstNotSpace;

import io.hourledger.contracts.usage.UsageEventLimits;
import java.util.Arrays;

/**
 * Reads ordinary usage events straight from their bytes: one flat JSON object in printable ASCII without escapes, known members in any
 * order, a flat {@code data} object, a time in UTC, a plain number, a type that one meter reads without a filter. Of anything else it says
 * that it does not know; it never says that an event is wrong. What it does read, it reads exactly as {@link
 * io.hourledger.contracts.usage.UsageEventReader} would.
 *
 * <p>It runs once for every event. The place in the bytes is passed as a number and stays in a register, where a cursor object would be
 * loaded and stored again for every member.
 */
final class EventScanner {

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

    /** Those of one version, and the number that the first of them has among those of all versions. */
    private final Meters meters;

    private final int firstMeter;

    private int typeOffset;
    private int typeLength;
    private int timeOffset;
    private int timeLength;
    private int latestMeter;

    private final TimeScanner time = new TimeScanner();
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

    EventScanner(Meters meters, int firstMeter) {
        this.meters = meters;
        this.firstMeter = firstMeter;
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
                && time.scan(bytes, timeOffset, timeLength, view)
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
        if (meter < 0 || !meters.isAlone(meter) || !time.scan(bytes, timeOffset, timeLength, view)) {
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
}
