package io.hourledger.standalone.clock;

import io.hourledger.standalone.file.DurableLine;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/** Keeps the reserved business time in a small file. */
public final class ClockFile implements Reservation {

    private final DurableLine line;

    public ClockFile(Path file) {
        this.line = new DurableLine(file);
    }

    /**
     * What was reserved last; empty if nothing was.
     *
     * @throws IllegalStateException if the file does not hold a time: going on from a guess could close hours twice
     */
    public Optional<Instant> reserved() {
        try {
            return line.read().map(Instant::parse);
        } catch (DateTimeException notATime) {
            throw new IllegalStateException(
                    line.file() + " does not hold a time; start again with another --data-dir", notATime);
        }
    }

    @Override
    public void reserve(Instant moment) {
        line.write(moment.toString());
    }
}
