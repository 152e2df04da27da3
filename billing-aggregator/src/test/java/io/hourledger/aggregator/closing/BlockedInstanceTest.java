package io.hourledger.aggregator.closing;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.closing.AmendedHours.Outcome;
import io.hourledger.aggregator.closing.CloseHourWhenOver.Round;
import io.hourledger.aggregator.closing.ClosingStore.Blocked;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.BucketIncrement;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Checkpoint.Advance;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.page.BlockedInstances;
import io.hourledger.aggregator.page.BlockedInstances.BlockedInstance;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.postgres.PostgresCheckpointStore;
import io.hourledger.aggregator.postgres.PostgresClosingStore;
import io.hourledger.aggregator.postgres.PostgresLogIdentity;
import io.hourledger.aggregator.postgres.PostgresLogIdentity.LogIdentity;
import io.hourledger.aggregator.recount.AmendedHourRecount;
import io.hourledger.aggregator.recount.HourRecount;
import io.hourledger.aggregator.unmatched.UsageWriteOff;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.statement.MeteredHours;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;

/** Two hours of twenty instances of one partition are counted and over. */
@Tag("servers")
class BlockedInstanceTest {

    private static final UsageHour TEN = new UsageHour(Instant.parse("2026-03-01T10:00:00Z"));
    private static final UsageHour ELEVEN = new UsageHour(TEN.end());
    private static final Catalogue WITHOUT_EGRESS = new Catalogue(2, List.of(Usage.REQUESTS), List.of());
    private static final int BATCH = 1000;

    private final TestClock clock = new TestClock(ELEVEN.end().plusSeconds(120));
    private final TestServers stack = new TestServers(clock);
    private final PostgresClosingStore store = new PostgresClosingStore(stack.database());

    @BeforeEach
    void count() {
        new PostgresLogIdentity(stack.database()).claim(new LogIdentity("topic", "id", 1, "key"));
        new PostgresCatalogue(stack.database()).claim(Usage.CATALOGUE);
        List<BucketIncrement> buckets = new ArrayList<>();
        for (UsageHour hour : List.of(TEN, ELEVEN)) {
            instances().forEach(instance -> buckets.add(bucket(hour, instance)));
        }
        new PostgresCheckpointStore(stack.database(), machineTime -> machineTime, Usage.VERSIONS)
                .keep(new Checkpoint(
                        0,
                        new Advance(1, 0, 40),
                        new Tallies(40, 40, 0, 0),
                        buckets,
                        List.of(),
                        List.of(),
                        List.of(new Cutoff(TEN, 20, TEN.end()), new Cutoff(ELEVEN, 40, ELEVEN.end()))));
    }

    @AfterEach
    void close() {
        stack.close();
    }

    private static List<String> instances() {
        return IntStream.range(10, 30).mapToObj(number -> "i-" + number).toList();
    }

    private static BucketIncrement bucket(UsageHour hour, String instance) {
        return Usage.egressBucket(hour, instance, 1);
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
    }

    private CloseHourWhenOver closing(HourLedger ledger) {
        return closing(ledger, Usage.CATALOGUE);
    }

    private CloseHourWhenOver closing(HourLedger ledger, Catalogue catalogue) {
        return closing(ledger, catalogue, AmendedHours.NONE);
    }

    private CloseHourWhenOver closing(HourLedger ledger, Catalogue catalogue, AmendedHours amendedHours) {
        return new CloseHourWhenOver(
                store, CutoffJournal.NONE, ledger, () -> CatalogueVersions.only(catalogue), amendedHours, clock, BATCH);
    }

    private HourLedger ledger() {
        return stack.parts().ledger();
    }

    /** PostgreSQL itself refuses every event of this instance. */
    private void breakInstance(String instance) {
        stack.sql()
                .sql("alter table ledger.event add constraint broken check (instance_id <> '" + instance
                        + "') not valid")
                .update();
    }

    private void mend() {
        stack.sql().sql("alter table ledger.event drop constraint broken").update();
    }

    private List<String> stateOf(String instance) {
        return stack.sql()
                .sql("select state from aggregator.bucket where instance = ? order by hour")
                .param(instance)
                .query(String.class)
                .list();
    }

    private List<String> hoursInLedger(String instance) {
        return stack.sql()
                .sql("select payload ->> 'hour' from ledger.event where instance_id = ? and event_type = 'hour-metered'"
                        + " order by sequence_number")
                .param(instance)
                .query(String.class)
                .list();
    }

    private void openAll() {
        stack.open(instances().toArray(String[]::new));
    }

