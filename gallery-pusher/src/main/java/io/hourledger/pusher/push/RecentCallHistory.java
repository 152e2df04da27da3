package io.hourledger.pusher.push;

/**
 * How the calls before this one went.
 *
 * @param acceptedSinceTrouble whether a call was accepted since the last answer that was unclear or not allowed: then the way and the key
 *     are good, and the fault lies in what was sent
 * @param loneInARow how many records in a row were not allowed although each was alone in its call
 * @param failedAlone how often the one record of this call failed alone, others having been accepted in between; 0 if there were several
 *     records, or if it did not fail
 * @param refusedInARow how many calls were refused as a whole since the last one that was accepted
 */
record RecentCallHistory(boolean acceptedSinceTrouble, int loneInARow, int failedAlone, int refusedInARow) {

    /** So many refused calls with none accepted between them may be the marketplace's fault, and not that of single records. */
    private static final int MAY_BE_ITS_FAULT = 10;

    static final RecentCallHistory GOOD = new RecentCallHistory(true, 0, 0, 0);

    RecentCallHistory afterAccepted() {
        return GOOD;
    }

    RecentCallHistory afterTrouble() {
        return new RecentCallHistory(false, loneInARow, 0, refusedInARow);
    }

    RecentCallHistory afterLoneNotAllowed() {
        return new RecentCallHistory(false, loneInARow + 1, 0, refusedInARow);
    }

    RecentCallHistory withFailedAlone(int times) {
        return new RecentCallHistory(acceptedSinceTrouble, loneInARow, times, refusedInARow);
    }

    RecentCallHistory afterRefused() {
        return new RecentCallHistory(acceptedSinceTrouble, loneInARow, failedAlone, refusedInARow + 1);
    }

    /** Whether so many calls were refused, and none accepted between them, that all may be refused whatever they carry. */
    boolean refusesAll() {
        return refusedInARow >= MAY_BE_ITS_FAULT;
    }
}
