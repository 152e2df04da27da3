package io.hourledger.aggregator.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.consumer.PartitionLoader.Stored;
import io.hourledger.aggregator.consumer.PartitionStatus.State;
import io.hourledger.aggregator.consumer.PartitionWorker.Tools;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Checkpoint.Advance;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.aggregator.hour.NewIds;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.aggregator.hour.Partitioner;
import io.hourledger.aggregator.hour.StoreRefusedException;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.ids.IdBuffer;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.simulation.MemoryStores;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a partition goes through while the group gives it to a consumer, turn by turn of the poll loop. */
@Tag("fast")
class UsageConsumerTest {

    private static final String TOPIC = "usage-events";
    private static final int PARTITIONS = 2;
    private static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
    private static final TopicPartition SECOND = new TopicPartition(TOPIC, 1);
    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final UsageHour EIGHT_TO_NINE = UsageHour.of(TEN.minus(Duration.ofHours(2)));
    private static final UsageHour NINE_TO_TEN = UsageHour.of(TEN.minus(Duration.ofHours(1)));
    private static final int MANY_TURNS = 200;

    private final MemoryStores stores = new MemoryStores(PARTITIONS);
    private final TestClock clock = stores.clock();
    private final FailingStore store = new FailingStore(stores.checkpoints());
    private final LogConsumer log = new LogConsumer();
    private final RecordingListener listener = new RecordingListener();
    private final StoredHalts halts = new StoredHalts();
    private CutoffJournal journal = CutoffJournal.NONE;

    @BeforeEach
    void itIsHalfPastTen() {
        clock.moveTo(TEN.plus(Duration.ofMinutes(30)));
    }

    private UsageConsumer consumer() {
        return consumer(rules(1_000, 1_000), Runnable::run);
    }

    private static CountingRules rules(long mostIds, int mostBuckets) {
        return new CountingRules(PARTITIONS, Duration.ofHours(72), 24, Duration.ofMinutes(70), 1, mostIds, mostBuckets);
    }

    /** In the group; its checkpoints wait for an hour, unless something makes them due. */
    private UsageConsumer consumer(CountingRules rules, Executor loader) {
        ConsumerSettings settings = new ConsumerSettings(
                TOPIC,
                Duration.ofMinutes(2),
                Duration.ofHours(1),
                rules.hoursInMemory(),
                LogConsumer.MOST_POLLED,
                Duration.ZERO);
        PartitionLoader partitions = new PartitionLoader(
                new Stored(store, journal, halts),
                partition -> new PartitionState(
                        partition, rules, EventReader.of(Usage.VERSIONS), IdKey.fromHex(Usage.ID_KEY)),
                log,
                settings,
                loader);
        UsageConsumer consumer = new UsageConsumer(
                log,
                new Tools(
                        log, partitions, log, clock, settings, listener, halts, new ProductScopes(new NoDecisions())));
        log.subscribe(List.of(TOPIC), consumer);
        return consumer;
    }

