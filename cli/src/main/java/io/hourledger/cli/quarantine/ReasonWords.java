package io.hourledger.cli.quarantine;

import io.hourledger.aggregator.hour.QuarantineReason;

/** Says in words why an event is in quarantine, and what can be done about it. */
final class ReasonWords {

    /** Of a reason that only a newer version has. */
    static final String NEWER = "a newer version has put it in quarantine, and this one does not know why";

    private ReasonWords() {}

    static String meaning(QuarantineReason reason) {
        return switch (reason) {
            case MALFORMED -> "its bytes are not a usage event that a meter of the catalogue reads";
            case WRONG_PARTITION -> "it lies on another partition than the one of its subject";
            case KEY_MISMATCH -> "its record has another key than its subject";
            case TOO_FAR_AHEAD -> "its time lies further ahead than clocks can differ";
            case TOO_OLD -> "its time is longer ago than events are accepted";
            case AMENDMENT_TOO_LATE -> "it amends or voids an event whose hour accepts no more events";
            case LATE -> "it came when its hour accepted no more events";
            case TOO_MANY_VALUES -> "it has one value more than its meter counts of one instance and hour";
            case FORBIDDEN -> "its key is bound to products, and its instance is of none of them, or was not open yet";
            case CONFLICT ->
                "an event with the same subject, source and id, but with other content, was counted before";
        };
    }

    static String remedy(QuarantineReason reason) {
        return switch (reason) {
            case MALFORMED ->
                "mend it and resend it with --event FILE; resend it as it is if the catalogue has its meter by now; or"
                        + " write it off";
            case WRONG_PARTITION, KEY_MISMATCH -> "resend it: it goes to the right partition, under the right key";
            case TOO_FAR_AHEAD -> "resend it when its time has come, or write it off if its clock was wrong";
            case TOO_OLD, LATE ->
                "its hour is closed for good, so it cannot be resent: write it off, or charge it by hand in the"
                        + " marketplace";
            case AMENDMENT_TOO_LATE ->
                "its hour is closed for good: decide about the usage record (./metering ledger decide), then write it"
                        + " off";
            case TOO_MANY_VALUES ->
                "resend it while its hour accepts late usage: the hour's next revision has room of its own; or write it"
                        + " off. A later version of the catalogue may have more mostValues";
            case FORBIDDEN ->
                "if it is rightful, resend it: whoever does so vouches for it, and it is not checked again; or write it"
                        + " off, and mend the key or the app";
            case CONFLICT ->
                "if it is another event, resend it with --event FILE and an id of its own; if it is the same, write it"
                        + " off";
        };
    }
}
