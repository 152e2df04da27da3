package io.hourledger.aggregator.hour;

/**
 * What became of the records of one partition since its first: {@code consumed = counted + duplicates + quarantined + filteredOut
 * + amendments}, always.
 * Those counted include the unmatched, which no instance has yet.
 *
 * @param filteredOut events that no meter reads by its filter: they are added up here and nowhere kept but in the log
 * @param amendments events that correct others
 */
public record Tallies(
        long consumed, long counted, long duplicates, long quarantined, long filteredOut, long amendments) {

    public static final Tallies NONE = new Tallies(0, 0, 0, 0);

    /** Of a log in which no event was filtered out. */
    public Tallies(long consumed, long counted, long duplicates, long quarantined) {
        this(consumed, counted, duplicates, quarantined, 0);
    }

    /** Of a log in which no event corrects another. */
    public Tallies(long consumed, long counted, long duplicates, long quarantined, long filteredOut) {
        this(consumed, counted, duplicates, quarantined, filteredOut, 0);
    }

    /** Consumed records of which nothing else is known: zero, or something was lost or doubled. */
    public long unexplained() {
        return consumed - counted - duplicates - quarantined - filteredOut - amendments;
    }
}
