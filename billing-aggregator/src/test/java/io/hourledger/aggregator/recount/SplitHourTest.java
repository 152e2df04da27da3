package io.hourledger.aggregator.recount;

import static io.hourledger.aggregator.Usage.egress;
import static io.hourledger.aggregator.Usage.reading;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.StoredEvent;
import io.hourledger.ledger.instance.WithholdReason;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class SplitHourTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant OPENED_AT = TEN.plusMillis(1_800_500);

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));
    private final TestServers stack = new TestServers(clock, Map.of("hourledger.ledger.late-window", "shorter"));

    @AfterEach
    void close() {
        stack.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private void useBeforeAndAfterTheOpening() {
        stack.ledger()
                .handle(new OpenInstance(
                        new InstanceId("i-1"), "order", "line", Usage.WEB_EGRESS, "buyer", false, OPENED_AT));
        stack.send("i-1", egress("i-1", "before", TEN.plusSeconds(600), "1000000"));
        stack.send("i-1", egress("i-1", "just before", OPENED_AT.minusMillis(1), "100000"));
        stack.send("i-1", egress("i-1", "just then", OPENED_AT, "200000"));
        stack.send("i-1", egress("i-1", "after", TEN.plusSeconds(2400), "2000000"));
        stack.send("i-1", egress("i-1", "after", TEN.plusSeconds(2400), "2000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(5));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
    }

    private List<String> inLedger(String sql) {
        return stack.sql().sql(sql).query(String.class).list();
    }

    private List<String> recounts() {
        return inLedger(
                """
                select concat_ws(' ', payload ->> 'billable', payload ->> 'withheld', payload ->> 'reason')
                  from ledger.event where event_type = 'hour-recounted'""");
    }

    @Test
    void the_hour_in_which_an_instance_is_opened_is_split_and_what_came_after_is_billed() {
        stack.startWithAutomations();
        useBeforeAndAfterTheOpening();

        soon().untilAsserted(() -> assertThat(recounts()).containsExactly("2.2 1.1 outside-life"));
        assertThat(
                        inLedger(
                                """
                                select payload ->> 'begin' || ' ' || (payload ->> 'end') || ' ' || (payload ->> 'amount')
                                  from ledger.event where event_type = 'usage-record-issued'"""))
                .containsExactly("2026-03-01T10:30:01Z 2026-03-01T11:00:00Z 2.2000");
        soon().untilAsserted(() -> assertThat(inLedger("select instance from aggregator.split_hour"))
                .isEmpty());
    }

    @Test
    void the_hour_in_which_the_product_changes_is_split_there_and_each_product_gets_a_record() {
        stack.startWithAutomations();
        Product larger = new Product(
                "web-egress-larger",
                Usage.WEB_EGRESS.meter(),
                ChargingMode.ON_DEMAND,
                PricingMode.FIXED,
                BillingCycle.HOURLY);
        InstanceId id = new InstanceId("i-1");
        stack.ledger().handle(new OpenInstance(id, "order", "line", Usage.WEB_EGRESS, "buyer", false, TEN));
        stack.ledger().handle(new UpgradeInstance(id, "upgrade", larger, OPENED_AT));
        stack.send("i-1", egress("i-1", "before", TEN.plusSeconds(600), "1000000"));
        stack.send("i-1", egress("i-1", "after", TEN.plusSeconds(2400), "2000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() -> assertThat(
                        inLedger(
                                """
                                select payload ->> 'begin' || ' ' || (payload ->> 'end') || ' ' || (payload ->> 'amount')
                                  from ledger.event where event_type = 'usage-record-issued' order by 1"""))
                .containsExactly(
                        "2026-03-01T10:00:00Z 2026-03-01T10:30:00Z 1.0000",
                        "2026-03-01T10:30:01Z 2026-03-01T11:00:00Z 2.0000"));
    }

    @Test
    void each_value_is_billed_by_the_product_under_which_it_came_first() {
        stack.startWithAutomations();
        Product larger = new Product(
                "app-accounts-larger",
                Usage.ACCOUNTS.name(),
                ChargingMode.ON_DEMAND,
                PricingMode.FIXED,
                BillingCycle.HOURLY);
        InstanceId id = new InstanceId("i-1");
        stack.ledger().handle(new OpenInstance(id, "order", "line", Usage.APP_ACCOUNTS, "buyer", false, TEN));
        stack.ledger().handle(new UpgradeInstance(id, "upgrade", larger, OPENED_AT));
        login("e-1", 2400, "ana");
        login("e-2", 2500, "ben");
        login("e-3", 600, "ana");
        login("e-4", 700, "cai");
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(4));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() -> assertThat(
                        inLedger(
                                """
                                select payload ->> 'begin' || ' ' || (payload ->> 'amount')
                                  from ledger.event where event_type = 'usage-record-issued' order by 1"""))
                .containsExactly("2026-03-01T10:00:00Z 2.0000", "2026-03-01T10:30:01Z 1.0000"));
    }

    private void login(String id, int second, String account) {
        stack.send("i-1", reading(Usage.ACCOUNTS, "i-1", id, TEN.plusSeconds(second), '"' + account + '"'));
    }

    @Test
    void of_a_split_hour_the_largest_value_within_the_life_is_billed() {
        stack.startWithAutomations();
        for (String instance : List.of("i-1", "i-2")) {
            stack.ledger()
                    .handle(new OpenInstance(
                            new InstanceId(instance),
                            "order",
                            "line-" + instance,
                            Usage.CLUSTER_PEAK,
                            "buyer",
                            false,
                            OPENED_AT));
        }
        stack.send("i-1", reading(Usage.PEAK, "i-1", "before", TEN.plusSeconds(600), "7"));
        stack.send("i-1", reading(Usage.PEAK, "i-1", "after", TEN.plusSeconds(2400), "4"));
        stack.send("i-2", reading(Usage.PEAK, "i-2", "before", TEN.plusSeconds(600), "4"));
        stack.send("i-2", reading(Usage.PEAK, "i-2", "after", TEN.plusSeconds(2400), "7"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(4));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() -> assertThat(recounts()).containsExactlyInAnyOrder("4 3 outside-life", "7 0"));
    }

    @Test
    void of_a_split_hour_the_smallest_value_within_the_life_is_billed_though_a_smaller_one_lies_outside() {
        stack.startWithAutomations();
        stack.ledger()
                .handle(new OpenInstance(
                        new InstanceId("i-1"), "order", "line", Usage.CLUSTER_FLOOR, "buyer", false, OPENED_AT));
        stack.send("i-1", reading(Usage.FLOOR, "i-1", "before", TEN.plusSeconds(600), "2"));
        stack.send("i-1", reading(Usage.FLOOR, "i-1", "after", TEN.plusSeconds(2400), "7"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() -> assertThat(recounts()).containsExactly("7 -5 outside-life"));
        assertThat(stack.metered()).containsEntry("10 i-1", new BigDecimal("2"));
    }

    @Test
    void a_late_value_of_a_split_hour_is_compared_with_the_life_alone() {
        stack.startWithAutomations();
        stack.ledger()
                .handle(new OpenInstance(
                        new InstanceId("i-1"), "order", "line", Usage.CLUSTER_PEAK, "buyer", false, OPENED_AT));
        stack.send("i-1", reading(Usage.PEAK, "i-1", "before", TEN.plusSeconds(600), "10"));
        stack.send("i-1", reading(Usage.PEAK, "i-1", "after", TEN.plusSeconds(2400), "4"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(recounts()).containsExactly("4 6 outside-life"));

        stack.send("i-1", reading(Usage.PEAK, "i-1", "late", TEN.plusSeconds(3000), "9"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(3));
        clock.moveTo(TEN.plus(Duration.ofMinutes(122)));

        soon().untilAsserted(() ->
                assertThat(recounts()).containsExactlyInAnyOrder("4 6 outside-life", "5 -5 outside-life"));
    }

    @Test
    void a_split_hour_that_ends_at_nothing_outside_the_life_bills_what_lay_within() {
        stack.startWithAutomations();
        stack.ledger()
                .handle(new OpenInstance(
                        new InstanceId("i-1"), "order", "line", Usage.CLUSTER_FLOOR, "buyer", false, OPENED_AT));
        stack.send("i-1", reading(Usage.FLOOR, "i-1", "before", TEN.plusSeconds(600), "0"));
        stack.send("i-1", reading(Usage.FLOOR, "i-1", "after", TEN.plusSeconds(2400), "7"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() -> assertThat(recounts()).containsExactly("7 -7 outside-life"));
    }

    @Test
    void a_mixed_hour_whose_events_have_gone_stays_withheld_and_is_left_to_a_person() throws Exception {
        Aggregator counting = stack.start();
        useBeforeAndAfterTheOpening();
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(1));
        stack.stop(counting);
        int partition = stack.sql()
                .sql("select (payload ->> 'partition')::int from ledger.event where event_type = 'hour-metered'")
                .query(Integer.class)
                .single();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            admin.deleteRecords(Map.of(new TopicPartition(stack.topic(), partition), RecordsToDelete.beforeOffset(2)))
                    .all()
                    .get();
        }

        stack.startWithAutomations();

        soon().untilAsserted(() ->
                assertThat(inLedger("select state from aggregator.split_hour")).containsExactly("log-gone"));
        assertThat(recounts()).isEmpty();
    }

    @Test
    void an_hour_that_cannot_be_looked_at_keeps_no_other_from_being_split() {
        stack.sql()
                .sql(
                        "insert into aggregator.split_hour (partition, hour, instance, revision) values (?, '2026-03-01T09:00:00Z', 'unknown', 0)")
                .param(partitionOf("i-1"))
                .update();

        stack.startWithAutomations();
        useBeforeAndAfterTheOpening();

        soon().untilAsserted(() -> assertThat(recounts()).containsExactly("2.2 1.1 outside-life"));
    }

    @Test
    void where_the_events_of_one_instance_have_gone_the_hour_of_another_is_split_nevertheless() throws Exception {
        Aggregator counting = stack.start();
        stack.send("i-1", egress("i-1", "gone", TEN.plusSeconds(600), "1000000"));
        String other = sharingThePartitionOf("i-1");
        stack.ledger()
                .handleAll(List.of("i-1", other).stream()
                        .map(instance -> new OpenInstance(
                                new InstanceId(instance),
                                "order",
                                "line-" + instance,
                                Usage.WEB_EGRESS,
                                "buyer",
                                false,
                                OPENED_AT))
                        .toList());
        stack.send("i-1", egress("i-1", "after", TEN.plusSeconds(2400), "1000000"));
        stack.send(other, egress(other, "before", TEN.plusSeconds(600), "1000000"));
        stack.send(other, egress(other, "after", TEN.plusSeconds(2400), "2000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(4));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(2));
        stack.stop(counting);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            admin.deleteRecords(Map.of(
                            new TopicPartition(stack.topic(), partitionOf("i-1")), RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get();
        }

        stack.startWithAutomations();

        soon().untilAsserted(() -> assertThat(recounts()).containsExactly("2 1 outside-life"));
        soon().untilAsserted(() -> assertThat(inLedger("select instance || ' ' || state from aggregator.split_hour"))
                .containsExactly("i-1 log-gone"));
    }

    @Test
    void an_instance_that_the_ledger_fails_for_keeps_no_other_hour_from_being_split() {
        Aggregator counting = stack.start();
        String other = sharingThePartitionOf("i-1");
        for (String instance : List.of("i-1", other)) {
            stack.ledger()
                    .handle(new OpenInstance(
                            new InstanceId(instance),
                            "order",
                            "line-" + instance,
                            Usage.WEB_EGRESS,
                            "buyer",
                            false,
                            OPENED_AT));
            stack.send(instance, egress(instance, "before", TEN.plusSeconds(600), "1000000"));
            stack.send(instance, egress(instance, "after", TEN.plusSeconds(2400), "2000000"));
        }
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(4));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(2));
        stack.stop(counting);
        stack.sql()
                .sql(
                        """
                        alter table ledger.event add constraint broken
                              check (instance_id <> 'i-1' or event_type <> 'hour-recounted')""")
                .update();

        stack.startWithAutomations();

        soon().untilAsserted(() -> assertThat(recounts()).containsExactly("2 1 outside-life"));
        assertThat(inLedger("select instance from aggregator.split_hour where state = 'to-recount'"))
                .contains("i-1");

        stack.sql().sql("alter table ledger.event drop constraint broken").update();
        soon().untilAsserted(() -> assertThat(recounts()).hasSize(2));
    }

    private static int partitionOf(String instance) {
        return Utils.toPositive(Utils.murmur2(instance.getBytes(UTF_8))) % TestServers.PARTITIONS;
    }

    private static String sharingThePartitionOf(String instance) {
        int number = 0;
        while (partitionOf("other-" + number) != partitionOf(instance)) {
            number++;
        }
        return "other-" + number;
    }

    @Test
    void a_mixed_hour_is_noted_without_reading_the_history_of_its_instance() {
        new SplitHours(stack.database(), TestServers.PARTITIONS)
                .read(List.of(new StoredEvent(
                        7,
                        new UsageWithheld(
                                "not in the ledger", TEN, 0, BigDecimal.ONE, WithholdReason.MIXED_HOUR, TEN))));

        assertThat(inLedger("select partition || ' ' || instance from aggregator.split_hour"))
                .containsExactly(partitionOf("not in the ledger") + " not in the ledger");
    }
}
