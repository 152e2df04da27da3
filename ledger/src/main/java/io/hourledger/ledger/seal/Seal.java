package io.hourledger.ledger.seal;

import java.time.Instant;

/**
 * What was true of the whole ledger at a moment, to be kept outside of its database.
 *
 * @param eventCount how many events were chained
 * @param head the chain's head in hexadecimal digits
 * @param sealedAt business time
 */
public record Seal(long eventCount, String head, Instant sealedAt) {

    /** One line of text: count, head, time. */
    public String line() {
        return eventCount + " " + head + " " + sealedAt;
    }

    /** The inverse of {@link #line()}. */
    public static Seal parse(String line) {
        String[] parts = line.strip().split(" ", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not a seal: " + line);
        }
        return new Seal(Long.parseLong(parts[0]), parts[1], Instant.parse(parts[2]));
    }
}