    /** Of an instance of that partition. */
    private static String instance(TopicPartition partition, int number) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "i-" + i)
                .filter(name -> Partitioner.partitionOf(name.getBytes(UTF_8), 0, name.length(), PARTITIONS)
                        == partition.partition())
                .skip(number)
                .findFirst()
                .orElseThrow();
    }

    private void append(TopicPartition partition, int instance, String id) {
        String name = instance(partition, instance);
        log.append(partition, name, Usage.egress(name, id, TEN.plusSeconds(1), "1"), TEN.plusSeconds(2));
    }

    private void appendMany(TopicPartition partition, int events) {
        for (int i = 0; i < events; i++) {
            append(partition, 0, "many-" + i);
        }
    }

    private static void turns(UsageConsumer consumer, int turns) {
        for (int i = 0; i < turns; i++) {
            consumer.pollOnce();
        }
    }

    private static void turnUntil(UsageConsumer consumer, BooleanSupplier done) {
        for (int i = 0; i < MANY_TURNS && !done.getAsBoolean(); i++) {
            consumer.pollOnce();
        }
        assertThat(done.getAsBoolean()).isTrue();
    }

    private long storedOffset(TopicPartition partition) {
        return stores.stored(partition.partition()).nextOffset();
    }

    private Tallies stored(TopicPartition partition) {
        return stores.stored(partition.partition()).tallies();
    }

    private PartitionStatus status(TopicPartition partition) {
        return listener.status(partition.partition());
    }

    private static boolean covers(Checkpoint checkpoint, long offset) {
        return checkpoint.expectedNextOffset() <= offset && offset < checkpoint.nextOffset();
    }

    @Test
    void a_given_partition_is_not_read_until_its_state_is_loaded() {
        Queue<Runnable> loads = new ArrayDeque<>();
        UsageConsumer consumer = consumer(rules(1_000, 1_000), loads::add);
        append(FIRST, 0, "a");
        log.rebalance(List.of(FIRST));

        turns(consumer, 3);

        assertThat(status(FIRST).state()).isEqualTo(State.LOADING);
        assertThat(log.isPaused(FIRST)).isTrue();
        loads.remove().run();
        turns(consumer, 1);
        assertThat(listener.loaded).containsExactly(0);
        assertThat(log.isPaused(FIRST)).isFalse();
        turnUntil(consumer, () -> storedOffset(FIRST) == 1);
        assertThat(status(FIRST).state()).isEqualTo(State.COUNTING);
    }

    @Test
    void what_was_polled_is_counted_once_and_its_position_committed() {
        UsageConsumer consumer = consumer();
        append(FIRST, 0, "a");
        append(FIRST, 0, "b");
        append(FIRST, 0, "a");
        log.rebalance(List.of(FIRST));

        turnUntil(consumer, () -> storedOffset(FIRST) == 3);

        assertThat(stored(FIRST)).isEqualTo(new Tallies(3, 2, 1, 0));
        assertThat(log.committed(Set.of(FIRST)).get(FIRST).offset()).isEqualTo(3);
        assertThat(status(FIRST).nextOffset()).isEqualTo(3);
    }

    @Test
    void a_checkpoint_waits_until_its_interval_is_over() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST));
        turns(consumer, 3);
        append(FIRST, 0, "a");

        turns(consumer, 5);

        assertThat(log.position(FIRST)).isEqualTo(1);
        assertThat(storedOffset(FIRST)).isZero();
    }

    @Test
    void a_revoked_partition_leaves_in_the_store_what_was_applied() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST, SECOND));
        turns(consumer, 3);
        append(FIRST, 0, "a");
        append(SECOND, 0, "a");
        turns(consumer, 2);

        log.rebalance(List.of(SECOND));

        assertThat(storedOffset(FIRST)).isEqualTo(1);
        assertThat(listener.released).containsExactly(0);
        assertThat(storedOffset(SECOND)).as("is still ours").isZero();
        append(FIRST, 0, "b");
        turns(consumer, 3);
        assertThat(storedOffset(FIRST)).isEqualTo(1);
    }

    @Test
    void a_revoked_partition_is_handed_back_though_the_store_fails() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST));
        turns(consumer, 3);
        append(FIRST, 0, "a");
        turns(consumer, 2);
        store.beforeKeep = checkpoint -> {
            throw new StoreUnavailableException("away");
        };

        log.rebalance(List.of());

        assertThat(listener.released).containsExactly(0);
        assertThat(storedOffset(FIRST)).isZero();
    }

    @Test
    void a_lost_partition_is_dropped_and_nothing_more_is_written() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST));
        turns(consumer, 3);
        append(FIRST, 0, "a");
        turns(consumer, 2);

        consumer.onPartitionsLost(List.of(FIRST));
        turns(consumer, 3);

        assertThat(storedOffset(FIRST)).isZero();
        assertThat(listener.released).containsExactly(0);
    }

    @Test
    void a_partition_that_comes_back_goes_on_where_it_was_stored() {
        UsageConsumer consumer = consumer();
        append(FIRST, 0, "a");
        log.rebalance(List.of(FIRST));
        turnUntil(consumer, () -> storedOffset(FIRST) == 1);
        log.rebalance(List.of());
        append(FIRST, 0, "a");
        append(FIRST, 0, "b");

        log.rebalance(List.of(FIRST));
        turns(consumer, 3);
        log.rebalance(List.of());

        assertThat(stored(FIRST)).isEqualTo(new Tallies(3, 2, 1, 0));
    }

    @Test
    void at_its_bound_on_buckets_a_partition_makes_room_by_a_checkpoint() {
        int roomForPoll = 2 * EventReader.of(Usage.VERSIONS).meters().mostBucketsOfEvent();
        UsageConsumer consumer = consumer(rules(1_000, 2 + roomForPoll), Runnable::run);
        for (int instance = 0; instance < 6; instance++) {
            append(FIRST, instance, "a");
        }
        log.rebalance(List.of(FIRST));

        turns(consumer, 10);

        assertThat(status(FIRST).boundReached()).isFalse();
        assertThat(storedOffset(FIRST)).as("all but the last poll").isGreaterThanOrEqualTo(4);
        assertThat(log.position(FIRST)).isEqualTo(6);
        assertThat(status(FIRST).bucketsHeld())
                .as("buckets of before the last checkpoint went")
                .isLessThanOrEqualTo(2);
    }

    @Test
    void a_partition_at_its_bound_is_read_on_when_sealed_hours_make_room() {
        stores.checkpoints()
                .keep(new Checkpoint(
                        0,
                        new Advance(1, 0, 2),
                        new Tallies(2, 2, 0, 0),
                        List.of(),
                        List.of(new NewIds(EIGHT_TO_NINE, ids(240))),
                        List.of(),
                        List.of(new Cutoff(EIGHT_TO_NINE, 1, TEN), new Cutoff(NINE_TO_TEN, 2, TEN))));
        UsageConsumer consumer = consumer(rules(16, 1_000), Runnable::run);
        appendMany(FIRST, 4);
        log.rebalance(List.of(FIRST));
        turnUntil(consumer, () -> status(FIRST).boundReached());
        assertThat(status(FIRST).idsOnDisk()).isEqualTo(240);
        assertThat(log.isPaused(FIRST)).isTrue();

        listener.sealedThrough = EIGHT_TO_NINE.number();
        clock.moveTo(TEN.plus(Duration.ofMinutes(63)));
        turnUntil(consumer, () -> storedOffset(FIRST) == 4);

        assertThat(log.isPaused(FIRST)).isFalse();
        assertThat(status(FIRST).boundReached()).isFalse();
        assertThat(stored(FIRST).counted()).isEqualTo(4);
    }

    private static byte[] ids(int count) {
        Random random = new Random(1);
        IdBuffer ids = new IdBuffer(count);
        for (int i = 0; i < count; i++) {
            ids.add(random.nextLong(), random.nextInt(), random.nextInt());
        }
        return ids.toBytes();
    }

    @Test
    void ids_that_memory_has_no_room_for_are_looked_up_on_disk() {
        UsageConsumer consumer = consumer(rules(8, 1_000), Runnable::run);
        appendMany(FIRST, 12);
        append(FIRST, 0, "many-0");
        append(FIRST, 0, "many-11");
        log.rebalance(List.of(FIRST));

        turnUntil(consumer, () -> storedOffset(FIRST) == 14);

        assertThat(status(FIRST).idsOnDisk()).isPositive();
        assertThat(status(FIRST).boundReached()).isFalse();
        assertThat(stored(FIRST)).isEqualTo(new Tallies(14, 12, 2, 0));
    }

    @Test
    void an_offset_that_the_log_has_lost_halts_its_partition_alone() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST, SECOND));
        turns(consumer, 3);
        appendMany(FIRST, 3);
        log.dropBefore(FIRST, 2);

        turns(consumer, 2);
        appendMany(SECOND, 3);
        turns(consumer, 5);

        assertThat(status(FIRST).state()).isEqualTo(State.HALTED);
        assertThat(status(FIRST).haltedBecause()).contains("no longer holds offset 0");
        assertThat(log.isPaused(FIRST)).isTrue();
        assertThat(storedOffset(FIRST)).isZero();
        assertThat(status(SECOND).state()).isEqualTo(State.COUNTING);
        assertThat(log.position(SECOND)).isEqualTo(3);
        log.rebalance(List.of());
        assertThat(storedOffset(SECOND)).isEqualTo(3);
    }

    @Test
    void records_that_went_before_they_were_counted_halt_the_partition() {
        UsageConsumer consumer = consumer();
        appendMany(FIRST, 3);
        log.dropBefore(FIRST, 2);
        log.rebalance(List.of(FIRST));

        turns(consumer, 3);

        assertThat(status(FIRST).haltedBecause()).contains("records 0 to 1 were never counted");
    }

    @Test
    void a_log_that_ends_before_what_was_counted_halts_the_partition() {
        stores.checkpoints()
                .keep(new Checkpoint(
                        0, new Advance(1, 0, 9), new Tallies(9, 9, 0, 0), List.of(), List.of(), List.of(), List.of()));
        UsageConsumer consumer = consumer();
        appendMany(FIRST, 3);
        log.rebalance(List.of(FIRST));

        turns(consumer, 5);

        assertThat(status(FIRST).haltedBecause()).contains("was made anew");
        assertThat(stored(FIRST)).isEqualTo(new Tallies(9, 9, 0, 0));
    }

    @Test
    void a_halted_partition_stays_so_until_the_group_takes_it_away() {
        UsageConsumer consumer = consumer();
        appendMany(FIRST, 3);
        log.dropBefore(FIRST, 2);
        log.rebalance(List.of(FIRST));
        turns(consumer, 3);
        log.dropBefore(FIRST, 0);

        turns(consumer, 5);
        assertThat(status(FIRST).state()).isEqualTo(State.HALTED);

        log.rebalance(List.of());
        log.rebalance(List.of(FIRST));
        turns(consumer, 5);
        log.rebalance(List.of());
        assertThat(storedOffset(FIRST)).isEqualTo(3);
    }

    @Test
    void a_checkpoint_whose_answer_is_lost_counts_nothing_twice() {
        UsageConsumer consumer = consumer();
        List<Long> lost = new ArrayList<>();
        store.afterKeep = checkpoint -> {
            if (covers(checkpoint, 1) && lost.isEmpty()) {
                lost.add(checkpoint.number());
                throw new StoreUnavailableException("stored, and the answer is lost");
            }
        };
        appendMany(FIRST, 4);
        log.rebalance(List.of(FIRST));

        turnUntil(consumer, () -> storedOffset(FIRST) == 4);
        turns(consumer, 5);

        assertThat(lost).hasSize(1);
        assertThat(listener.reloads).isEqualTo(1);
        assertThat(stored(FIRST)).isEqualTo(new Tallies(4, 4, 0, 0));
    }

    @Test
    void a_store_that_is_away_at_first_is_asked_again() {
        UsageConsumer consumer = consumer();
        List<String> asked = new ArrayList<>();
        store.beforeLoad = () -> {
            asked.add("load");
            if (asked.size() < 3) {
                throw new StoreUnavailableException("away");
            }
        };
        append(FIRST, 0, "a");
        log.rebalance(List.of(FIRST));

        turnUntil(consumer, () -> storedOffset(FIRST) == 1);

        assertThat(asked).hasSize(3);
        assertThat(listener.progresses).isEqualTo(1);
    }

    @Test
    void whoever_loses_the_race_goes_on_from_where_the_other_is() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST));
        turns(consumer, 3);
        appendMany(FIRST, 2);
        turns(consumer, 2);
        long last = 1;
        stores.checkpoints()
                .keep(new Checkpoint(
                        0,
                        new Advance(last + 1, 0, 2),
                        new Tallies(2, 2, 0, 0),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of()));

        clock.moveTo(TEN.plus(Duration.ofMinutes(63)));
        append(FIRST, 0, "later");
        turnUntil(consumer, () -> storedOffset(FIRST) == 3);

        assertThat(listener.reloads).isEqualTo(1);
        assertThat(stored(FIRST)).isEqualTo(new Tallies(3, 3, 0, 0));
    }

    @Test
    void the_record_that_the_store_refuses_is_named_and_all_before_it_stored() {
        UsageConsumer consumer = consumer();
        store.beforeKeep = checkpoint -> {
            if (covers(checkpoint, 5)) {
                throw new StoreRefusedException("refused", new IllegalArgumentException());
            }
        };
        appendMany(FIRST, 9);
        append(SECOND, 0, "a");
        log.rebalance(List.of(FIRST, SECOND));

        turnUntil(consumer, () -> status(FIRST).state() == State.HALTED);

        assertThat(status(FIRST).haltedBecause()).startsWith("record 5 cannot be kept");
        assertThat(storedOffset(FIRST)).isEqualTo(5);
        assertThat(storedOffset(SECOND)).as("others go on").isEqualTo(1);
    }

    @Test
    void a_failure_that_does_not_pass_halts_its_partition_alone() {
        UsageConsumer consumer = consumer();
        store.beforeKeep = checkpoint -> {
            if (checkpoint.partition() == 0) {
                throw new IllegalStateException("a bug");
            }
        };
        append(FIRST, 0, "a");
        append(SECOND, 0, "a");
        log.rebalance(List.of(FIRST, SECOND));

        turnUntil(consumer, () -> status(FIRST).state() == State.HALTED);

        assertThat(status(FIRST).haltedBecause()).startsWith("it failed 10 times from offset 0 on");
        assertThat(storedOffset(SECOND)).isEqualTo(1);
    }

    @Test
    void a_failure_while_hours_are_closed_again_after_a_rollback_halts_its_partition_alone() {
        UsageHour nine = UsageHour.of(TEN.minusSeconds(1));
        journal = new CutoffJournal() {
            @Override
            public List<Cutoff> of(int partition) {
                return partition == 0 ? List.of(new Cutoff(nine, 0, TEN)) : List.of();
            }

            @Override
            public void keep(int partition, List<Cutoff> cutoffs) {}
        };
        UsageConsumer consumer = consumer();
        store.beforeKeep = checkpoint -> {
            if (checkpoint.partition() == 0) {
                throw new IllegalStateException("a bug");
            }
        };
        append(SECOND, 0, "a");
        log.rebalance(List.of(FIRST, SECOND));

        turnUntil(consumer, () -> status(FIRST).state() == State.HALTED);

        assertThat(status(FIRST).haltedBecause()).startsWith("it failed 10 times from offset 0 on");
        assertThat(storedOffset(SECOND)).as("others go on").isEqualTo(1);
    }

    @Test
    void a_look_up_that_the_store_refuses_calls_no_record_bad() {
        UsageConsumer consumer = consumer(rules(8, 1_000), Runnable::run);
        store.beforeFindOnDisk = () -> {
            throw new StoreRefusedException("permission denied", new IllegalArgumentException());
        };
        appendMany(FIRST, 12);
        append(FIRST, 0, "many-0");
        log.rebalance(List.of(FIRST));

        turnUntil(consumer, () -> status(FIRST).state() == State.HALTED);

        assertThat(status(FIRST).haltedBecause())
                .startsWith("it failed 10 times")
                .contains("permission denied")
                .doesNotContain("cannot be kept");
    }

    @Test
    void a_failure_that_passes_halts_nothing() {
        UsageConsumer consumer = consumer();
        List<String> failures = new ArrayList<>();
        store.beforeKeep = checkpoint -> {
            if (failures.size() < 9) {
                failures.add("a lack of memory");
                throw new OutOfMemoryError("none left");
            }
        };
        append(FIRST, 0, "a");
        log.rebalance(List.of(FIRST));

        turnUntil(consumer, () -> storedOffset(FIRST) == 1);

        assertThat(failures).hasSize(9);
        assertThat(stored(FIRST)).isEqualTo(new Tallies(1, 1, 0, 0));
    }

    @Test
    void records_polled_while_the_broker_is_silent_are_read_again() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST));
        turns(consumer, 3);
        clock.moveTo(TEN.plus(Duration.ofMinutes(63)));
        appendMany(FIRST, 2);
        log.giveNoAnswers(1);

        turnUntil(consumer, () -> storedOffset(FIRST) == 2);

        assertThat(listener.reloads).as("state stays").isZero();
        assertThat(stored(FIRST)).isEqualTo(new Tallies(2, 2, 0, 0));
    }

    @Test
    void a_consumer_that_is_stopped_closes_and_gives_its_partitions_back() {
        UsageConsumer consumer = consumer();
        log.schedulePollTask(() -> log.rebalance(List.of(FIRST, SECOND)));
        log.schedulePollTask(consumer::stop);

        consumer.run();

        assertThat(log.closed()).isTrue();
        assertThat(listener.released).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void a_consumer_that_breaks_closes_and_gives_its_partitions_back() {
        UsageConsumer consumer = consumer();
        log.schedulePollTask(() -> log.rebalance(List.of(FIRST)));
        log.schedulePollTask(() -> {
            throw new IllegalStateException("a bug");
        });

        consumer.run();

        assertThat(log.closed()).isTrue();
        assertThat(listener.released).containsExactly(0);
    }

    @Test
    void while_an_hour_that_is_over_has_no_cutoff_nothing_more_is_counted() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST));
        turns(consumer, 3);
        clock.moveTo(TEN.plus(Duration.ofMinutes(63)));
        appendMany(FIRST, 2);
        log.giveNoAnswers(20);

        turns(consumer, 5);
        log.rebalance(List.of());

        assertThat(storedOffset(FIRST))
                .as("nobody could say where the hour ends")
                .isZero();
        log.giveNoAnswers(0);
        log.rebalance(List.of(FIRST));
        turnUntil(consumer, () -> storedOffset(FIRST) == 2);
        assertThat(stored(FIRST)).isEqualTo(new Tallies(2, 2, 0, 0));
    }

    @Test
    void an_hour_that_ended_behind_the_end_of_the_log_halts_the_partition() {
        stores.checkpoints()
                .keep(new Checkpoint(
                        0,
                        new Advance(1, 0, 2),
                        new Tallies(2, 2, 0, 0),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(new Cutoff(NINE_TO_TEN, 9, TEN))));
        UsageConsumer consumer = consumer();
        appendMany(FIRST, 3);
        log.rebalance(List.of(FIRST));

        turns(consumer, 5);

        assertThat(String.valueOf(status(FIRST).haltedBecause()))
                .contains("an hour ended at offset 9, but the log ends at 3");
        assertThat(storedOffset(FIRST)).isEqualTo(2);
    }

    @Test
    void a_partition_whose_log_cannot_be_read_halts_alone_and_says_from_where() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST, SECOND));
        turns(consumer, 3);
        log.corrupt(FIRST);
        append(FIRST, 0, "a");
        append(SECOND, 0, "a");

        turnUntil(consumer, () -> status(FIRST).state() == State.HALTED);
        append(SECOND, 0, "b");
        turns(consumer, 3);

        assertThat(status(FIRST).haltedBecause())
                .isEqualTo("the log cannot be read from offset 0 on: Record batch for partition " + FIRST
                        + " at offset 0 is invalid");
        assertThat(status(SECOND).state()).isEqualTo(State.COUNTING);
        log.rebalance(List.of());
        assertThat(storedOffset(SECOND)).as("others go on").isEqualTo(2);
    }

    @Test
    void the_only_partition_of_a_consumer_halts_too_if_its_log_cannot_be_read() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST));
        turns(consumer, 3);
        log.corrupt(FIRST);

        turnUntil(consumer, () -> status(FIRST).state() == State.HALTED);
    }

    @Test
    void polls_that_fail_for_all_halt_nothing_and_are_no_reading() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST, SECOND));
        turns(consumer, 3);
        append(SECOND, 0, "a");
        log.refuse(true);

        turns(consumer, 12);

        assertThat(consumer.sinceLastPoll()).isGreaterThan(Duration.ofSeconds(2));
        assertThat(status(FIRST).state()).isEqualTo(State.COUNTING);
        assertThat(status(SECOND).state()).isEqualTo(State.COUNTING);
        log.refuse(false);
        turns(consumer, 3);
        log.rebalance(List.of());
        assertThat(storedOffset(SECOND)).isEqualTo(1);
    }

    @Test
    void polls_that_fail_for_a_while_blame_no_partition() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST, SECOND));
        turns(consumer, 3);
        log.refuse(true);
        turns(consumer, 4);

        log.refuse(false);
        append(FIRST, 0, "a");
        append(SECOND, 0, "a");
        turns(consumer, 10);
        log.rebalance(List.of());

        assertThat(storedOffset(FIRST)).isEqualTo(1);
        assertThat(storedOffset(SECOND)).isEqualTo(1);
    }

    @Test
    void partitions_are_handed_back_each_by_itself() {
        UsageConsumer consumer = consumer();
        log.rebalance(List.of(FIRST, SECOND));
        turns(consumer, 3);
        append(FIRST, 0, "a");
        append(SECOND, 0, "a");
        turns(consumer, 2);
        listener.releasesFail = true;

        log.rebalance(List.of());
        turns(consumer, 2);

        assertThat(listener.released).containsExactlyInAnyOrder(0, 1);
        assertThat(storedOffset(FIRST)).isEqualTo(1);
        assertThat(storedOffset(SECOND)).isEqualTo(1);
    }

    @Test
    void a_topic_that_was_made_again_while_the_process_ran_halts_its_partitions() {
        UsageConsumer consumer = consumer();
        appendMany(FIRST, 3);
        log.rebalance(List.of(FIRST));
        turnUntil(consumer, () -> storedOffset(FIRST) == 3 || log.position(FIRST) == 3);
        log.rebalance(List.of());
        log.makeAnew();

        log.rebalance(List.of(FIRST));
        turns(consumer, 3);

        assertThat(String.valueOf(status(FIRST).haltedBecause())).contains("was deleted and made again");
    }

    @Test
    void more_partitions_than_loading_threads_wait_for_their_loads() throws InterruptedException {
        ExecutorService loader = ConsumerGroup.loader(2);
        Semaphore atWork = new Semaphore(0);
        CountDownLatch end = new CountDownLatch(1);
        for (int partition = 0; partition < 5; partition++) {
            loader.execute(() -> {
                atWork.release();
                try {
                    end.await();
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        atWork.acquire(2);

        assertThat(((ThreadPoolExecutor) loader).getPoolSize()).isEqualTo(2);
        assertThat(((ThreadPoolExecutor) loader).getQueue()).hasSize(3);
        end.countDown();
        loader.shutdown();
    }
}
