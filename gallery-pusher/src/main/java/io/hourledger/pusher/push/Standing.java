package io.hourledger.pusher.push;

/**
 * How the calls before this one went.
 *
 * @param acceptedSinceTrouble whether a call was accepted since the last answer that was unclear or not allowed: then the way and the key
 *     are good, and the fault lies in what was sent
 * @param loneInARow how many records in a row were not allowed although each was alone in its call
 */
record Standing(boolean acceptedSinceTrouble, int loneInARow) {

    static final Standing GOOD = new Standing(true, 0);

    Standing afterAccepted() {
        return GOOD;
    }

    Standing afterTrouble() {
        return new Standing(false, loneInARow);
    }

    Standing afterLoneNotAllowed() {
        return new Standing(false, loneInARow + 1);
    }
}
