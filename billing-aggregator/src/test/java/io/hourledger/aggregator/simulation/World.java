package io.hourledger.aggregator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.closing.AmendedHours;
import io.hourledger.aggregator.closing.CloseHourWhenOver;
import io.hourledger.aggregator.closing.CloseHourWhenOver.Round;
import io.hourledger.aggregator.closing.ClosingStore;
import io.hourledger.aggregator.closing.ClosingStore.State;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CheckpointListener;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.aggregator.hour.PartitionCheckpointer;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.hour.QuarantinedRecord;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.simulation.Model.BucketName;
import io.hourledger.aggregator.simulation.Stores.Progress;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.time.BusinessTime;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.LedgerUnavailableException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A group of aggregators over a scripted log, without threads and sockets: every step, fault, rebalance and zombie follows from the seed. After
 * every step what is kept must be what the model says.
 */
final class World {

    static final Instant BEGIN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Duration GRACE = Duration.ofMinutes(2);
    private static final int NOBODY = -1;
    private static final int MOST_READ = 6;
    private static final IdKey KEY = IdKey.fromHex(Usage.ID_KEY);

    private final Random random;

    /** In half of the worlds memory has room for few ids, and most of them are on disk. */
    private final long mostIds;

    private final int mostBuckets;

    private final Stores stores;
    private final TestClock clock;
    private final ScriptedLog log;
    private final Faults faults;
    private final SimulatedLedger ledger = new SimulatedLedger(this::checkEntered);
    private final CutoffJournal journal = new InMemoryJournal();
    private final List<Model> models = new ArrayList<>();
    private final WorldSize size;
    private final long[] checkedOffsets;
    private final int[] checkedCutoffs;
    private final int[] owners;
    private boolean settling;
    private long idsLeftOnDisk;
    private final List<Member> processes = new ArrayList<>();

    World(long seed, Stores stores, WorldSize size) {
        this.size = size;
        this.checkedOffsets = new long[size.partitions()];
        this.checkedCutoffs = new int[size.partitions()];
        this.owners = new int[size.partitions()];
        this.random = new Random(seed);
        this.mostIds = seed % 2 == 0 ? Long.MAX_VALUE : 3 * MOST_READ + seed % 32;
        this.mostBuckets = seed % 3 == 0 ? Integer.MAX_VALUE : 2 + (int) (seed % 5);
        this.stores = stores;
        this.clock = stores.clock();
        clock.moveTo(BEGIN);
        this.log = new ScriptedLog(random, size);
        this.faults = new Faults(random);
        for (int i = 0; i < size.processes(); i++) {
            processes.add(new Member());
        }
        for (int partition = 0; partition < size.partitions(); partition++) {
            models.add(new Model(log.records(partition)));
            owners[partition] = random.nextInt(size.processes());
        }
    }

    /** Whoever loads a partition may have been started with another acceptance than the one before: that changes nothing of the past. */
    private CountingRules rules() {
        return new CountingRules(
                size.partitions(),
                Model.ACCEPTED_AGE,
                random.nextInt(5) * 3,
                Model.ACCEPTED_AHEAD,
                Model.HOURS_IN_MEMORY,
                mostIds,
                mostBuckets);
    }

    /** One process of the group: it may hold partitions that the group has given to others, and not know it yet. */
    private final class Member implements CheckpointListener {
        final Map<Integer, PartitionCheckpointer> keepers = new HashMap<>();
        final CheckpointStore store = faults.around(stores.checkpoints());
        final ClosingStore closingStore = faults.around(stores.closing());
        final CloseHourWhenOver closing = new CloseHourWhenOver(
                closingStore,
                journal,
                faults.around(ledger),
                () -> SimulatedCatalogue.VERSIONS,
                AmendedHours.NONE,
                clock,
                1 + random.nextInt(3));

        void step(int partition) {
            PartitionCheckpointer checkpointer = keepers.get(partition);
            if (checkpointer == null) {
                load(partition);
                return;
            }
            switch (random.nextInt(7)) {
                case 0 -> follow(partition, checkpointer.checkpoint());
                case 1 -> closing.closeHoursOf(partition);
                case 2 -> enterUnmatched(closing, partition);
                case 3 -> closing.sealHoursOf(partition);
                case 4 -> closing.enterBlocked(partition);
                default -> read(partition, checkpointer, 1 + random.nextInt(MOST_READ));
            }
        }

        void load(int partition) {
            load(partition, mostIds);
        }

        void load(int partition, long roomForIds) {
            PartitionState empty = new PartitionState(
                    partition,
                    rules(),
                    random.nextInt(4) == 0
                            ? EventReader.withParserOnly(SimulatedCatalogue.VERSIONS)
                            : EventReader.of(SimulatedCatalogue.VERSIONS),
                    KEY);
            keepers.put(
                    partition,
                    PartitionCheckpointer.load(empty, store, journal, Model.HOURS_IN_MEMORY, roomForIds, GRACE, this));
        }

