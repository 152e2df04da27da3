package io.hourledger.pusher.notice;

/** What came of sending a notice once. */
sealed interface DeliveryOutcome {

    /** The endpoint has it: its status was 200 to 299. */
    record Delivered() implements DeliveryOutcome {}

    /** The endpoint answers, and does not take this notice. */
    record NotTaken(String why) implements DeliveryOutcome {}

    /** The endpoint does not answer, is overloaded, fails, or points elsewhere: it would not take another notice either. */
    record EndpointFails(String why) implements DeliveryOutcome {}
}
