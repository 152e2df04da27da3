package io.hourledger.aggregator.recount;

/** What is known of who has sent the record at a place of the usage log. */
public sealed interface RecordSender {

    /** As the record says. */
    record Known(RecordOrigin origin) implements RecordSender {}

    /** No record lies there. */
    record Nobody() implements RecordSender {}

    /** The log no longer keeps what lay there. */
    record LogGone() implements RecordSender {}
}