    @Test
    void one_instance_that_cannot_go_on_stops_itself_only() {
        openAll();
        breakInstance("i-17");

        closing(ledger()).closeHoursOf(0);

        assertThat(store.nextToClose(0)).isEmpty();
        assertThat(stack.metered()).hasSize(38).doesNotContainKeys("10 i-17", "11 i-17");
        assertThat(stateOf("i-17")).containsExactly("blocked", "blocked");
        assertThat(store.blocked(0)).isEqualTo(new Blocked(1, clock.instant()));
        assertThat(new BlockedInstances(stack.sql()).all()).singleElement().satisfies(blocked -> {
            assertThat(blocked.instance()).isEqualTo("i-17");
            assertThat(blocked.firstHour()).isEqualTo(TEN.start());
            assertThat(blocked.hours()).isEqualTo(2);
            assertThat(blocked.since()).isEqualTo(clock.instant());
            assertThat(blocked.reason()).contains("violates check constraint \"broken\"");
        });
    }

    @Test
    void an_instance_whose_state_cannot_be_read_stops_itself_only_where_several_meters_read_its_events() {
        stack.open(Usage.API_CALLS, instances().toArray(String[]::new));
        stack.sql().sql("update aggregator.bucket set meter = 'calls'").update();
        stack.sql()
                .sql("update ledger.instance_snapshot set state = state - 'totals' where instance_id = 'i-17'")
                .update();
        stack.sql()
                .sql("update ledger.instance_snapshot set state = '[]' where instance_id = 'i-18'")
                .update();

        closing(ledger()).closeHoursOf(0);

        assertThat(store.nextToClose(0)).isEmpty();
        assertThat(stack.metered()).hasSize(36).doesNotContainKeys("10 i-17", "11 i-17", "10 i-18", "11 i-18");
        assertThat(stateOf("i-17")).containsExactly("blocked", "blocked");
        assertThat(stateOf("i-18")).containsExactly("blocked", "blocked");
    }

    @Test
    void when_the_cause_is_gone_its_hours_are_closed_in_order_once() {
        openAll();
        breakInstance("i-17");
        closing(ledger()).closeHoursOf(0);
        closing(ledger()).enterBlocked(0);
        assertThat(stateOf("i-17")).containsExactly("blocked", "blocked");

        mend();
        closing(ledger()).enterBlocked(0);
        closing(ledger()).enterBlocked(0);

        assertThat(hoursInLedger("i-17")).containsExactly("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
        assertThat(stateOf("i-17")).containsExactly("metered", "metered");
        assertThat(stack.metered()).hasSize(40);
        assertThat(store.blocked(0)).isEqualTo(Blocked.NONE);
    }

    @Test
    void the_loop_tries_again_by_itself() {
        openAll();
        breakInstance("i-17");
        List<String> failedSteps = new CopyOnWriteArrayList<>();
        try (ClosingLoop loop = new ClosingLoop(closing(ledger()), store, failedSteps::add, 1, Duration.ofMillis(50))) {
            loop.given(new PartitionOwnership(0, 1));
            soon().untilAsserted(() -> assertThat(loop.blocked(0)).contains(new Blocked(1, clock.instant())));
            mend();
            soon().untilAsserted(() -> assertThat(loop.blocked(0)).contains(Blocked.NONE));
        }
        assertThat(stack.metered()).hasSize(40);
        assertThat(failedSteps).isEmpty();
    }

    /** Ten o'clock of one instance has an amendment. */
    private static AmendedHours amended(String instance, Outcome outcome) {
        return new AmendedHours() {
            @Override
            public Set<Bucket> among(int partition, Collection<Bucket> buckets) {
                return buckets.stream()
                        .filter(bucket -> bucket.instance().equals(instance)
                                && bucket.hour().equals(TEN))
                        .collect(toSet());
            }

            @Override
            public Map<Bucket, Outcome> outcomes(int partition, Collection<Bucket> buckets) {
                return among(partition, buckets).stream().collect(toMap(bucket -> bucket, bucket -> outcome));
            }
        };
    }

    /** A broker that takes connections and answers none. */
    private static boolean isAsked(ServerSocket broker) throws IOException {
        broker.setSoTimeout(100);
        try (Socket asked = broker.accept()) {
            return asked.isConnected();
        } catch (SocketTimeoutException nobody) {
            return false;
        }
    }

    private AmendedHourRecount recountFrom(ServerSocket broker) {
        return new AmendedHourRecount(
                new HourRecount.Log(
                        Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + broker.getLocalPort()),
                        "topic"),
                new CountingRules(1, Duration.ofDays(1), 24, Duration.ofHours(1), 3, Long.MAX_VALUE, Integer.MAX_VALUE),
                () -> Usage.VERSIONS,
                IdKey.fromHex(Usage.ID_KEY),
                stack.database());
    }

