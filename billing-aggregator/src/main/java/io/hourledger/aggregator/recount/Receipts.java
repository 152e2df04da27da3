package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Partitioner;
import io.hourledger.aggregator.recount.CountedPlaces.StoredBucket;
import io.hourledger.aggregator.recount.EventSearch.Named;
import io.hourledger.aggregator.recount.EventSearch.Sought;
import io.hourledger.aggregator.recount.Receipt.Counted;
import io.hourledger.aggregator.recount.Receipt.Duplicate;
import io.hourledger.aggregator.recount.Receipt.LogGone;
import io.hourledger.aggregator.recount.Receipt.NoEvent;
import io.hourledger.aggregator.recount.Receipt.NotReadYet;
import io.hourledger.aggregator.recount.Receipt.QuarantinedRecord;
import io.hourledger.aggregator.recount.Receipt.Unclear;
import io.hourledger.aggregator.recount.Receipt.UsedHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.ReadUsage.Amends;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.FilteredOut;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.statement.HourOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * Says what became of an event by the receipt that ingest gave for it: partition and offset. Any number of threads may ask; each question reads
 * the log with a consumer of its own.
 *
 * <p>An event before the kept position that was not set aside counted, or repeats one that did, or was filtered out. The last its own bytes
 * say: if it repeated one that counted it would be a conflict. A repeat has the content of the first, so the same time and the same hour; so
 * the first lies in the stretch of its bucket, before the repeat, and was not set aside. Outside that stretch nothing counted.
 */
public final class Receipts {

    private final HourRecount.Log log;
    private final Supplier<CatalogueVersions> versions;
    private final CountedPlaces places;
    private final RecordedCutoffs recorded;
    private final RecordedAmendments amendments;
    private final HourOutcome ledger;

    public Receipts(HourRecount.Log log, Supplier<CatalogueVersions> versions, DataSource database) {
        this.log = log;
        this.versions = versions;
        this.places = new CountedPlaces(database);
        this.recorded = new RecordedCutoffs(database);
        this.amendments = new RecordedAmendments(database);
        this.ledger = new HourOutcome(database);
    }

    /**
     * What became of the record at this place.
     *
     * @return empty if nothing was ever read of such a partition
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Optional<Receipt> of(int partition, long offset) {
        return places.nextOffset(partition)
                .map(next -> offset >= next ? new NotReadYet(next) : before(partition, offset));
    }

    /**
     * Where an event of the same subject, source and id counted in the same hour, whatever its content.
     *
     * @param partition of its subject
     * @return nothing that counted, too, if the bytes are no event
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Search countedOffset(int partition, byte[] event) {
        EventReader reader = EventReader.of(versions.get());
        ReadUsage unread = reader.read(event, 0, event.length);
        if (unread != null && !(unread instanceof FilteredOut)) {
            return new Search.NothingCounted();
        }
        Named wanted = Named.of(reader.view());
        String type = unread instanceof FilteredOut(UsageEvent out, String _)
                ? out.type()
                : reader.meters().meter(reader.view().meter()).eventType();
        return countedOffset(partition, wanted, versions.get().of(wanted.hour()).metersOfEventType(type));
    }

    /**
     * Where the event counted that an amendment corrects. It may come yet while its hour accepts usage.
     *
     * @param partition of its subject
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Search eventOf(int partition, UsageAmendment amendment) {
        return countedOffset(
                partition,
                new Named(
                        amendment.subject(),
                        amendment.source(),
                        amendment.change().eventId(),
                        amendment.hour()),
                versions.get()
                        .of(amendment.hour())
                        .metersOfEventType(amendment.change().eventType()));
    }

    /** Other content may be read by other meters, so all that may have counted it are asked. */
    private Search countedOffset(int partition, Named wanted, Collection<Meter> meters) {
        List<StoredBucket> buckets = meters.stream()
                .flatMap(meter -> places.buckets(partition, wanted.hour(), wanted.subject(), meter.name()).stream())
                .toList();
        if (buckets.isEmpty()) {
            return places.areBucketsDropped(partition, wanted.hour())
                    ? new Search.LogGone(bucketsDropped(wanted.hour()))
                    : new Search.NothingCounted();
        }
        long from = buckets.stream().mapToLong(StoredBucket::firstOffset).min().orElseThrow();
        long to = buckets.stream().mapToLong(StoredBucket::lastOffset).max().orElseThrow() + 1;
        try (UsageLogReader usageLog = countedLog()) {
            Long first = searching(partition, recorded.of(partition)).first(usageLog, from, to, wanted, Sought.READ);
            return first == null ? new Search.NothingCounted() : new Search.Found(partition, first);
        } catch (LogGoneException gone) {
            return new Search.LogGone(Objects.requireNonNull(gone.getMessage()));
        }
    }

    private EventSearch searching(int partition, RecordedCutoffs.OfPartition cutoffs) {
        return new EventSearch(versions.get(), places, cutoffs, partition);
    }

