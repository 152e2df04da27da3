package io.hourledger.aggregator.simulation;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * A record of the scripted log, and what it says.
 *
 * @param appendedAt business time, also its timestamp
 * @param says null if it is no usage event at all
 * @param misplaced on the wrong partition
 * @param wrongKey its key is not its subject
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record LogRecord(
        long offset, Instant appendedAt, byte[] key, byte[] value, Said says, boolean misplaced, boolean wrongKey) {

    /** What an event says. */
    record Said(String instance, String source, String id, String meter, Instant time, BigDecimal value) {

        String name() {
            return instance + "|" + source + "|" + id;
        }

        String content() {
            return meter + "|" + time + "|" + value.stripTrailingZeros().toPlainString();
        }
    }
}
