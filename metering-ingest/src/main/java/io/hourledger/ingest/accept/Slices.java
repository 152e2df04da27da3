package io.hourledger.ingest.accept;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a body into the stretches that hold one event each, without judging what is in them: only brackets, quotes and commas are looked
 * at, which in UTF-8 never occur inside another character. So an item that is not JSON spoils itself and not its neighbours, and the log
 * gets each item's own bytes.
 */
final class Slices {

    /** One item's bytes in the body. */
    record Slice(int offset, int length) {}

    /** The body cannot be cut into items. */
    static final class NotABatch extends Exception {
        private static final long serialVersionUID = 1L;

        NotABatch(String detail) {
            super(detail, null, false, false);
        }
    }

    private final byte[] body;
    private final List<Slice> slices = new ArrayList<>();
    private int at;

    private Slices(byte[] body) {
        this.body = body;
    }

    /** The items of a JSON array. */
    static List<Slice> ofArray(byte[] body) throws NotABatch {
        Slices cut = new Slices(body);
        cut.array();
        return cut.slices;
    }

    /** The lines that are not blank. */
    static List<Slice> ofLines(byte[] body) {
        Slices cut = new Slices(body);
        int start = 0;
        for (int i = 0; i <= body.length; i++) {
            if (i == body.length || body[i] == '\n') {
                cut.addIfNotBlank(start, i);
                start = i + 1;
            }
        }
        return cut.slices;
    }

    private void array() throws NotABatch {
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
    private boolean item() throws NotABatch {
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
                if (!addIfNotBlank(start, at)) {
                    throw new NotABatch("item " + slices.size() + " is empty");
                }
                at++;
                return b == ',';
            }
        }
        throw new NotABatch(
                "the array does not end: item " + slices.size() + " is cut off or has unequal brackets or quotes");
    }

    private boolean addIfNotBlank(int start, int end) {
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
        slices.add(new Slice(first, last - first));
        return true;
    }

    private void skipSpace() {
        while (at < body.length && isSpace(body[at])) {
            at++;
        }
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }
}
