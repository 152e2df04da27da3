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

    /**
     * What an event says.
     *
     * @param meter one that reads events of its type
     * @param region empty if it is left out, as {@code tier} is then
     */
    record Said(
            String instance,
            String source,
            String id,
            String meter,
            Instant time,
            BigDecimal value,
            String region,
            String tier) {

        /** The same event with these members in its data. */
        Said with(String otherRegion, String otherTier) {
            return new Said(instance, source, id, meter, time, value, otherRegion, otherTier);
        }

        /** A member of its data that filters look at. */
        String member(String name) {
            return switch (name) {
                case "region" -> region;
                case "tier" -> tier;
                default -> "";
            };
        }

        String name() {
            return instance + "|" + source + "|" + id;
        }
    }
}