        void read(int partition, PartitionCheckpointer checkpointer, int records) {
            Instant now = clock.instant().plus(clockError());
            Outcome ended = checkpointer.endDueHours(now, () -> {
                long end = log.end(partition);
                appendSome(settling ? 0 : random.nextInt(3));
                return end;
            });
            follow(partition, ended);
            if (ended != Outcome.STORED) {
                return;
            }
            if (checkpointer.counter().canLeaveIdsOnDiskFor(records)) {
                leaveIdsOnDisk(partition, checkpointer);
                return;
            }
            if (!checkpointer.counter().hasRoomForBuckets(records)) {
                Outcome stored = checkpointer.checkpoint();
                follow(partition, stored);
                if (stored != Outcome.STORED) {
                    return;
                }
                checkpointer.counter().clearBuckets();
            }
            long from = checkpointer.counter().nextOffset();
            List<LogRecord> next = log.next(partition, from, records);
            checkpointer.lookAhead(() -> next.stream()
                    .map(record -> record.value() == null ? null : ByteBuffer.wrap(record.value()))
                    .iterator());
            for (LogRecord record : next) {
                checkpointer.apply(
                        record.offset(),
                        record.appendedAt().toEpochMilli(),
                        ByteBuffer.wrap(record.key()),
                        record.value() == null ? null : ByteBuffer.wrap(record.value()));
            }
            if (next.size() < records) {
                checkpointer.counter().skipTo(log.end(partition));
            }
        }

        /** Ids that it holds on disk are sealed while it goes on, and then their events come again. */
        void sealWhatIsOnDisk(int partition) {
            PartitionCheckpointer checkpointer = keepers.get(partition);
            if (checkpointer == null || mostIds == Long.MAX_VALUE) {
                return;
            }
            leaveIdsOnDisk(partition, checkpointer);
            clock.move(UsageHour.LENGTH);
            readToTheEnd(partition);
            if (keepers.containsKey(partition)) {
                follow(partition, keepers.get(partition).checkpoint());
            }
            closing.closeHoursOf(partition);
            closing.sealHoursOf(partition);
            log.repeatLast(partition, clock.instant());
            readToTheEnd(partition);
        }

        /** As long as nobody else has gone on. */
        private void readToTheEnd(int partition) {
            while (keepers.containsKey(partition)
                    && keepers.get(partition).counter().nextOffset() < log.end(partition)) {
                read(partition, keepers.get(partition), MOST_READ);
            }
        }

        /** Now and then its clock is wrong, for a moment. */
        private Duration clockError() {
            return settling || random.nextInt(8) != 0 ? Duration.ZERO : Duration.ofMinutes(random.nextInt(600) - 120);
        }

        void leaveIdsOnDisk(int partition, PartitionCheckpointer checkpointer) {
            long room = checkpointer.counter().mostIdsLoaded();
            Outcome stored = checkpointer.checkpoint();
            keepers.remove(partition);
            if (stored == Outcome.STORED) {
                load(partition, room);
                idsLeftOnDisk += keepers.get(partition).counter().idsOnDisk();
            }
        }

        void follow(int partition, Outcome outcome) {
            if (outcome != Outcome.STORED) {
                keepers.remove(partition);
            }
        }

        @Override
        public void overTooSoon(int partition, UsageHour hour, Instant processTime, Instant storeTime) {
            assertThat(processTime).isAfter(storeTime);
        }

        @Override
        public void stored(Checkpoint checkpoint) {
            // the world looks into the store itself
        }

        /** Sometimes nobody has told it yet. */
        @Override
        public long sealedThrough(int partition) {
            return random.nextBoolean()
                    ? stores.closing().sealedThrough(partition).orElse(Long.MIN_VALUE)
                    : Long.MIN_VALUE;
        }

        void crash() {
            keepers.clear();
        }
    }

    void run(int steps) {
        for (int step = 0; step < steps; step++) {
            int partition = random.nextInt(size.partitions());
            switch (random.nextInt(14)) {
                case 0 -> clock.move(Duration.ofSeconds(random.nextInt(4800 / size.partitions())));
                case 1, 2, 3 -> appendSome(1 + random.nextInt(5));
                case 4 -> rebalance(partition);
                case 5 -> stepZombie(partition);
                case 6 -> openSome();
                case 7 -> ledger.breakOrMend(anyInstance());
                case 8 -> guarded(owners[partition], partition, process -> process.sealWhatIsOnDisk(partition));
                default -> guarded(owners[partition], partition, process -> process.step(partition));
            }
            check();
        }
    }

