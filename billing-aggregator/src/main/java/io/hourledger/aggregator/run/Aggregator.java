package io.hourledger.aggregator.run;

import io.hourledger.aggregator.closing.CloseHourWhenOver;
import io.hourledger.aggregator.closing.ClosingLoop;
import io.hourledger.aggregator.closing.ClosingStore.Blocked;
import io.hourledger.aggregator.closing.HourLedger;
import io.hourledger.aggregator.consumer.ConsumerGroup;
import io.hourledger.aggregator.consumer.ConsumerSettings;
import io.hourledger.aggregator.consumer.PartitionListener;
import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.hour.QuarantinedRecord;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.journal.KafkaCutoffJournal;
import io.hourledger.aggregator.lag.KafkaUsageLogEnds;
import io.hourledger.aggregator.lag.LagMonitor;
import io.hourledger.aggregator.lag.LagReport;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.postgres.PostgresCheckpointStore;
import io.hourledger.aggregator.postgres.PostgresClosingStore;
import io.hourledger.aggregator.postgres.PostgresHaltStore;
import io.hourledger.aggregator.postgres.PostgresLogIdentity;
import io.hourledger.aggregator.postgres.PostgresLogIdentity.LogIdentity;
import io.hourledger.aggregator.postgres.PostgresProductDecisions;
import io.hourledger.aggregator.postgres.PostgresStoredPositions;
import io.hourledger.aggregator.recount.AmendedHourRecount;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.time.BusinessTime;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.installation.Installation;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running aggregator: joins the group, counts the partitions it is given, closes their hours. The database must have the schemas of
 * aggregator and ledger. The web server is not part of it.
 */
