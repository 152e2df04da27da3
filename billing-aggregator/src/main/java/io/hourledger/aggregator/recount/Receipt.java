package io.hourledger.aggregator.recount;

import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.statement.HourOutcome;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What became of an event that ingest gave a receipt for. */
public sealed interface Receipt {

    /**
     * It lies in the log and waits to be read.
     *
     * @param nextOffset the first offset of its partition that is not accounted for yet
     */
    record NotReadYet(long nextOffset) implements Receipt {}

    /** It counted in this hour. */
    record Counted(UsedHour hour) implements Receipt {}

    /**
     * It repeats an event that counted before, and changed nothing.
     *
     * @param firstOffset where that one lies, in the same partition
     * @param hour in which that one counted
     */
    record Duplicate(long firstOffset, UsedHour hour) implements Receipt {}

    /**
     * It was not counted, and is kept whole.
     *
     * @param reason a code, such as {@code conflict}
     * @param detail a sentence for a person
     * @param recordedAt the business time of receipt
     */
    record QuarantinedRecord(String reason, String detail, Instant recordedAt) implements Receipt {}

    /**
     * No meter reads it by its filter, so it was not counted. The log alone keeps it.
     *
     * @param detail a sentence on what the meters read
     */
    record FilteredOut(String detail) implements Receipt {}

    /**
     * It is no usage and corrects another event, or repeats such a one.
     *
     * @param amendment as it was counted first
     * @param hasEvent false if no event of that name has counted yet: until one does, it changes nothing
     */
    record Corrects(AppliedAmendment amendment, boolean hasEvent) implements Receipt {}

    /**
     * An amendment of an event.
     *
     * @param offset where it lies, in the partition of its event
     * @param recordedAt the business time of receipt
     * @param revision of the event's hour from which on it holds
     * @param kind amended or voided
     * @param id its own
     * @param eventId of the event that it corrects
     * @param decidedBy who
     */
    record AppliedAmendment(
            long offset,
            Instant recordedAt,
            int revision,
            String kind,
            String id,
            String eventId,
            String decidedBy,
            String why) {}

    /**
     * A person let the partition go on behind it, so it was never counted.
     *
     * @param decidedBy who
     */
    record Skipped(String decidedBy, String why) implements Receipt {}

    /** No event lies there: a marker of a transaction. */
    record NoEvent() implements Receipt {}

    /**
     * Kafka no longer keeps what lay there, so nobody can say.
     *
     * @param detail a sentence for a person
     */
    record LogGone(String detail) implements Receipt {}

    /**
     * It is accounted for, but this version cannot say how.
     *
     * @param detail a sentence for a person
     */
    record Unclear(String detail) implements Receipt {}

    /**
     * The hour of an instance that an event counted in.
     *
     * @param revision of the hour: 0 if the event came before the hour's cutoff
     * @param detail why the ledger refused the hour, or who has written it off; null if neither is so
     * @param outcome what became of it in the ledger; null while it is not metered
     * @param amendments of the event, in the order of the log: the last one holds
     */
    record UsedHour(
            String instance,
            UsageHour hour,
            int revision,
            String meter,
            Status status,
            @Nullable String detail,
            HourOutcome.@Nullable Metered outcome,
            List<AppliedAmendment> amendments) {

        /** When it becomes part of the bill, but for the grace: at the end of this hour or, for what came late, of a later one. */
        public Instant endsAt() {
            return UsageHour.ofNumber(hour.number() + revision).end();
        }

        /** How far the hour is. */
        public enum Status {
            /** Not entered in the ledger yet. */
            OPEN,
            /** Over, and its instance is not known to the ledger yet. */
            UNMATCHED,
            /** Over, and it or an earlier hour of its instance fails whenever it is entered in the ledger. */
            BLOCKED,
            /** A rule of the ledger does not let it in, or the meter of its product does not read it; a person decides. */
            REFUSED,
            /** Over, and free: only a filter without a product takes the event. */
            DROPPED,
            /** In the ledger. */
            METERED;

            /** As pages show it. */
            public String word() {
                return name().toLowerCase(Locale.ROOT);
            }
        }
    }
}