    @Test
    void an_hour_closes_while_an_amended_one_is_counted_again_from_a_log_that_takes_long() throws Exception {
        openAll();
        stack.sql()
                .sql(
                        "insert into aggregator.amendment values (0, 5, '2026-03-01T10:00:00Z', 'i-17', 0, 'voided', '/app', 'e-1',"
                                + " 'web.egress', 'v-1', now(), now(), 'li.wei', 'sent twice')")
                .update();
        try (ServerSocket broker = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            AmendedHourRecount amended = recountFrom(broker);
            CloseHourWhenOver closing = closing(ledger(), Usage.CATALOGUE, amended);
            closing.closeHoursOf(0);
            closing.enterBlocked(0);
            assertThat(isAsked(broker)).as("who closes hours reads the log").isFalse();

            Thread counting = new Thread(() -> amended.countNext(0), "counting");
            counting.start();
            soon().until(() -> isAsked(broker));
            closing.enterBlocked(0);
            assertThat(counting.isAlive()).as("the log still gives no answer").isTrue();
            assertThat(stack.metered()).hasSize(38).doesNotContainKeys("10 i-17", "11 i-17");
            assertThat(new BlockedInstances(stack.sql()).all())
                    .extracting(BlockedInstance::reason)
                    .containsExactly("its hour has amendments and is counted again from the log");
            counting.interrupt();
            counting.join();
        }
    }

    @Test
    void an_hour_that_a_person_writes_off_lets_the_later_ones_of_its_instance_go_on() {
        openAll();
        CloseHourWhenOver closing = closing(
                ledger(), Usage.CATALOGUE, amended("i-17", new Outcome.Held("it does not come out of the log")));
        closing.closeHoursOf(0);
        closing.enterBlocked(0);
        UsageWriteOff ending = new UsageWriteOff(stack.database());
        UsageWriteOff.Found ten =
                ending.find("i-17", UsageWriteOff.State.BLOCKED, TEN).getFirst();
        assertThat(ten.reason()).isEqualTo("it does not come out of the log");
        assertThat(ending.writeOff(
                        "i-17",
                        UsageWriteOff.State.BLOCKED,
                        ten,
                        new DecidedBy("li.wei", "charged by hand"),
                        clock.instant()))
                .isTrue();

        closing.enterBlocked(0);

        assertThat(hoursInLedger("i-17")).containsExactly("2026-03-01T11:00:00Z");
        assertThat(stateOf("i-17")).containsExactly("written-off", "metered");
        assertThat(store.blocked(0)).isEqualTo(Blocked.NONE);
    }

