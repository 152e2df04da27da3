package io.hourledger.aggregator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.BucketIncrement;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Checkpoint.Advance;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.CheckpointStore.OnDiskId;
import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.NewIds;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.hour.TimedValues;
import io.hourledger.aggregator.ids.IdBuffer;
import io.hourledger.aggregator.ids.IdFilter;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.postgres.PostgresLogIdentity.LogIdentity;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

@Tag("servers")
class PostgresCheckpointStoreTest {

    private static final UsageHour TEN = new UsageHour(Instant.parse("2026-03-01T10:00:00Z"));

    private static final CatalogueVersions METERS = Usage.VERSIONS;
    private static final CountingRules RULES =
            new CountingRules(1, Duration.ofDays(2), 48, Duration.ofHours(2), 3, 1_000_000, 1_000_000);

    private final TestClock clock = new TestClock(TEN.end());
    private final HikariDataSource database = new HikariDataSource();

    private PostgresCheckpointStore store;

    @BeforeEach
    void open() {
        TestDatabase.Address address = TestServers.freshDatabase();
        database.setJdbcUrl(address.jdbcUrl());
        database.setUsername(address.user());
        database.setPassword(address.password());
        new PostgresLogIdentity(database).claim(new LogIdentity("topic", "id", 1, "key"));
        new PostgresCatalogue(database).claim(Usage.CATALOGUE);
        store = new PostgresCheckpointStore(database, clock, METERS);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static Checkpoint checkpoint(long number, long from, long to, List<NewIds> ids, Cutoff... cutoffs) {
        return new Checkpoint(
                0,
                new Advance(number, from, to),
                new Tallies(to, to, 0, 0),
                List.of(),
                ids,
                List.of(),
                List.of(cutoffs));
    }

    @Test
    void only_one_of_two_owners_goes_on_from_the_same_offset() {
        assertThat(store.keep(checkpoint(1, 0, 10, List.of()))).isEqualTo(Outcome.STORED);
        assertThat(store.keep(checkpoint(1, 0, 20, List.of()))).isEqualTo(Outcome.SOMEBODY_WENT_ON);
        assertThat(store.keep(checkpoint(2, 9, 20, List.of()))).isEqualTo(Outcome.SOMEBODY_WENT_ON);
        assertThat(store.keep(checkpoint(2, 10, 20, List.of()))).isEqualTo(Outcome.STORED);
    }

    @Test
    void a_cutoff_that_the_databases_clock_calls_too_early_is_not_kept() {
        Checkpoint ended = checkpoint(1, 0, 10, List.of(), new Cutoff(TEN, 10, TEN.end()));

        assertThat(store.keep(ended, TEN.end().plusMillis(1))).isEqualTo(Outcome.TOO_EARLY);
        assertThat(store.keep(ended, TEN.end())).isEqualTo(Outcome.STORED);
    }

    @Test
    void who_has_not_seen_the_last_cutoff_cannot_go_on_though_the_offset_is_the_same() {
        store.keep(checkpoint(1, 0, 10, List.of()));
        store.keep(checkpoint(2, 10, 10, List.of(), new Cutoff(TEN, 10, TEN.end())));

        assertThat(store.keep(checkpoint(2, 10, 20, List.of()))).isEqualTo(Outcome.SOMEBODY_WENT_ON);
        assertThat(store.keep(checkpoint(3, 10, 20, List.of()))).isEqualTo(Outcome.STORED);
    }

    private NewIds random(Random random, UsageHour hour, int count, List<OnDiskId> known) {
        IdBuffer buffer = new IdBuffer(count);
        for (int i = 0; i < count; i++) {
            OnDiskId id = new OnDiskId(hour, -1, random.nextLong(), random.nextInt());
            buffer.add(id.high(), id.low(), id.low() ^ 7);
            known.add(id);
        }
        return new NewIds(hour, buffer.toBytes());
    }

    private static final class Loaded implements CheckpointStore.Loading {
        private long inMemory;
        private final List<Long> runs = new ArrayList<>();
        private final List<IdFilter> filters = new ArrayList<>();

        @Override
        public void position(long checkpoint, long nextOffset, Tallies tallies, long sealedThrough, long ids) {
            // only ids are looked at
        }

        @Override
        public void cutoff(Cutoff cutoff) {
            // only ids are looked at
        }

        @Override
        public void ids(UsageHour hour, byte[] ids) {
            inMemory += ids.length / 16;
        }

        @Override
        public void onDisk(UsageHour hour, long run, long ids, IdFilter filter) {
            runs.add(run);
            filters.add(filter);
        }
    }

    private Loaded load(long room) {
        Loaded loaded = new Loaded();
        store.load(0, 3, room, loaded);
        return loaded;
    }

    private void assertAllFound(List<OnDiskId> known) {
        assertThat(store.findOnDisk(0, known))
                .containsExactly(known.stream()
                        .mapToLong(id -> Integer.toUnsignedLong(id.low() ^ 7))
                        .toArray());
        List<OnDiskId> others = known.stream()
                .map(id -> new OnDiskId(id.hour(), id.run(), id.high(), id.low() + 1))
                .toList();
        assertThat(store.findOnDisk(0, others)).containsOnly(CheckpointStore.UNKNOWN_ID);
    }

    @Test
    void ids_without_room_in_memory_stay_on_disk_in_runs_and_are_found_before_and_after_their_hour_is_sealed() {
        Random random = new Random(2);
        List<OnDiskId> known = new ArrayList<>();
        store.keep(checkpoint(1, 0, 10, List.of(random(random, TEN, 1000, known))));
        assertThat(load(1000).inMemory).isEqualTo(1000);

        Loaded spilled = load(999);
        assertThat(spilled.inMemory).isZero();
        assertThat(spilled.runs).hasSize(1);
        long first = spilled.runs.getFirst();
        known.replaceAll(id -> new OnDiskId(id.hour(), first, id.high(), id.low()));
        List<OnDiskId> more = new ArrayList<>();
        store.keep(checkpoint(2, 10, 20, List.of(random(random, TEN, 1000, more))));
        assertThat(load(1100).inMemory).as("beside the filters of a run").isEqualTo(1000);
        Loaded both = load(500);
        assertThat(both.inMemory).isZero();
        assertThat(both.runs).hasSize(2).contains(first);
        long second = both.runs.stream().filter(run -> run != first).findFirst().orElseThrow();
        more.forEach(id -> known.add(new OnDiskId(id.hour(), second, id.high(), id.low())));
        for (OnDiskId id : known) {
            assertThat(both.filters.get(both.runs.indexOf(id.run())).mayHold(id.high(), id.low()))
                    .isTrue();
        }
        assertAllFound(known);

        store.keep(checkpoint(3, 20, 20, List.of(), new Cutoff(TEN, 20, TEN.end())));
        PostgresClosingStore closing = new PostgresClosingStore(database);
        closing.closed(closing.nextToClose(0).orElseThrow(), TEN.end());
        assertThat(closing.sealNext(0, TEN.end())).isPresent();

        assertAllFound(known);
        assertThat(load(2000).inMemory).isEqualTo(2000);
        Loaded sealed = load(1999);
        assertThat(sealed.inMemory).isZero();
        assertThat(sealed.runs).containsExactly(-1L);
    }

    @Test
    void every_sealed_id_is_found_with_its_content_and_no_other() {
        Random random = new Random(1);
        List<WantedId> known = new ArrayList<>();
        List<Integer> contents = new ArrayList<>();
        long number = 0;
        for (int row = 0; row < 3; row++) {
            IdBuffer buffer = new IdBuffer(1000);
            for (int i = 0; i < 1000; i++) {
                // some share their first 64 bits, so that they may lie at the seam of two blocks
                long high = i % 10 == 9 ? known.get(known.size() - 1).high() : random.nextLong();
                known.add(new WantedId(TEN, high, random.nextInt()));
                contents.add(random.nextInt());
                buffer.add(high, known.get(known.size() - 1).low(), contents.get(contents.size() - 1));
            }
            store.keep(checkpoint(number + 1, number, number + 1, List.of(new NewIds(TEN, buffer.toBytes()))));
            number++;
        }
        store.keep(checkpoint(number + 1, number, number, List.of(), new Cutoff(TEN, number, TEN.end())));
        PostgresClosingStore closing = new PostgresClosingStore(database);
        closing.closed(closing.nextToClose(0).orElseThrow(), TEN.end());
        assertThat(closing.sealNext(0, TEN.end())).isPresent();

        long[] found = store.findSealed(0, known);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isEqualTo(Integer.toUnsignedLong(contents.get(i)));
        }
        assertThat(store.findSealed(
                        0,
                        List.of(
                                new WantedId(TEN, Long.MIN_VALUE, 1),
                                new WantedId(TEN, Long.MAX_VALUE, 1),
                                new WantedId(
                                        TEN.next(),
                                        known.get(0).high(),
                                        known.get(0).low()),
                                new WantedId(
                                        TEN, known.get(0).high(), known.get(0).low() + 1))))
                .containsOnly(-1);
    }