    private UsageLogReader countedLog() {
        UsageLogReader.mustBeTheCounted(recorded.topicId(), log.clientSettings(), log.topic());
        return UsageLogReader.open(log.clientSettings(), log.topic());
    }

    /**
     * Where the event that counted under this name lies, or else one that was filtered out while its hour accepted usage. Only the hour of its
     * time is looked at.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Search placeOf(EventName name, CountingRules rules) {
        if (!name.canCount()) {
            return new Search.NothingCounted();
        }
        byte[] subject = name.subject().getBytes(UTF_8);
        int partition = Partitioner.partitionOf(subject, 0, subject.length, rules.partitions());
        Named wanted = new Named(name.subject(), name.source(), name.id(), UsageHour.of(name.time()));
        Catalogue catalogue = versions.get().of(wanted.hour());
        return catalogue.meters().stream()
                .map(Meter::eventType)
                .distinct()
                .map(type -> countedOffset(partition, wanted, catalogue.metersOfEventType(type)))
                .filter(search -> !(search instanceof Search.NothingCounted))
                .findFirst()
                .orElseGet(() -> catalogue.filteredTypes().isEmpty()
                        ? new Search.NothingCounted()
                        : filteredOut(partition, wanted, name.time().minus(rules.acceptedAhead())));
    }

    /**
     * No bucket says where it lies, so the log is read.
     *
     * @param since no record of the event has an earlier timestamp, or it lies too far ahead of that
     */
    private Search filteredOut(int partition, Named wanted, Instant since) {
        RecordedCutoffs.OfPartition cutoffs = recorded.of(partition);
        long position = places.nextOffset(partition).orElse(0L);
        long to = Math.min(position, cutoffs.acceptsUntil(wanted.hour()).orElse(position));
        try (UsageLogReader usageLog = countedLog()) {
            long from = usageLog.firstSince(partition, since);
            Long first = searching(partition, cutoffs).first(usageLog, from, to, wanted, Sought.FILTERED_OUT);
            if (first != null) {
                return new Search.Found(partition, first);
            }
            return SafeStart.holdsAllSince(usageLog, partition, since)
                    ? new Search.NothingCounted()
                    : new Search.LogGone(
                            "no event counted under this name; if one was filtered out, the log no longer keeps it");
        } catch (LogGoneException gone) {
            return new Search.LogGone(Objects.requireNonNull(gone.getMessage()));
        }
    }

    /** By what a sender knows an event. */
    public record EventName(String subject, String source, String id, Instant time) {

        private static final Instant END_OF_TIME = Instant.parse("+10000-01-01T00:00:00Z");

        /** Whether an event may have it; the database could not even be asked for some of the others. */
        boolean canCount() {
            return Stream.of(subject, source, id).flatMapToInt(String::chars).noneMatch(Character::isISOControl)
                    && !time.isBefore(Instant.EPOCH)
                    && time.isBefore(END_OF_TIME);
        }
    }

    /** What a search for an event has come to. */
    public sealed interface Search {

        /** Where it lies. */
        record Found(int partition, long offset) implements Search {}

        /** No such event counted, or none yet, and none that was filtered out was found. */
        record NothingCounted() implements Search {}

        /**
         * Kafka no longer keeps what has to be looked through, so nobody can say.
         *
         * @param detail a sentence for a person
         */
        record LogGone(String detail) implements Search {}
    }

    private Receipt before(int partition, long offset) {
        Optional<QuarantinedRecord> quarantined = places.quarantined(partition, offset);
        if (quarantined.isPresent()) {
            return quarantined.get();
        }
        Optional<Receipt.Skipped> skipped = places.skipped(partition, offset);
        if (skipped.isPresent()) {
            return skipped.get();
        }
        if (places.mayHaveBeenQuarantined(partition, offset)) {
            return new LogGone("records of quarantine that lay up to here are no longer kept, so nobody can say"
                    + " whether this was one of them");
        }
        try (UsageLogReader usageLog = countedLog()) {
            return inLog(usageLog, partition, offset);
        } catch (LogGoneException gone) {
            return new LogGone(Objects.requireNonNull(gone.getMessage()));
        }
    }

    private static String bucketsDropped(UsageHour hour) {
        return "hour " + hour + " is closed for good, and its buckets are no longer kept";
    }

    private Receipt inLog(UsageLogReader usageLog, int partition, long offset) {
        List<LogRecord> records = new ArrayList<>();
        usageLog.read(partition, offset, offset + 1, records::add);
        if (records.isEmpty()) {
            return new NoEvent();
        }
        EventReader reader = EventReader.of(versions.get());
        return switch (EventSearch.read(reader, records.getFirst())) {
            case null -> ofRead(usageLog, partition, offset, reader);
            case FilteredOut(UsageEvent _, String detail) -> new Receipt.FilteredOut(detail);
            case Amends(UsageAmendment amendment) ->
                amendments
                        .named(partition, Named.of(reader.view()))
                        .<Receipt>map(applied -> new Receipt.Corrects(
                                applied, !(eventOf(partition, amendment) instanceof Search.NothingCounted)))
                        .orElseGet(() ->
                                new Unclear("it corrects an event, and its hour's amendments are no longer kept"));
            case Malformed malformed ->
                new Unclear(
                        "it was counted or a repeat, and the catalogue cannot read it any more: " + malformed.detail());
            case Countable _ -> throw new IllegalStateException("the reader shows what can be counted");
        };
    }

