package io.hourledger.aggregator.hour;

/** Adds up what becomes of the records of one partition. Belongs to one thread. */
final class RunningTallies {

    private long consumed;
    private long counted;
    private long duplicates;
    private long quarantined;
    private long filteredOut;
    private long amendments;

    void beginWith(Tallies tallies) {
        consumed = tallies.consumed();
        counted = tallies.counted();
        duplicates = tallies.duplicates();
        quarantined = tallies.quarantined();
        filteredOut = tallies.filteredOut();
        amendments = tallies.amendments();
    }

    void addConsumed() {
        consumed++;
    }

    void addCounted() {
        counted++;
    }

    void addDuplicate() {
        duplicates++;
    }

    void addQuarantined() {
        quarantined++;
    }

    void addFilteredOut() {
        filteredOut++;
    }

    void addAmendment() {
        amendments++;
    }

    long counted() {
        return counted;
    }

    Tallies soFar() {
        return new Tallies(consumed, counted, duplicates, quarantined, filteredOut, amendments);
    }
}
