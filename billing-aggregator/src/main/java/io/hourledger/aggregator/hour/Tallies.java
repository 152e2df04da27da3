package io.hourledger.aggregator.hour;

/**
 * What became of the records of one partition since its first: {@code consumed = counted + duplicates + quarantined}, always. Those counted
 * include the unmatched, which no instance has yet.
 */
public record Tallies(long consumed, long counted, long duplicates, long quarantined) {

    public static final Tallies NONE = new Tallies(0, 0, 0, 0);

    /** Consumed records of which nothing else is known: zero, or something was lost or doubled. */
    public long unexplained() {
        return consumed - counted - duplicates - quarantined;
    }
}
