package io.hourledger.cli.quarantine;

/** Says in words why an event is in quarantine, and what can be done about it. */
final class ReasonWords {

    private ReasonWords() {}

    static String meaning(String reason) {
        return switch (reason) {
            case "malformed" -> "its bytes are not a usage event that a meter of the catalogue reads";
            case "wrong-partition" -> "it lies on another partition than the one of its subject";
            case "key-mismatch" -> "its record has another key than its subject";
            case "too-far-ahead" -> "its time lies further ahead than clocks can differ";
            case "too-old" -> "its time is longer ago than events are accepted";
            case "late" -> "it came when its hour accepted no more events";
            case "conflict" ->
                "an event with the same subject, source and id, but with other content, was counted before";
            default -> "it was not counted: " + reason;
        };
    }

    static String remedy(String reason) {
        return switch (reason) {
            case "malformed" ->
                "mend it and resend it with --event FILE; resend it as it is if the catalogue has its meter by now; or"
                        + " write it off";
            case "wrong-partition", "key-mismatch" -> "resend it: it goes to the right partition, under the right key";
            case "too-far-ahead" -> "resend it when its time has come, or write it off if its clock was wrong";
            case "too-old", "late" ->
                "its hour is closed for good, so it cannot be resent: write it off, or charge it by hand in the"
                        + " marketplace";
            case "conflict" ->
                "if it is another event, resend it with --event FILE and an id of its own; if it is the same, write it"
                        + " off";
            default -> "resend it when its cause has gone, or write it off";
        };
    }
}
