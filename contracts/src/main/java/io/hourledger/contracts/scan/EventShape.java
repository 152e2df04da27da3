package io.hourledger.contracts.scan;

import java.util.Arrays;

/**
 * How an event was put together: the bytes that stand still, and between them the places of values. Events of one sender share a shape, so
 * most are read by comparing the still bytes with those of an event read before, and looking at the values alone.
 */
final class EventShape {

    /** A text that nobody reads. Texts that somebody reads have the number of their member, above this and below the next. */
    static final int UNREAD_TEXT = 0;

    /** A number that nobody reads. */
    static final int UNREAD_NUMBER = 1 << 7;

    /** A number in data: this plus its place among the fields. */
    static final int FIELD = 1 << 8;

    private static final int MOST_VALUES = 40;

    private byte[] bytes = {};
    private final int[] begins = new int[MOST_VALUES];
    private final int[] ends = new int[MOST_VALUES];
    private final int[] kinds = new int[MOST_VALUES];
    private int values;
    private int origin;
    private boolean whole;

    /** Begins to learn a shape. */
    void begin(int offset) {
        origin = offset;
        values = 0;
        whole = false;
    }

    /** Notes a value of this kind, from its first byte to behind its last; a text without its quotes. */
    void value(int kind, int begin, int end) {
        if (values < MOST_VALUES) {
            begins[values] = begin - origin;
            ends[values] = end - origin;
            kinds[values] = kind;
        }
        values++;
    }

    /** Keeps the shape of this event, in which the values noted are. */
    void end(byte[] from, int length) {
        if (values <= MOST_VALUES) {
            bytes = Arrays.copyOfRange(from, origin, origin + length);
            whole = true;
        }
    }

    boolean isWhole() {
        return whole;
    }

    int values() {
        return values;
    }

    int kind(int value) {
        return kinds[value];
    }

    /** The place behind the bytes that stand before this value, or behind the last one, if they stand here too; else -1. */
    int behindStill(int value, byte[] event, int at, int end) {
        int from = value == 0 ? 0 : ends[value - 1];
        int to = value == values ? bytes.length : begins[value];
        int behind = at + to - from;
        return behind <= end && Arrays.equals(bytes, from, to, event, at, behind) ? behind : -1;
    }
}
