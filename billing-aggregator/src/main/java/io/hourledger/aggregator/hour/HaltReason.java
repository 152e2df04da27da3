package io.hourledger.aggregator.hour;

import java.util.Optional;
import java.util.stream.Stream;

/** Names why a partition cannot go on. The stable {@link #code()} is what rows and commands show. */
public enum HaltReason {
    LOG_BEGINS_LATER(
            "log-begins-later",
            "bring the topic's data back with its offsets, or restore a newer backup. If neither can be done, go on"
                    + " behind what is lost: resume with --to log-start"),
    LOST_OFFSET(
            "lost-offset",
            "resume: the partition goes on, or says what the log has lost. Behind what is lost it goes on with --to"
                    + " log-start"),
    LOG_ENDS_EARLIER(
            "log-ends-earlier",
            "stop ingest first, since new records take the lost offsets. Bring the topic's data back from a replica"
                    + " that has it, then resume"),
    RECORD_REFUSED(
            "record-refused",
            "the words of PostgreSQL name a constraint, trigger or right: take it back, then resume. If the record"
                    + " itself is at fault, report a bug, and go on behind it: resume with --to and the offset after it"),
    UNREADABLE_RECORD(
            "unreadable-record",
            "let Kafka bring the record back from a replica that has it whole, then resume. If none has, go on behind it: resume with --to and"
                    + " the offset after the last that cannot be read"),
    OTHER_LOG("other-log", "bring the topic back with its offsets, or give the new topic a database of its own"),
    REPEATED_FAILURE(
            "repeated-failure",
            "give more heap if memory was short, or mend what the log's stack trace names, then resume"),
    OTHER_METERS(
            "other-meters",
            "start the newer release, which can read the published catalogue; a start tries again by itself"),
    CLOSED_ELSEWHERE(
            "closed-elsewhere",
            "restore the backup again, and start no aggregator without the journal (docs/restore.md)"),
    JOURNAL_LOST(
            "journal-lost",
            "look whether this database knew the dropped cutoffs, then name another topic (docs/restore.md)"),
    SUPERSEDED(
            "superseded",
            "stop the services on this database; if it is the one to go on, ./metering ledger incarnation draw"
                    + " (docs/restore.md)"),
    HALF_CLEARED(
            "half-cleared", "delete the rows of this partition that docs/ledger.md names, all of them, then resume"),
    DAMAGED_IDS("damaged-ids", "restore the database from a backup, and report a bug with the sentence"),
    DAMAGED_CUTOFFS(
            "damaged-cutoffs", "resume once; if it stays, restore the database from a backup, and report a bug"),
    UNKNOWN_PARTITION("unknown-partition", "the topic was enlarged; give it a database of its own, and do not restart");

    private final String code;
    private final String mending;

    HaltReason(String code, String mending) {
        this.code = code;
        this.mending = mending;
    }

    public String code() {
        return code;
    }

    /** What a person does about it, as a sentence without its end. */
    public String mending() {
        return mending;
    }

    /** Whether what keeps the partition from going on are records, so that it could go on behind them. */
    public boolean liesInRecords() {
        return this == LOG_BEGINS_LATER || this == LOST_OFFSET || this == RECORD_REFUSED || this == UNREADABLE_RECORD;
    }

    /** The reason with this code. Empty if this version has none, as for a row that a newer one has written. */
    public static Optional<HaltReason> ofCode(String code) {
        return Stream.of(values()).filter(reason -> reason.code.equals(code)).findFirst();
    }
}
