package io.hourledger.aggregator.quarantine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Partitioner;
import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Decision;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Kind;
import io.hourledger.aggregator.quarantine.UsageLogWriter.Resent;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.contracts.usage.UsageEventReader;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Appends an event in quarantine to the log again, on the partition of its subject. It is counted by the usual rules, and never by hand, so
 * however often it is sent it counts once. What could not count anyway is refused by name.
 */
public final class ResendQuarantined {

    private static final String NEVER =
            "Write it off; if the buyer has to pay for it, finance charges it by hand in the marketplace";

    private final QuarantineStore store;
    private final UsageEventReader reader;
    private final UsageLogWriter writer;
    private final Log log;

    /**
     * What decides whether an event can count.
     *
     * @param acceptsFrom for each partition the first hour that still accepts events, if any hour has ended
     * @param acceptedAhead so far ahead of its record an event may lie
     */
    public record Log(int partitions, IntFunction<Optional<UsageHour>> acceptsFrom, Duration acceptedAhead) {}

    public ResendQuarantined(QuarantineStore store, UsageEventReader reader, UsageLogWriter writer, Log log) {
        this.store = store;
        this.reader = reader;
        this.writer = writer;
        this.log = log;
    }

    /** What would become of a record, or what became of it. */
    public sealed interface Outcome {

        /** It can be sent, to this partition. */
        @SuppressWarnings("ArrayRecordComponent") // compared by nobody
        record Sendable(int partition, String subject, byte[] value) implements Outcome {}

        /** It lies in the log again. */
        record Sent(LogPlace place) implements Outcome {}

        /** Somebody decided before. */
        record Decided(Decision decision) implements Outcome {}

        /**
         * It would not count.
         *
         * @param sentence why, and what else can be done
         */
        record Refused(String sentence) implements Outcome {}
    }

    /**
     * Says what would happen, and changes nothing.
     *
     * @param mended the event with what was wrong put right; null to send it as it came
     */
    public Outcome plan(QuarantineEntry entry, byte @Nullable [] mended, Instant now) {
        if (entry.decision() != null && !entry.decision().isUnfinished()) {
            return new Outcome.Decided(entry.decision());
        }
        if (entry.known().isEmpty()) {
            return new Outcome.Refused(
                    "a newer version has put it in quarantine, and this one does not know the reason " + entry.reason()
                            + ". Use that version's commands");
        }
        byte[] value = mended == null ? entry.value() : mended;
        if (value == null) {
            return new Outcome.Refused("the record has no value. Write it off");
        }
        return switch (reader.read(value, 0, value.length)) {
            case ReadUsage.Malformed malformed ->
                new Outcome.Refused("it is no usage event (" + malformed.detail()
                        + "). Mend it and give it as --event FILE, or write it off");
            case ReadUsage.FilteredOut(UsageEvent _, String detail) ->
                new Outcome.Refused("no meter would read it (" + detail
                        + "). Mend its data and give it as --event FILE, or write it off");
            case ReadUsage.Amends _ ->
                new Outcome.Refused(
                        "it corrects another event. Amend or void that event again if its hour still accepts usage, or write it off");
            case ReadUsage.Countable(UsageEvent event) -> plan(entry, mended, value, event, now);
        };
    }

    private Outcome plan(QuarantineEntry entry, byte @Nullable [] mended, byte[] value, UsageEvent event, Instant now) {
        boolean isConflict = entry.known().orElseThrow() == QuarantineReason.CONFLICT;
        boolean isOther = mended != null && EventNames.of(mended).areOtherThan(entry.names());
        if (isConflict && !isOther) {
            return new Outcome.Refused(
                    "an event with the same subject, source and id has counted, so it would be a conflict again. If it"
                            + " is another event, give it as --event FILE with an id of its own. If not, write it off");
        }
        if (!isConflict && isOther) {
            return new Outcome.Refused(
                    "the mended event has another source or id, so it is another event, and could count"
                            + " beside this one. Keep both as they were");
        }
        if (event.time().isAfter(now.plus(log.acceptedAhead))) {
            return new Outcome.Refused(
                    "its time " + event.time() + " has not come yet, and it is " + now + ". Resend it then");
        }
        byte[] subject = event.subject().getBytes(UTF_8);
        int partition = Partitioner.partitionOf(subject, 0, subject.length, log.partitions);
        Optional<UsageHour> accepts = log.acceptsFrom.apply(partition);
        if (accepts.isPresent() && event.hour().compareTo(accepts.get()) < 0) {
            return new Outcome.Refused(
                    "hour " + event.hour() + " accepts no more events; it is closed for good. " + NEVER);
        }
        return new Outcome.Sendable(partition, event.subject(), value);
    }

    /**
     * Sends it, if it can count. The decision is stored first: a crash in between leaves it unfinished, and it can be sent again.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if it may or may not have been sent
     */
    public Outcome send(QuarantineEntry entry, byte @Nullable [] mended, DecidedBy by, Instant now) {
        Outcome planned = plan(entry, mended, now);
        if (!(planned instanceof Outcome.Sendable(int partition, String subject, byte[] value))) {
            return planned;
        }
        if (!store.decide(entry.place(), new Decision(Kind.RESENT, now, by, null))) {
            return store.of(entry.place())
                    .map(QuarantineEntry::decision)
                    .<Outcome>map(Outcome.Decided::new)
                    .orElseGet(() -> new Outcome.Refused("it is no longer in quarantine"));
        }
        LogPlace place = writer.append(new Resent(partition, subject.getBytes(UTF_8), value, now, entry.place(), by));
        store.sent(entry.place(), place);
        return new Outcome.Sent(place);
    }
}