    @Test
    void an_amended_hour_that_cannot_be_counted_again_now_holds_back_its_own_instance_only() {
        openAll();
        CloseHourWhenOver silent =
                closing(ledger(), Usage.CATALOGUE, amended("i-17", new Outcome.Held("Kafka gave no answer")));
        silent.closeHoursOf(0);
        Instant since = clock.instant();
        assertThat(store.nextToClose(0)).isEmpty();
        assertThat(stack.metered()).hasSize(38).doesNotContainKeys("10 i-17", "11 i-17");
        clock.moveTo(since.plusSeconds(60));
        silent.enterBlocked(0);

        assertThat(stack.metered()).hasSize(38);
        assertThat(new BlockedInstances(stack.sql()).all()).singleElement().satisfies(blocked -> {
            assertThat(blocked.instance()).isEqualTo("i-17");
            assertThat(blocked.reason()).isEqualTo("Kafka gave no answer");
            assertThat(blocked.since()).isEqualTo(since);
        });

        closing(ledger(), Usage.CATALOGUE, amended("i-17", new Outcome.Amount(new BigDecimal("5"))))
                .enterBlocked(0);

        assertThat(hoursInLedger("i-17")).containsExactly("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
        assertThat(new MeteredHours(stack.database()).of(new InstanceId("i-17"), TEN, 0))
                .hasValueSatisfying(metered -> assertThat(metered.amount()).isEqualByComparingTo("5"));
        assertThat(store.blocked(0)).isEqualTo(Blocked.NONE);
    }

    @Test
    void an_hour_that_fails_holds_back_none_that_lies_before_it() {
        openAll();
        breakInstance("i-17");
        closing(ledger()).closeHoursOf(0);
        mend();
        stack.sql()
                .sql("alter table ledger.event add constraint broken check"
                        + " (event_type <> 'hour-metered' or payload ->> 'hour' <> '2026-03-01T11:00:00Z') not valid")
                .update();

        closing(ledger()).enterBlocked(0);

        assertThat(stateOf("i-17")).containsExactly("metered", "blocked");
    }

    @Test
    void usage_that_waited_and_now_fails_holds_back_no_other() {
        closing(ledger()).closeHoursOf(0);
        assertThat(stateOf("i-17")).containsExactly("unmatched", "unmatched");
        openAll();

        String after = "";
        while (closing(ledger(), WITHOUT_EGRESS).enterUnmatched(0, after)
                instanceof Round.GoesOn(String afterSubject)) {
            after = afterSubject;
        }
        assertThat(new BlockedInstances(stack.sql()).all())
                .hasSize(20)
                .allSatisfy(blocked -> assertThat(blocked.reason()).contains("has no meter egress"));

        closing(ledger()).enterBlocked(0);
        assertThat(hoursInLedger("i-17")).containsExactly("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
        assertThat(store.blocked(0)).isEqualTo(Blocked.NONE);
    }

    @Test
    void a_step_that_fails_keeps_no_other_from_being_done() {
        openAll();
        HourLedger knowsNobody = new HourLedger() {
            @Override
            public List<Decision> enter(List<MeterHour> hours) {
                return ledger().enter(hours);
            }

            @Override
            public Map<String, String> meters(Collection<String> instances) {
                return Map.of();
            }

            @Override
            public Set<String> known(Collection<String> instances) {
                throw new StackOverflowError("a bug");
            }
        };
        stack.sql()
                .sql("update aggregator.bucket set state = 'unmatched' where instance = 'i-29'")
                .update();
        List<String> failedSteps = new CopyOnWriteArrayList<>();
        try (ClosingLoop loop =
                new ClosingLoop(closing(knowsNobody), store, failedSteps::add, 1, Duration.ofMillis(50))) {
            loop.given(new PartitionOwnership(0, 1));
            soon().untilAsserted(() -> {
                assertThat(loop.closedThrough(0)).isEqualTo(ELEVEN.number());
                assertThat(loop.sealedThrough(new PartitionOwnership(0, 1))).isEqualTo(ELEVEN.number());
                assertThat(failedSteps).hasSizeGreaterThan(2).containsOnly("enter-unmatched");
            });
        }
    }

    /** A ledger that some calls do not reach. */
    private HourLedger failing(RuntimeException failure, int... calls) {
        HourLedger real = ledger();
        int[] call = {0};
        return new HourLedger() {
            @Override
            public List<Decision> enter(List<MeterHour> hours) {
                call[0]++;
                if (IntStream.of(calls).anyMatch(one -> one == call[0])) {
                    throw failure;
                }
                return real.enter(hours);
            }

            @Override
            public Map<String, String> meters(Collection<String> instances) {
                return Map.of();
            }

            @Override
            public Set<String> known(Collection<String> instances) {
                return real.known(instances);
            }
        };
    }

    @Test
    void an_outage_while_the_one_at_fault_is_looked_for_blocks_nobody() {
        openAll();
        breakInstance("i-17");
        LedgerUnavailableException outage =
                new LedgerUnavailableException("away", new SQLException("terminating connection", "57P01"));

        for (int call = 2; call <= 10; call++) {
            CloseHourWhenOver closing = closing(failing(outage, call));
            assertThatThrownBy(() -> closing.closeHoursOf(0)).isSameAs(outage);
            assertThat(store.blocked(0)).isEqualTo(Blocked.NONE);
            assertThat(store.nextToClose(0)).map(ClosableHour::hour).contains(TEN);
        }

        closing(ledger()).closeHoursOf(0);
        assertThat(stack.metered()).hasSize(38);
    }

    @Test
    void a_lost_race_blocks_nobody_and_is_decided_anew() {
        openAll();
        LedgerUnavailableException lost =
                new LedgerUnavailableException("others were faster", new CannotAcquireLockException("40001"));

        closing(failing(lost, 1)).closeHoursOf(0);

        assertThat(stack.metered()).hasSize(40);
        assertThat(store.blocked(0)).isEqualTo(Blocked.NONE);
    }

    @Test
    void an_instance_that_loses_every_race_is_not_blocked() {
        stack.open("i-10");
        stack.sql()
                .sql("delete from aggregator.bucket where instance <> 'i-10'")
                .update();
        LedgerUnavailableException lost =
                new LedgerUnavailableException("others were faster", new CannotAcquireLockException("40001"));

        assertThatThrownBy(() -> closing(failing(lost, 1, 2)).closeHoursOf(0)).isSameAs(lost);
        assertThat(store.blocked(0)).isEqualTo(Blocked.NONE);

        closing(ledger()).closeHoursOf(0);
        assertThat(stack.metered()).isEqualTo(Map.of("10 i-10", BigDecimal.ONE, "11 i-10", BigDecimal.ONE));
    }
}
