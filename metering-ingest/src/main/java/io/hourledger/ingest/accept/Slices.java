package io.hourledger.ingest.accept;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a body into the stretches that hold one event each, without judging what is in them: only brackets, quotes and commas are looked
 * at, which in UTF-8 never occur inside another character. So an item that is not JSON spoils itself and not its neighbours, and the log
 * gets each item's own bytes.
 */
final class Slices {

    private static final int NO_LINE = 0;

    /**
     * One item's bytes in the body.
     *
     * @param line of the body where it stands, from one; 0 if the body is not made of lines
     */
    record Slice(int offset, int length, int line) {}

    /** The body holds more items than are allowed; so many were cut. */
    static final class TooMany extends Exception {
        private static final long serialVersionUID = 1L;

        TooMany() {
            super("too many items", null, false, false);
        }
    }

    /** The body cannot be cut into items. */
    static final class NotABatch extends Exception {
        private static final long serialVersionUID = 1L;

        private final String detail;

        NotABatch(String detail) {
            super(detail, null, false, false);
            this.detail = detail;
        }

        String detail() {
            return detail;
        }
    }

    private final byte[] body;
    private final int most;
    private final List<Slice> slices = new ArrayList<>();
    private int at;

    private Slices(byte[] body, int most) {
        this.body = body;
        this.most = most;
    }

    /** The items of a JSON array. No more than {@code most} are cut, since each is an object, and a body can hold millions. */
    static List<Slice> ofArray(byte[] body, int most) throws NotABatch, TooMany {
        Slices cut = new Slices(body, most);
        cut.array();
        return cut.slices;
    }

    /** The lines that are not blank. */
    static List<Slice> ofLines(byte[] body, int most) throws TooMany {
        Slices cut = new Slices(body, most);
        int start = 0;
        int line = 1;
        for (int i = 0; i <= body.length; i++) {
            if (i == body.length || body[i] == '\n') {
                cut.addIfNotBlank(start, i, line);
                start = i + 1;
                line++;
            }
        }
        return cut.slices;
    }

    private void array() throws NotABatch, TooMany {
        skipSpace();
        if (at == body.length || body[at] != '[') {
            throw new NotABatch("a batch is one JSON array of events");
        }
        at++;
        skipSpace();
        if (at < body.length && body[at] == ']') {
            at++;
        } else {
            boolean another = true;
            while (another) {
                another = item();
            }
        }
        skipSpace();
        if (at != body.length) {
            throw new NotABatch("there is something behind the array");
        }
    }

    /** Reads one item and the sign behind it; true if that was a comma. */
    private boolean item() throws NotABatch, TooMany {
        int start = at;
        int depth = 0;
        boolean inString = false;
        for (; at < body.length; at++) {
            byte b = body[at];
            if (inString) {
                if (b == '\\') {
                    at++;
                } else if (b == '"') {
                    inString = false;
                }
            } else if (b == '"') {
                inString = true;
            } else if (b == '{' || b == '[') {
                depth++;
            } else if (depth > 0 && (b == '}' || b == ']')) {
                depth--;
            } else if (depth == 0 && (b == ',' || b == ']')) {
                if (!addIfNotBlank(start, at, NO_LINE)) {
                    throw new NotABatch("item " + slices.size() + " is empty");
                }
                at++;
                return b == ',';
            }
        }
        throw new NotABatch(
                "the array does not end: item " + slices.size() + " is cut off or has unequal brackets or quotes");
    }

    private boolean addIfNotBlank(int start, int end, int line) throws TooMany {
        int first = start;
        int last = end;
        while (first < last && isSpace(body[first])) {
            first++;
        }
        while (last > first && isSpace(body[last - 1])) {
            last--;
        }
        if (first == last) {
            return false;
        }
        if (slices.size() == most) {
            throw new TooMany();
        }
        slices.add(new Slice(first, last - first, line));
        return true;
    }

    private void skipSpace() {
        while (at < body.length && isSpace(body[at])) {
            at++;
        }
    }

    static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }
}
