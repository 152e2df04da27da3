package io.hourledger.ingest.accept;

import io.hourledger.contracts.usage.UsageEventLimits;
import io.hourledger.ingest.accept.Slices.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cuts lines out of a body that comes in pieces. Of a line that is not there to its end it holds no more than an event may have, twice. */
final class LineCutter {

    /** Blanks around an event are no part of it, so a line may be longer than an event. */
    private static final int LONGEST_LINE = 2 * UsageEventLimits.MAX_EVENT_BYTES;

    private byte[] body = {};
    private byte[] rest = {};
    private int line = 1;
    private boolean skipping;

    /** The lines that end in this piece and are not blank. They lie in the {@link #body} of this call. */
    List<Slice> take(byte[] piece, int length) {
        List<Slice> slices = new ArrayList<>();
        int held = rest.length;
        body = Arrays.copyOf(rest, held + length);
        System.arraycopy(piece, 0, body, held, length);
        int start = 0;
        for (int i = held; i < body.length; i++) {
            if (body[i] == '\n') {
                add(start, i, slices);
                skipping = false;
                start = i + 1;
                line++;
            }
        }
        hold(start, slices);
        return slices;
    }

    /** The last line, which need not end. */
    List<Slice> last() {
        List<Slice> slices = new ArrayList<>();
        body = rest;
        rest = new byte[0];
        add(0, body.length, slices);
        return slices;
    }

    byte[] body() {
        return body;
    }

    int heldBytes() {
        return rest.length;
    }

    private void add(int start, int end, List<Slice> slices) {
        int first = firstNotBlank(start, end);
        int last = end;
        while (last > first && Slices.isSpace(body[last - 1])) {
            last--;
        }
        if (!skipping && first < last) {
            slices.add(new Slice(first, last - first, line));
        }
    }

    private void hold(int start, List<Slice> slices) {
        int first = firstNotBlank(start, body.length);
        if (!skipping && body.length - first > LONGEST_LINE) {
            // as much of it as tells the reader that it is too large
            slices.add(new Slice(first, UsageEventLimits.MAX_EVENT_BYTES + 1, line));
            skipping = true;
        }
        rest = skipping ? new byte[0] : Arrays.copyOfRange(body, first, body.length);
    }

    private int firstNotBlank(int start, int end) {
        int first = start;
        while (first < end && Slices.isSpace(body[first])) {
            first++;
        }
        return first;
    }
}