    private byte[] some(Random random, int count, List<WantedId> known) {
        IdBuffer buffer = new IdBuffer(count);
        for (int i = 0; i < count; i++) {
            long high = i % 10 == 9 ? known.get(random.nextInt(known.size())).high() : random.nextLong();
            WantedId id = new WantedId(TEN, high, random.nextInt());
            known.add(id);
            buffer.add(id.high(), id.low(), id.low() ^ 7);
        }
        return buffer.toBytes();
    }

    private void assertAllSealedFound(List<WantedId> known) {
        assertThat(store.findSealed(0, known))
                .containsExactly(known.stream()
                        .mapToLong(id -> Integer.toUnsignedLong(id.low() ^ 7))
                        .toArray());
    }

    private void sealNext(Instant at) {
        PostgresClosingStore closing = new PostgresClosingStore(database);
        closing.closed(closing.nextToClose(0).orElseThrow(), at);
        assertThat(closing.sealNext(0, at)).isPresent();
    }

    @Test
    void ids_of_late_events_are_found_before_and_after_they_join_the_blocks_of_their_hour() {
        Random random = new Random(3);
        JdbcClient sql = JdbcClient.create(database);
        List<WantedId> known = new ArrayList<>();
        store.keep(checkpoint(1, 0, 10, List.of(new NewIds(TEN, some(random, 1000, known)))));
        store.keep(checkpoint(2, 10, 10, List.of(), new Cutoff(TEN, 10, TEN.end())));
        sealNext(TEN.end());
        store.keep(checkpoint(3, 10, 20, List.of(new NewIds(TEN, some(random, 500, known)))));
        assertAllSealedFound(known);
        assertThat(load(Long.MAX_VALUE).inMemory).as("near now").isEqualTo(1500);

        store.keep(checkpoint(
                4, 20, 20, List.of(), new Cutoff(TEN.next(), 20, TEN.next().end())));
        // as a checkpoint leaves it that commits while the ids are sorted
        sql.sql("insert into aggregator.counted_ids (partition, hour, next_offset, ids) values (0, ?, 30, ?)")
                .params(TEN.start().atOffset(ZoneOffset.UTC), some(random, 20, known))
                .update();
        sealNext(TEN.next().end());

        assertAllSealedFound(known);
        assertThat(sql.sql("select sum(length(ids)) / 16 from aggregator.sorted_id_block")
                        .query(Integer.class)
                        .single())
                .isEqualTo(1500);
        assertThat(sql.sql("select next_offset from aggregator.counted_ids")
                        .query(Long.class)
                        .list())
                .containsExactly(30L);
        assertThat(sql.sql("select max(length(ids)) / 16 from aggregator.sorted_id_block")
                        .query(Integer.class)
                        .single())
                .isLessThanOrEqualTo(130);
    }

