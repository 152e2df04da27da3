package io.hourledger.pusher.push;

/**
 * How the calls before this one went.
 *
 * @param acceptedSinceTrouble whether a call was accepted since the last answer that was unclear or not allowed: then the way and the key
 *     are good, and the fault lies in what was sent
 * @param loneInARow how many records in a row were not allowed although each was alone in its call
 * @param failedAlone how often the one record of this call failed alone, others having been accepted in between; 0 if there were several
 *     records, or if it did not fail
 * @param acceptedLately whether any call was accepted not long ago, or this process has only begun
 */
record RecentCallHistory(boolean acceptedSinceTrouble, int loneInARow, int failedAlone, boolean acceptedLately) {

    static final RecentCallHistory GOOD = new RecentCallHistory(true, 0, 0, true);

    RecentCallHistory afterAccepted() {
        return GOOD;
    }

    RecentCallHistory afterTrouble() {
        return new RecentCallHistory(false, loneInARow, 0, acceptedLately);
    }

    RecentCallHistory afterLoneNotAllowed() {
        return new RecentCallHistory(false, loneInARow + 1, 0, acceptedLately);
    }

    RecentCallHistory withFailedAlone(int times) {
        return new RecentCallHistory(acceptedSinceTrouble, loneInARow, times, acceptedLately);
    }

    RecentCallHistory withAcceptedLately(boolean lately) {
        return new RecentCallHistory(acceptedSinceTrouble, loneInARow, failedAlone, lately);
    }
}
