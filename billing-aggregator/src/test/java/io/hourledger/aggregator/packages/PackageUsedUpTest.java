package io.hourledger.aggregator.packages;

import static io.hourledger.aggregator.Usage.egress;
import static io.hourledger.aggregator.Usage.reading;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.openhour.OpenBuckets;
import io.hourledger.aggregator.openhour.OpenBuckets.Wanted;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.threshold.ThresholdNotices;
import io.hourledger.aggregator.threshold.ThresholdSettings;
import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.contracts.instance.InstanceCommand.FreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezeInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.instance.PackagePolicy;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class PackageUsedUpTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));
    private final TestServers stack = new TestServers(clock);

    @AfterEach
    void close() {
        stack.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private void add(String packageId, String amount) {
        add("i-1", packageId, amount);
    }

    private void add(String instance, String packageId, String amount) {
        add(instance, packageId, amount, TEN);
    }

    private void add(String instance, String packageId, String amount, Instant openedAt) {
        stack.ledger().handle(new AddPackage(new InstanceId(instance), packageId, new BigDecimal(amount), openedAt));
    }

    private void use(String id, String bytes) {
        use(2, id, bytes);
    }

    private void use(int second, String id, String bytes) {
        stack.send("i-1", egress("i-1", id, TEN.plusSeconds(second), bytes));
    }

    private List<String> noticed() {
        return stack.sql()
                .sql(
                        """
                        select payload ->> 'packageInstanceId' from ledger.event
                         where event_type = 'package-use-up-noticed' order by sequence_number""")
                .query(String.class)
                .list();
    }

    private void soonConsumed(int events) {
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(events));
    }

    @Test
    void each_package_is_noticed_to_be_used_up_in_the_open_hour_in_the_order_bought_and_once() {
        stack.open("i-1");
        add("p-1", "5");
        add("p-2", "10");
        stack.startWithAutomations();

        use("a", "4999999");
        use("a", "4999999");
        soonConsumed(2);
        use("b", "1");
        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("p-1"));

        use("c", "10000000");
        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("p-1", "p-2"));
        assertThat(stack.metered()).isEmpty();

        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(1));
        assertThat(noticed()).containsExactly("p-1", "p-2");
    }

    @Test
    void an_open_hour_that_may_still_come_to_less_uses_up_no_package() {
        stack.open(Usage.DISK_SIZE, "i-1");
        stack.open("i-2");
        add("i-1", "p-1", "5");
        add("i-2", "p-2", "5");
        stack.startWithAutomations();

        stack.send("i-1", reading(Usage.SIZE, "i-1", "a", TEN.plusSeconds(2), "6000"));
        soonConsumed(1);
        stack.send("i-2", egress("i-2", "a", TEN.plusSeconds(2), "6000000"));

        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("p-2"));
    }

    @Test
    void the_largest_value_of_an_hour_and_not_the_sum_of_its_revisions_uses_up_a_package() {
        stack.open(Usage.CLUSTER_PEAK, "i-1");
        add("p-1", "5");
        NoticePackageWhenUsedUp rule = new NoticePackageWhenUsedUp(
                new PrepaidInstances(stack.database(), TestServers.PARTITIONS),
                new OpenBuckets(stack.database()),
                stack.ledger(),
                stack.queries(),
                PackagePolicy.CAUTIOUS,
                () -> Usage.VERSIONS,
                clock,
                new ThresholdNotices(new ThresholdSettings(List.of()).thresholds(), stack.ledger(), clock));
        keepPeak(0, 3);
        keepPeak(1, 4);
        rule.lookAt(1, List.of("i-1"));
        assertThat(noticed()).isEmpty();

        keepPeak(2, 5);
        rule.lookAt(1, List.of("i-1"));
        assertThat(noticed()).containsExactly("p-1");
    }

    private void keepPeak(int revision, int nodes) {
        stack.sql()
                .sql(
                        """
                        insert into aggregator.bucket (partition, hour, revision, ends_with, instance, meter, raw_total, events,
                                                       first_event_at, last_event_at, first_offset, last_offset)
                        select 1, :ten, :revision, case when :revision > 0 then :ten + :revision * interval '1 hour' end,
                               'i-1', 'peak', :nodes, 1, :ten, :ten, :revision, :revision""")
                .param("ten", TEN.atOffset(ZoneOffset.UTC))
                .param("revision", revision)
                .param("nodes", nodes)
                .update();
    }

    @Test
    void what_one_aggregator_has_counted_is_noticed_by_the_one_that_takes_over() {
        stack.open("i-1");
        add("p-1", "5");
        Aggregator without = stack.start();
        use("a", "6000000");
        soonConsumed(1);
        stack.stop(without);
        assertThat(noticed()).isEmpty();

        stack.startWithAutomations();

        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("p-1"));
    }

    @Test
    void an_instance_that_the_ledger_fails_for_keeps_no_other_from_being_noticed() {
        List<String> instances =
                IntStream.range(1, 10).mapToObj(number -> "i-" + number).toList();
        Aggregator without = stack.start();
        for (String instance : instances) {
            stack.open(instance);
            add(instance, "p-" + instance, "5");
            stack.send(instance, egress(instance, "a", TEN.plusSeconds(2), "6000000"));
        }
        soonConsumed(9);
        stack.stop(without);
        stack.sql()
                .sql(
                        """
                        alter table ledger.event add constraint broken
                              check (instance_id <> 'i-5' or event_type <> 'package-use-up-noticed')""")
                .update();

        stack.startWithAutomations();

        soon().untilAsserted(() -> assertThat(noticed()).hasSize(8).doesNotContain("p-i-5"));

        stack.sql().sql("alter table ledger.event drop constraint broken").update();
        soon().untilAsserted(() -> assertThat(noticed()).hasSize(9).contains("p-i-5"));
    }

    @Test
    void a_package_that_is_heard_of_after_the_usage_is_used_up_at_once() {
        stack.open("i-1");
        stack.startWithAutomations();
        use("a", "6000000");
        soonConsumed(1);

        add("p-1", "5");

        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("p-1"));
    }

    @Test
    void usage_from_before_its_opening_uses_up_no_package() {
        stack.open("i-1");
        stack.startWithAutomations();
        use("a", "6000000");
        soonConsumed(1);
        add("i-1", "p-1", "5", clock.instant());
        soon().untilAsserted(() -> assertThat(boundaries()).isEqualTo(1));

        use(60, "b", "4999999");
        soonConsumed(2);
        anotherIsUsedUp();
        assertThat(noticed()).containsExactly("p-other");

        use(61, "c", "1");
        soon().untilAsserted(() -> assertThat(noticed()).containsExactlyInAnyOrder("p-other", "p-1"));
    }

    @Test
    void a_second_package_pays_nothing_of_what_was_used_beyond_the_first() {
        stack.open("i-1");
        add("p-1", "5");
        stack.startWithAutomations();
        use("a", "9000000");
        soonConsumed(1);
        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("p-1"));
        add("i-1", "p-2", "5", clock.instant());
        soon().untilAsserted(() -> assertThat(boundaries()).isEqualTo(2));

        use(60, "b", "4999999");
        soonConsumed(2);
        anotherIsUsedUp();
        assertThat(noticed()).containsExactlyInAnyOrder("p-1", "p-other");

        use(61, "c", "1");
        soon().untilAsserted(() -> assertThat(noticed()).containsExactlyInAnyOrder("p-1", "p-other", "p-2"));
    }

    @Test
    void usage_of_a_frozen_instance_uses_up_no_package_since_it_is_withheld() {
        stack.open("i-1");
        add("p-1", "5");
        stack.startWithAutomations();
        use("a", "1000000");
        soonConsumed(1);
        stack.ledger().handle(new FreezeInstance(new InstanceId("i-1"), clock.instant()));
        soon().untilAsserted(() -> assertThat(boundaries()).isEqualTo(2));

        use(60, "b", "6000000");
        soonConsumed(2);
        anotherIsUsedUp();
        assertThat(noticed()).containsExactly("p-other");

        clock.moveTo(TEN.plusSeconds(120));
        stack.ledger().handle(new UnfreezeInstance(new InstanceId("i-1"), clock.instant()));
        soon().untilAsserted(() -> assertThat(boundaries()).isEqualTo(4));
        use(120, "c", "3999999");
        soonConsumed(4);
        use(121, "d", "1");
        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("p-other", "p-1"));
    }

    /** Whatever was counted before has been looked at then. */
    private void anotherIsUsedUp() {
        stack.open("i-2");
        add("i-2", "p-other", "5");
        stack.send("i-2", egress("i-2", "a", TEN.plusSeconds(2), "6000000"));
        soon().untilAsserted(() -> assertThat(noticed()).contains("p-other"));
    }

    private int boundaries() {
        return stack.sql()
                .sql("select count(*) from aggregator.usage_at_boundary where meter = ''")
                .query(Integer.class)
                .single();
    }

    @Test
    void before_a_first_hour_was_closed_no_hour_before_the_first_bucket_is_asked_for() {
        stack.sql()
                .sql(
                        """
                        insert into aggregator.bucket (partition, hour, instance, meter, raw_total, events, first_event_at, last_event_at,
                                                       first_offset, last_offset)
                        select 1, :ten, 'i-' || number, 'egress', 7, 1, :ten, :ten, number, number
                          from generate_series(0, 499) as number""")
                .param("ten", TEN.atOffset(ZoneOffset.UTC))
                .update();
        List<Wanted> wanted = IntStream.range(0, 500)
                .mapToObj(number -> new Wanted("i-" + number, "egress", Instant.EPOCH))
                .toList();
        HikariConfig impatient = new HikariConfig();
        impatient.setJdbcUrl(stack.address().jdbcUrl());
        impatient.setUsername(stack.address().user());
        impatient.setPassword(stack.address().password());
        impatient.setConnectionInitSql("set statement_timeout = 5000");
        try (HikariDataSource database = new HikariDataSource(impatient)) {
            assertThat(new OpenBuckets(database).of(1, wanted, Usage.VERSIONS)).hasSize(500);
        }
    }
}