    @Test
    void what_was_counted_with_fewer_versions_is_neither_stored_nor_loaded() {
        PostgresCatalogue catalogue = new PostgresCatalogue(database);
        Catalogue second = new Catalogue(2, List.of(Usage.REQUESTS), List.of());
        assertThat(catalogue.publish(
                        second,
                        UsageHour.ofNumber(TEN.number() + 2),
                        new DecidedBy("li.wei", "a test"),
                        machine -> TEN.start()))
                .isEmpty();
        Checkpoint checkpoint = checkpoint(1, 0, 10, List.of());

        assertThat(store.keep(checkpoint)).isEqualTo(Outcome.SOMEBODY_WENT_ON);
        assertThatThrownBy(() -> store.load(0, 1, Long.MAX_VALUE, new Loaded()))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(store.countingWith(catalogue.get().fingerprint()).keep(checkpoint))
                .isEqualTo(Outcome.STORED);
    }

    @Test
    void buckets_of_a_name_that_is_a_unique_count_in_other_hours_can_be_loaded() {
        Meter sum = new Meter("accounts", "app.login", Aggregation.SUM, "account", "accounts", BigDecimal.ONE);
        UsageHour later = UsageHour.ofNumber(TEN.number() + 2);
        store.keep(new Checkpoint(
                0,
                new Advance(1, 0, 10),
                new Tallies(2, 2, 0, 0),
                List.of(halves(TEN), halves(later)),
                List.of(),
                List.of(),
                List.of()));

        CatalogueVersions first = CatalogueVersions.only(with(1, sum));
        for (CatalogueVersions versions : List.of(
                first.with(with(2, Usage.ACCOUNTS), later.next()),
                first.with(with(2, Usage.ACCOUNTS), TEN.next()).with(with(3, sum), later))) {
            PartitionState state = new PartitionState(0, RULES, EventReader.of(versions), IdKey.fromHex(Usage.ID_KEY));

            store.load(0, 3, Long.MAX_VALUE, state.loading());

            assertThat(state.nextOffset()).isEqualTo(10);
        }
    }