    /** Of an event that meters read: it counted, or repeats one that did. */
    private Receipt ofRead(UsageLogReader usageLog, int partition, long offset, EventReader reader) {
        Named wanted = Named.of(reader.view());
        MeterBuckets counting = counting(partition, wanted, reader);
        String meter = counting.meter;
        List<StoredBucket> buckets = counting.buckets;
        if (buckets.isEmpty() && places.areBucketsDropped(partition, wanted.hour())) {
            return new LogGone(bucketsDropped(wanted.hour()));
        }
        if (buckets.isEmpty()) {
            return new Unclear("there is no bucket of " + wanted.subject() + " in hour " + wanted.hour()
                    + " with meter " + meter + "; was it counted with another catalogue?");
        }
        RecordedCutoffs.OfPartition cutoffs = recorded.of(partition);
        long from = buckets.getFirst().firstOffset();
        long to = buckets.getLast().lastOffset() + 1;
        Long first = searching(partition, cutoffs).first(usageLog, from, Math.min(offset, to), wanted, Sought.READ);
        long counted = first == null ? offset : first;
        int revision = cutoffs.revisionAt(counted, wanted.hour());
        // without cutoffs, what lies in a bucket's stretch of the log tells: revisions follow one another there
        boolean hasCutoffs = recorded.closedForGood(partition, wanted.hour()).isEmpty();
        Optional<StoredBucket> stored = buckets.stream()
                .filter(bucket -> (!hasCutoffs || bucket.revision() == revision)
                        && bucket.firstOffset() <= counted
                        && counted <= bucket.lastOffset())
                .findFirst();
        if (stored.isEmpty()) {
            return new Unclear(
                    "what counted of " + wanted.subject() + " in hour " + wanted.hour() + " lies between offset "
                            + from + " and " + (to - 1)
                            + ", and nothing there is what this one repeats; was it counted with another catalogue?");
        }
        UsedHour hour = usedHour(partition, wanted, meter, stored.get());
        return first == null ? new Counted(hour) : new Duplicate(first, hour);
    }

    private record MeterBuckets(String meter, List<StoredBucket> buckets) {

        /** A refused one may hold what the meter of the product does not read; then that has none. */
        int rank() {
            if (buckets.isEmpty()) {
                return 3;
            }
            if (buckets.stream().anyMatch(StoredBucket::isDropped)) {
                return 2;
            }
            return buckets.stream().anyMatch(StoredBucket::isRefused) ? 1 : 0;
        }
    }

    /** Of the meters that read an event, the first that counts it, as far as the instance is known. */
    private MeterBuckets counting(int partition, Named wanted, EventReader read) {
        List<MeterBuckets> reading = IntStream.of(read.view().meters())
                .mapToObj(number -> read.meters().meter(number).name())
                .map(meter ->
                        new MeterBuckets(meter, places.buckets(partition, wanted.hour(), wanted.subject(), meter)))
                .toList();
        return reading.stream().min(Comparator.comparingInt(MeterBuckets::rank)).orElseThrow();
    }

    private UsedHour usedHour(int partition, Named event, String meter, StoredBucket bucket) {
        List<Receipt.AppliedAmendment> applied = amendments.of(partition, event);
        if (bucket.isRefused() && !bucket.isWrittenOff()) {
            return new UsedHour(
                    event.subject(),
                    event.hour(),
                    bucket.revision(),
                    meter,
                    UsedHour.Status.REFUSED,
                    bucket.detail(),
                    null,
                    applied);
        }
        Optional<HourOutcome.Metered> metered =
                ledger.of(new InstanceId(event.subject()), event.hour(), bucket.revision(), meter);
        return new UsedHour(
                event.subject(),
                event.hour(),
                bucket.revision(),
                meter,
                metered.isPresent() ? UsedHour.Status.METERED : notMetered(bucket),
                metered.isPresent() ? null : bucket.detail(),
                metered.orElse(null),
                applied);
    }

    /** Asked only when the ledger does not have the hour: what it has is metered, though the bucket may not say so yet. */
    private static UsedHour.Status notMetered(StoredBucket bucket) {
        return switch (bucket.state()) {
            case "unmatched" -> UsedHour.Status.UNMATCHED;
            case "blocked" -> UsedHour.Status.BLOCKED;
            case "dropped" -> UsedHour.Status.DROPPED;
            case "written-off" -> UsedHour.Status.REFUSED;
            default -> UsedHour.Status.OPEN;
        };
    }
}