    private interface Step {
        void by(Member process);
    }

    private void guarded(int number, int partition, Step step) {
        if (number == NOBODY) {
            return;
        }
        Member process = processes.get(number);
        try {
            step.by(process);
        } catch (SimulatedCrash crash) {
            process.crash();
        } catch (StoreUnavailableException unsure) {
            process.keepers.remove(partition);
        } catch (LedgerUnavailableException nothingEntered) {
            // the next tick tries again
        }
    }

    private void appendSome(int count) {
        for (int i = 0; i < count; i++) {
            log.append(clock.instant());
        }
    }

    private void rebalance(int partition) {
        int before = owners[partition];
        owners[partition] = random.nextInt(size.processes() + 1) - 1;
        boolean told = random.nextBoolean();
        if (told && before != NOBODY && before != owners[partition]) {
            guarded(before, partition, process -> {
                PartitionCheckpointer checkpointer = process.keepers.get(partition);
                if (checkpointer != null && checkpointer.counter().hasNews()) {
                    checkpointer.checkpoint();
                }
                process.keepers.remove(partition);
            });
        }
    }

    /** Somebody who lost the partition, but was not told, goes on with it. */
    private void stepZombie(int partition) {
        int number = random.nextInt(size.processes());
        if (processes.get(number).keepers.containsKey(partition)) {
            guarded(number, partition, process -> process.step(partition));
        }
    }

    private String anyInstance() {
        return size.instances().get(random.nextInt(size.instances().size()));
    }

    private void openSome() {
        ledger.open(anyInstance());
    }

    /** What is kept is what the model says, and everything consumed is accounted for. */
    private void check() {
        for (int partition = 0; partition < size.partitions(); partition++) {
            Progress progress = stores.progress(partition);
            if (progress.nextOffset() == checkedOffsets[partition]
                    && progress.cutoffs().size() == checkedCutoffs[partition]) {
                continue;
            }
            StoredState stored = stores.stored(partition);
            assertThat(stored.nextOffset()).isGreaterThanOrEqualTo(checkedOffsets[partition]);
            checkedOffsets[partition] = stored.nextOffset();
            checkedCutoffs[partition] = stored.cutoffs().size();
            Model model = models.get(partition);
            model.advanceTo(stored.nextOffset(), stored.cutoffs());
            if (!stored.tallies().equals(model.tallies()) || stored.tallies().unexplained() != 0) {
                assertThat(quarantinedOf(stored)).isEqualTo(model.quarantined);
                assertThat(stored.tallies()).isEqualTo(model.tallies());
            }
            Map<BucketName, Model.Amount> buckets = bucketsOf(stored);
            if (!buckets.equals(model.buckets)) {
                assertThat(buckets).isEqualTo(model.buckets);
            }
            if (!quarantinedOf(stored).equals(model.quarantined)) {
                assertThat(quarantinedOf(stored)).isEqualTo(model.quarantined);
            }
            assertThat(stored.ids()).isEqualTo(stored.tallies().counted() + model.uniqueValues());
            assertThat(stored.buckets().stream()
                            .mapToLong(bucket -> bucket.events().eventCount() - bucket.sharedEvents())
                            .sum())
                    .as("each counted event stands once in the buckets")
                    .isEqualTo(stored.tallies().counted());
        }
    }

    private static Map<BucketName, Model.Amount> bucketsOf(StoredState stored) {
        Map<BucketName, Model.Amount> buckets = new HashMap<>();
        for (Bucket bucket : stored.buckets()) {
            buckets.put(
                    new BucketName(bucket.hour(), bucket.revision(), bucket.instance(), bucket.meter()),
                    new Model.Amount(
                            plain(bucket.rawTotal()),
                            bucket.events().eventCount(),
                            bucket.firstOffset(),
                            bucket.lastOffset()));
        }
        return buckets;
    }

    private static BigDecimal plain(BigDecimal amount) {
        return Model.shown(amount);
    }

    private static Map<Long, QuarantineReason> quarantinedOf(StoredState stored) {
        Map<Long, QuarantineReason> reasons = new TreeMap<>();
        for (QuarantinedRecord event : stored.quarantined()) {
            reasons.put(event.offset(), event.reason());
        }
        return reasons;
    }