public final class Aggregator implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Aggregator.class);

    private static final Duration TELL_INGEST = Duration.ofSeconds(5);

    private final PartitionBoard board = new PartitionBoard();
    private final Installation installation;
    private final ConsumerGroup group;
    private final ClosingLoop closing;
    private final @Nullable KafkaCutoffJournal cutoffs;
    private final LagMonitor lag;
    private final List<PeriodicTask> tasks = new ArrayList<>();
    private final ToldToIngest toldToIngest;
    private final IncarnationWatch incarnation;

    private Aggregator(Parts parts, BiConsumer<PartitionOwnership, Checkpoint> alsoTold) {
        AggregatorSettings settings = parts.settings;
        IdKey key = IdKey.fromHex(String.valueOf(settings.idKey()));
        ConsumerSettings reading = new ConsumerSettings(
                parts.kafka.topic(),
                settings.grace(),
                settings.checkpointInterval(),
                settings.hoursInMemory(),
                settings.maxPollRecords(),
                settings.retryAfter());
        PostgresCatalogue catalogue = new PostgresCatalogue(parts.database);
        installation = installation(parts);
        String groupName = GroupName.of(settings.groupId(), installation.id());
        group = ConsumerGroup.connect(
                KafkaClients.inGroup(groupName, parts.kafka, settings),
                reading,
                settings.loadingThreads(),
                parts.metrics);
        try {
            String topicId = group.topicId(parts.kafka.partitions(), parts.kafka.startupTimeout());
            claim(
                    parts.database,
                    new LogIdentity(parts.kafka.topic(), topicId, parts.kafka.partitions(), key.fingerprint()));
            claim(catalogue, parts.catalogue);
            installation.look();
            cutoffs = cutoffs(parts, installation, topicId);
        } catch (RuntimeException cannotStart) {
            group.close();
            installation.close();
            throw cannotStart;
        }
        CutoffJournal journal = cutoffs == null ? CutoffJournal.NONE : cutoffs;
        PostgresClosingStore closingStore = new PostgresClosingStore(parts.database);
        TaskFailures failures = new TaskFailures(parts.metrics);
        AmendedHourRecount amended = Recounts.ofAmended(settings, parts.kafka, parts.database);
        tasks.add(new PeriodicTask(
                "amended-hours", settings.closingTick(), failures, () -> amended.countNext(board.ours())));
        closing = new ClosingLoop(
                new CloseHourWhenOver(
                        closingStore, journal, parts.ledger, catalogue, amended, parts.clock, settings.closingBatch()),
                closingStore,
                failures,
                settings.closingThreads(),
                settings.closingTick());
        lag = new LagMonitor(
                new PostgresStoredPositions(parts.database),
                new KafkaUsageLogEnds(KafkaClients.of(parts.kafka, settings), parts.kafka.topic(), groupName),
                parts.clock,
                settings.grace(),
                this::note);
        LagMetrics.register(parts.metrics, lag, parts.clock, parts.kafka.partitions());
        tasks.add(PeriodicTask.startingNow("lag", settings.lagInterval(), failures, lag::look));
        toldToIngest = new ToldToIngest(
                KafkaClients.of(parts.kafka, settings),
                parts.kafka.topic(),
                catalogue,
                parts.database,
                settings.told());
        AggregatorMetrics metrics =
                new AggregatorMetrics(parts.metrics, board, closing, parts.clock, parts.kafka.partitions());
        group.prepare(
                settings.threads(),
                new PostgresCheckpointStore(parts.database, BusinessTime.of(parts.clock), catalogue.get()),
                journal,
                new PostgresHaltStore(parts.database),
                counters(settings, parts.kafka.partitions(), catalogue, key),
                parts.clock,
                new Listener(board, closing, metrics, alsoTold),
                new PostgresProductDecisions(parts.database));
        incarnation = new IncarnationWatch(
                installation,
                cutoffs,
                parts.journal.readsBeside(),
                group,
                new PostgresHaltStore(parts.database),
                parts.kafka.partitions(),
                parts.clock);
        incarnation.measure(parts.metrics);
        tasks.add(PeriodicTask.startingNow("incarnation", Installation.LOOK_EVERY, failures, incarnation::look));
        tasks.add(PeriodicTask.startingNow("told-to-ingest", TELL_INGEST, failures, this::tellIngest));
    }

    /** Ingest hears of one catalogue and of one set of keys only, those of the installation whose log it is. */
    private void tellIngest() {
        if (incarnation.ownsLog()) {
            toldToIngest.tell();
        }
    }

    private static Installation installation(Parts parts) {
        return parts.journal.unsafeWithout()
                ? Installation.withoutJournal(parts.database)
                : Installation.journaled(
                        parts.database,
                        KafkaClients.of(parts.kafka, parts.settings),
                        parts.journal.installationsTopic(),
                        parts.kafka.unsafeTopicAllowed());
    }

    private static @Nullable KafkaCutoffJournal cutoffs(Parts parts, Installation installation, String topicId) {
        if (parts.journal.unsafeWithout()) {
            return null;
        }
        KafkaCutoffJournal journal = KafkaCutoffJournal.connect(
                KafkaClients.of(parts.kafka, parts.settings),
                parts.journal.cutoffsTopic(),
                topicId,
                new IncarnationCutoffWriter(installation, parts.journal.takesOver()),
                parts.kafka.unsafeTopicAllowed());
        journal.requireNamed(parts.journal.readsBeside());
        return journal;
    }

    /**
     * What an aggregator is made of.
     *
     * @param catalogue a file that must agree with the versions that were published; the first start publishes it
     * @param clock business time
     */
    public record Parts(
            AggregatorSettings settings,
            AggregatorKafkaSettings kafka,
            CutoffJournalSettings journal,
            Catalogue catalogue,
            Clock clock,
            DataSource database,
            HourLedger ledger,
            MeterRegistry metrics) {}

    /** As {@link #start(Parts, BiConsumer)}, and nobody else is told. */
    public static Aggregator start(Parts parts) {
        return start(parts, (ownership, checkpoint) -> {});
    }

    /**
     * As {@link #start(Parts)}.
     *
     * @param alsoTold of each checkpoint that was kept, by the thread that reads the partition
     */
    public static Aggregator start(Parts parts, BiConsumer<PartitionOwnership, Checkpoint> alsoTold) {
        return new Aggregator(parts, alsoTold);
    }

    private static void claim(DataSource database, LogIdentity logIdentity) {
        List<String> differences = new PostgresLogIdentity(database).claim(logIdentity);
        if (!differences.isEmpty()) {
            throw new IllegalStateException("this database belongs to another log: " + String.join("; ", differences));
        }
    }

    private static void claim(PostgresCatalogue catalogue, Catalogue file) {
        List<String> refused = catalogue.claim(file);
        if (!refused.isEmpty()) {
            throw new IllegalStateException("hourledger.catalogue: " + String.join("; ", refused));
        }
    }

    private static IntFunction<PartitionState> counters(
            AggregatorSettings settings, int partitions, PostgresCatalogue catalogue, IdKey key) {
        CountingRules rules = settings.countingRules(partitions);
        return partition -> {
            CatalogueVersions versions = versions(catalogue);
            return new PartitionState(
                    partition,
                    rules,
                    settings.parserOnly() ? EventReader.withParserOnly(versions) : EventReader.of(versions),
                    key);
        };
    }

    private static CatalogueVersions versions(PostgresCatalogue catalogue) {
        try {
            return catalogue.get();
        } catch (IllegalArgumentException unreadable) {
            throw new PartitionHaltedException(
                    HaltReason.OTHER_METERS,
                    "a version of the catalogue was published that this process cannot read, so it is older than the"
                            + " one that published it: "
                            + unreadable.getMessage());
        }
    }

    /** How the partitions that are ours stand. */
    public PartitionBoard partitions() {
        return board;
    }

    /** The instances that cannot go on in the partitions that are ours: how many, and since when the first. */
    public Blocked blocked() {
        List<Blocked> ofPartitions = board.all().stream()
                .flatMap(status -> closing.blocked(status.partition()).stream())
                .toList();
        return new Blocked(
                ofPartitions.stream().mapToLong(Blocked::instances).sum(),
                ofPartitions.stream()
                        .map(Blocked::since)
                        .filter(Objects::nonNull)
                        .min(Comparator.naturalOrder())
                        .orElse(null));
    }

    /** Why another database closes hours in place of this one; empty if none does. */
    public Optional<String> supersededBecause() {
        return incarnation.supersededBecause();
    }

    private String note(int partition) {
        return supersededBecause().map(why -> "halted: " + why).orElseGet(() -> board.note(partition));
    }

    /** How far counting of all partitions lags behind, and whether their hours will be in time. */
    public LagReport lag() {
        return lag.last();
    }

    /** Whether every thread that reads is alive and polls. */
    public boolean isReading(Duration within) {
        return group.isReading(within);
    }

    /** Leaves the group in good order: what was applied is kept, and others go on at once. */
    @Override
    public void close() {
        tasks.forEach(PeriodicTask::close);
        toldToIngest.close();
        lag.close();
        group.close();
        closing.close();
        if (cutoffs != null) {
            cutoffs.close();
        }
        installation.close();
    }

    /** Passes on what the owner of a partition says. */
    private record Listener(
            PartitionBoard board,
            ClosingLoop closing,
            AggregatorMetrics metrics,
            BiConsumer<PartitionOwnership, Checkpoint> alsoTold)
            implements PartitionListener {

        @Override
        public void stands(PartitionOwnership ownership, PartitionStatus status) {
            board.stands(ownership, status);
        }

        @Override
        public void loaded(PartitionOwnership ownership, Tallies tallies) {
            metrics.loaded(ownership, tallies);
        }

        @Override
        public void stored(PartitionOwnership ownership, Checkpoint checkpoint) {
            metrics.stored(ownership, checkpoint);
            alsoTold.accept(ownership, checkpoint);
            if (!checkpoint.quarantined().isEmpty()) {
                Map<QuarantineReason, Integer> reasons = new EnumMap<>(QuarantineReason.class);
                for (QuarantinedRecord event : checkpoint.quarantined()) {
                    reasons.merge(event.reason(), 1, Integer::sum);
                }
                log.atWarn()
                        .addKeyValue("partition", checkpoint.partition())
                        .addKeyValue("before", checkpoint.nextOffset())
                        .addKeyValue("reasons", reasons)
                        .log("events set aside");
            }
        }

        @Override
        public void overTooSoon(PartitionOwnership ownership, UsageHour hour, Instant processTime, Instant storeTime) {
            metrics.overTooSoon();
            log.atWarn()
                    .addKeyValue("partition", ownership.partition())
                    .addKeyValue("hour", hour)
                    .addKeyValue("processTime", processTime)
                    .addKeyValue("databaseTime", storeTime)
                    .log("hour not over by the database's clock, it goes on until it is; set the clocks right");
        }

        @Override
        public void reloading(PartitionOwnership ownership, int withoutProgress) {
            metrics.reloading(ownership, withoutProgress);
        }

        @Override
        public void progressed(PartitionOwnership ownership) {
            metrics.progressed(ownership);
        }

        @Override
        public void memberRestarted() {
            metrics.memberRestarted();
        }

        @Override
        public void reached(PartitionOwnership ownership, long hour) {
            closing.reached(ownership, hour);
        }

        @Override
        public PartitionOwnership given(int partition) {
            PartitionOwnership ownership = board.given(partition);
            closing.given(ownership);
            return ownership;
        }

        @Override
        public void released(PartitionOwnership ownership) {
            closing.released(ownership);
            board.released(ownership);
            metrics.released(ownership);
        }

        @Override
        public long sealedThrough(PartitionOwnership ownership) {
            return closing.sealedThrough(ownership);
        }
    }
}
