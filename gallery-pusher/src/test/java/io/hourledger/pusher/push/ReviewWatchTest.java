package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.sql.Types;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the figures say of the records that only a person can settle. */
@Tag("servers")
class ReviewWatchTest {

    private static final PushRig stack = new PushRig();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ReviewWatch watch =
            new ReviewWatch(stack.jdbc, stack.transaction, stack.businessTime, PushRig.SELLER, registry);

    @BeforeEach
    void an_empty_queue() {
        stack.clear();
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    @Test
    void each_state_is_there_from_the_start_and_says_0_only_when_it_was_looked_up() {
        for (String state : ReviewWatch.STATES) {
            assertThat(figure(PushMetrics.RECORDS_NEEDING_REVIEW, state)).isNaN();
            assertThat(figure(PushMetrics.REVIEW_OLDEST_AGE, state)).isNaN();
        }

        watch.look();

        for (String state : ReviewWatch.STATES) {
            assertThat(figure(PushMetrics.RECORDS_NEEDING_REVIEW, state)).isZero();
            assertThat(figure(PushMetrics.REVIEW_OLDEST_AGE, state)).isZero();
        }
    }

    @Test
    void an_unknown_record_stands_apart_from_a_refused_one_with_its_age_and_its_amount() {
        List<UsageRecordIssued> records = stack.issue(3);
        stack.project(records, new BigDecimal("7.5"));
        meter(records, "requests");
        needsReview(records.get(0), "unknown", new BigDecimal("2"), PushRig.SELLER);
        needsReview(records.get(1), "refused", new BigDecimal("3"), PushRig.SELLER);
        stack.businessTime.move(Duration.ofMinutes(30));
        // of a contradicted record only the ledger says the amount
        needsReview(records.get(2), "contradicted", null, PushRig.SELLER);
        watch.look();

        assertThat(figure(PushMetrics.RECORDS_NEEDING_REVIEW, "unknown")).isOne();
        assertThat(figure(PushMetrics.RECORDS_NEEDING_REVIEW, "refused")).isOne();
        assertThat(figure(PushMetrics.RECORDS_NEEDING_REVIEW, "disputed")).isZero();
        assertThat(figure(PushMetrics.REVIEW_OLDEST_AGE, "unknown")).isEqualTo(1800);
        assertThat(figure(PushMetrics.REVIEW_OLDEST_AGE, "contradicted")).isZero();
        assertThat(amount("unknown")).isEqualTo(2);
        assertThat(amount("refused")).isEqualTo(3);
        assertThat(amount("contradicted")).isEqualTo(7.5);
        assertThat(watch.records()).isEqualTo(3);
    }

    @Test
    void another_accounts_records_are_not_among_them() {
        needsReview(stack.issue(1).getFirst(), "unknown", BigDecimal.ONE, PushRig.OTHER_SELLER);
        watch.look();

        assertThat(figure(PushMetrics.RECORDS_NEEDING_REVIEW, "unknown")).isZero();
        assertThat(registry.find(PushMetrics.REVIEW_AMOUNT).gauges()).isEmpty();
    }

    private double figure(String metric, String state) {
        return registry.get(metric).tag("state", state).gauge().value();
    }

    private double amount(String state) {
        return registry.get(PushMetrics.REVIEW_AMOUNT)
                .tag("state", state)
                .tag("meter", "requests")
                .gauge()
                .value();
    }

    private static void needsReview(
            UsageRecordIssued record, String state, @Nullable BigDecimal amount, String account) {
        stack.jdbc
                .sql(
                        "insert into pusher.record_needing_review (metering_sn, account, instance_id, amount, state, code, detail, since)"
                                + " values (:sn, :account, :instance, :amount, :state, '', '', :since)")
                .param("sn", record.record().meteringSn())
                .param("account", account)
                .param("instance", record.instanceId())
                .param("amount", amount, Types.NUMERIC)
                .param("state", state)
                .param("since", stack.businessTime.instant().atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Puts the hours of these records into the ledger's projection, as its reader would. */
    private static void meter(List<UsageRecordIssued> records, String meter) {
        for (UsageRecordIssued record : records) {
            stack.jdbc
                    .sql(
                            """
                            insert into ledger.metered_hour (hour, first_event_at, last_event_at, closed_at, event_count, first_offset,
                                                             last_offset, revision, partition, catalogue_version, instance_id,
                                                             meter, amount)
                            values (:hour, :hour, :hour, :hour, 1, 0, 0, 0, 0, 1, :instance, :meter, 1)""")
                    .param("hour", record.window().begin().atOffset(ZoneOffset.UTC))
                    .param("instance", record.instanceId())
                    .param("meter", meter)
                    .update();
        }
    }
}