    /** An hour may be entered only when all before its cutoff is counted, with the amount that the model has of it. */
    private void checkEntered(MeterHour command) {
        int partition = command.log().partition();
        Progress stored = stores.progress(partition);
        long cutoff = stored.cutoffs().stream()
                .filter(one -> one.hour().number() >= command.hour().number() + command.revision())
                .mapToLong(Cutoff::offset)
                .findFirst()
                .orElseThrow(() -> new AssertionError(command.hour() + " has no cutoff yet"));
        assertThat(stored.nextOffset()).isGreaterThanOrEqualTo(cutoff);
        Model model = models.get(partition);
        model.advanceTo(stored.nextOffset(), stored.cutoffs());
        Model.Amount amount = model.buckets.get(new BucketName(
                command.hour(),
                command.revision(),
                command.instanceId().value(),
                command.countedBy().meter()));
        assertThat(amount).as("%s", command).isNotNull();
        assertThat(command.amount()).as("%s", command).isEqualByComparingTo(addedBy(command, model));
        assertThat(command.events().eventCount()).isEqualTo(amount.events());
    }

    /** By how much a revision changes what the hour comes to. */
    private static BigDecimal addedBy(MeterHour command, Model model) {
        String instance = command.instanceId().value();
        Catalogue catalogue = SimulatedCatalogue.VERSIONS.of(command.hour());
        assertThat(command.countedBy().catalogueVersion()).as("%s", command).isEqualTo(catalogue.version());
        Meter meter = catalogue.meter(command.countedBy().meter()).orElseThrow();
        return model.through(command.hour(), command.revision(), instance, meter)
                .subtract(model.through(command.hour(), command.revision() - 1, instance, meter));
    }

    /** Everything heals, every instance opens, every hour ends: then nothing may be missing. */
    void settle() {
        settling = true;
        faults.heal();
        size.instances().forEach(ledger::open);
        ledger.mendAll();
        for (int partition = 0; partition < size.partitions(); partition++) {
            Member owner = new Member();
            owner.load(partition);
            owner.readToTheEnd(partition);
            owner.sealWhatIsOnDisk(partition);
        }
        check();
        // the last levels hold for two hours more
        clock.move(Duration.ofHours(6));
        for (int partition = 0; partition < size.partitions(); partition++) {
            Member owner = new Member();
            processes.add(owner);
            owner.load(partition);
            do {
                owner.read(partition, owner.keepers.get(partition), MOST_READ);
            } while (owner.keepers.get(partition).counter().nextOffset() < log.end(partition));
            assertThat(owner.keepers.get(partition).checkpoint()).isEqualTo(Outcome.STORED);
            owner.closing.closeHoursOf(partition);
            owner.closing.sealHoursOf(partition);
            for (int tick = 0; tick < 100 && queued(partition) > 0; tick++) {
                owner.closing.enterBlocked(partition);
                enterUnmatched(owner.closing, partition);
            }
            check();
            checkAllEntered(partition);
            checkPunctualNotLate(partition);
        }
    }

    /** How many ids it had to leave on disk since memory had no room for them. */
    long idsLeftOnDisk() {
        return idsLeftOnDisk;
    }

    private static void enterUnmatched(CloseHourWhenOver closing, int partition) {
        String after = "";
        while (closing.enterUnmatched(partition, after) instanceof Round.GoesOn(String afterSubject)) {
            after = afterSubject;
        }
    }

    private long queued(int partition) {
        return stores.waiting(partition, State.UNMATCHED) + stores.waiting(partition, State.BLOCKED);
    }

    private void checkAllEntered(int partition) {
        assertThat(queued(partition)).isZero();
        models.get(partition).buckets.keySet().forEach(name -> {
            if (SimulatedCatalogue.isDropped(name.instance(), name.meter())) {
                assertThat(ledger.entered.containsKey(name))
                        .as("entered: %s", name)
                        .isFalse();
            } else if (!name.instance().equals("refused")) {
                assertThat(ledger.entered.containsKey(name))
                        .as("entered: %s", name)
                        .isTrue();
            }
        });
        assertThat(stores.closing().nextToClose(partition)).isEmpty();
    }

    /** Usage that came after the cutoff of its hour, and was counted. */
    long lateUsage() {
        return models.stream().mapToLong(model -> model.lateUsage.size()).sum();
    }

    /** For how long its clock went. */
    Duration simulated() {
        return Duration.between(BEGIN, clock.instant());
    }

    /** Events that no meter read by its filter. */
    long filteredOut() {
        return models.stream().mapToLong(model -> model.tallies().filteredOut()).sum();
    }

    /** What was in the log before its hour's grace had passed is never late. */
    private void checkPunctualNotLate(int partition) {
        Map<Long, QuarantineReason> quarantined = models.get(partition).quarantined;
        for (LogRecord record : log.records(partition)) {
            if (quarantined.get(record.offset()) == QuarantineReason.LATE
                    || models.get(partition).lateUsage.contains(record.offset())) {
                Instant due =
                        UsageHour.of(record.says().time()).end().plus(GRACE).minus(BusinessTime.AGREED_WITHIN);
                assertThat(record.appendedAt()).as("%s", record).isAfterOrEqualTo(due);
            }
        }
    }
}