    private static Catalogue with(int version, Meter meter) {
        return new Catalogue(version, List.of(meter), List.of());
    }

    private static BucketIncrement halves(UsageHour hour) {
        return new BucketIncrement(
                new Bucket(
                        hour,
                        0,
                        "i",
                        "accounts",
                        new BigDecimal("12.5"),
                        new EventSpan(1, hour.start(), hour.start()),
                        0,
                        new Bucket.Offsets(1, 1)),
                Aggregation.SUM);
    }

    @Test
    void what_a_checkpoint_counted_of_a_bucket_is_added_to_what_is_stored_of_it() {
        Map<String, Bucket> expected = new TreeMap<>();
        Random random = new Random(7);
        for (int number = 1; number <= 40; number++) {
            List<BucketIncrement> increments = new ArrayList<>();
            for (Aggregation aggregation : Aggregation.values()) {
                for (int revision = 0; revision < 2; revision++) {
                    increments.add(increment(aggregation, revision, number, random));
                }
            }
            increments.forEach(increment -> expected.merge(
                    nameOf(increment.bucket()), increment.bucket(), (stored, more) -> increment.addedTo(stored)));
            assertThat(store.keep(new Checkpoint(
                            0,
                            new Advance(number, number - 1, number),
                            new Tallies(number, number, 0, 0),
                            increments,
                            List.of(),
                            List.of(),
                            List.of())))
                    .isEqualTo(Outcome.STORED);
        }

        assertThat(storedBuckets()).hasSize(16).isEqualTo(shown(expected, BigDecimal::stripTrailingZeros));
    }

    /** Values and times meet now and then, so that of equal ones the later offset is seen to hold. */
    private static BucketIncrement increment(Aggregation aggregation, int revision, long number, Random random) {
        Instant first = TEN.start().plusSeconds(random.nextInt(20));
        BigDecimal raw = BigDecimal.valueOf(random.nextInt(1000) - 300, random.nextInt(3));
        Instant at = TEN.start().plusSeconds(random.nextInt(1000));
        TimedValues values =
                switch (aggregation) {
                    case PERCENTILE ->
                        TimedValues.of(revision == 0 ? Usage.BANDWIDTH : Usage.MEDIAN_LEVEL, TEN, raw, at);
                    case TIME_WEIGHTED_SUM -> TimedValues.of(Usage.DISK_HOURS, TEN, raw, at.minusSeconds(500));
                    case COUNT, SUM, MIN, MAX, LATEST, UNIQUE -> null;
                };
        return new BucketIncrement(
                new Bucket(
                        TEN,
                        revision,
                        "i",
                        aggregation.name(),
                        new Bucket.Total(raw, values),
                        new EventSpan(1 + random.nextInt(3), first, first.plusSeconds(random.nextInt(3))),
                        random.nextInt(2),
                        new Bucket.Offsets(number * 10, number * 10 + 9)),
                aggregation);
    }

    private static String nameOf(Bucket bucket) {
        return bucket.meter() + "." + bucket.revision();
    }

    private static Map<String, String> shown(Map<String, Bucket> buckets, UnaryOperator<BigDecimal> amount) {
        Map<String, String> shown = new TreeMap<>();
        buckets.forEach((name, bucket) -> shown.put(
                name,
                amount.apply(bucket.rawTotal()).toPlainString() + " "
                        + bucket.total().timed() + " of "
                        + bucket.events().eventCount() + " (" + bucket.sharedEvents() + " shared) from "
                        + bucket.events().firstEventAt() + " to "
                        + bucket.events().lastEventAt() + " at "
                        + bucket.firstOffset() + " to " + bucket.lastOffset()));
        return shown;
    }

    private Map<String, String> storedBuckets() {
        Map<String, Bucket> stored = new TreeMap<>();
        JdbcClient.create(database)
                .sql("select " + Columns.OF_BUCKET + " from aggregator.bucket")
                .query((row, number) -> Columns.bucket(row))
                .list()
                .forEach(bucket -> stored.put(nameOf(bucket), bucket));
        return shown(stored, UnaryOperator.identity());
    }
}
