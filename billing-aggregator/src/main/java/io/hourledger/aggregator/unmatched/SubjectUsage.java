package io.hourledger.aggregator.unmatched;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Usage of one subject by one meter that is counted and not in the ledger.
 *
 * @param rawTotal as its events have it, not in the meter's unit
 * @param since when the first of it became so, in business time
 * @param reason of the first of it
 */
public record SubjectUsage(
        int partition,
        String subject,
        String meter,
        State state,
        Hours hours,
        BigDecimal rawTotal,
        Instant since,
        String reason) {

    /** The closed hours that it lies in. */
    public record Hours(Instant first, Instant last, long count, long events) {}

    /** Why usage is not in the ledger. */
    public enum State {
        /** No instance has this subject yet; it is entered by itself when one is opened. */
        UNMATCHED("unmatched"),
        /** A rule of the ledger does not let it in, or the meter of its product does not read it. */
        REFUSED("refused");

        private final String code;

        State(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }

        /** Empty if none has this code. */
        public static Optional<State> ofCode(String code) {
            return Stream.of(values()).filter(state -> state.code.equals(code)).findFirst();
        }
    }
}
