package io.hourledger.ingest.accept;

/** Who takes usage events, and who those that correct others. */
record Intakes(UsageIntake usage, UsageIntake amendments) {

    UsageIntake of(UsageEventsServlet.Sent sent) {
        return sent.corrects() ? amendments : usage;
    }
}
