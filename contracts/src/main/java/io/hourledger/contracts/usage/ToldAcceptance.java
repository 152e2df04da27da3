package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.DateTimeException;
import java.time.Duration;

/**
 * For how long usage counts, as the aggregator tells ingest of it: on the topic of the catalogue, under a key of its own, as an ISO 8601 duration.
 *
 * @param acceptedLate for how long after its cutoff an hour accepts late usage
 */
public record ToldAcceptance(Duration acceptedLate) {

    /** Of the record that tells it. */
    public static final String KEY = "acceptance";

    /**
     * @throws IllegalArgumentException with a sentence that says what is wrong, if the bytes are no duration
     */
    public static ToldAcceptance read(byte[] told) {
        try {
            return new ToldAcceptance(Duration.parse(new String(told, UTF_8)));
        } catch (DateTimeException notADuration) {
            throw new IllegalArgumentException("for how long usage is accepted cannot be read", notADuration);
        }
    }

    public byte[] write() {
        return acceptedLate.toString().getBytes(UTF_8);
    }
}
