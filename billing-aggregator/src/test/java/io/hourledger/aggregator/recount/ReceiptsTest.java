package io.hourledger.aggregator.recount;

import static io.hourledger.aggregator.Usage.egress;
import static io.hourledger.aggregator.Usage.hit;
import static io.hourledger.aggregator.Usage.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.recount.Receipt.Counted;
import io.hourledger.aggregator.recount.Receipt.Duplicate;
import io.hourledger.aggregator.recount.Receipt.LogGone;
import io.hourledger.aggregator.recount.Receipt.NotReadYet;
import io.hourledger.aggregator.recount.Receipt.QuarantinedRecord;
import io.hourledger.aggregator.recount.Receipt.Unclear;
import io.hourledger.aggregator.recount.Receipt.UsedHour;
import io.hourledger.aggregator.recount.Receipts.EventName;
import io.hourledger.aggregator.recount.Receipts.Search;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.Recounts;
import io.hourledger.embedded.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One instance, whose events lie at offset 0, 1, 2 … of its partition. */
@Tag("servers")
class ReceiptsTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final int PARTITION =
            Utils.toPositive(Utils.murmur2("i-1".getBytes(UTF_8))) % TestServers.PARTITIONS;

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));
    private final TestServers stack = new TestServers(clock);

    @BeforeEach
    void follow() {
        stack.project();
    }

    @AfterEach
    void close() {
        stack.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private Receipts receipts() {
        Aggregator.Parts parts = stack.parts();
        return Recounts.receipts(parts.settings(), parts.kafka(), parts.database());
    }

    private Receipt receipt(long offset) {
        return receipts().of(PARTITION, offset).orElseThrow();
    }

    private Search named(String id) {
        return receipts()
                .placeOf(
                        new EventName("i-1", "/app", id, TEN),
                        stack.parts().settings().countingRules(TestServers.PARTITIONS));
    }

    private void useTenOClock() {
        stack.start();
        stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
        stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "2000000"));
        stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
        stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "7"));
        stack.sendRaw(PARTITION, "i-1", "not an event".getBytes(UTF_8));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(5));
    }

    @Test
    void an_event_that_was_filtered_out_is_found_by_its_place_and_its_name() {
        stack.open("i-1");
        useTenOClock();
        stack.send("i-1", hit("i-1", "out", TEN.plusSeconds(4), "us", "free"));
        stack.send("i-1", hit("i-1", "a", TEN.plusSeconds(4), "us", "free"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(7));

        assertThat(receipt(5)).isInstanceOfSatisfying(Receipt.FilteredOut.class, out -> assertThat(out.detail())
                .contains("eu-hits", "gold-bytes", "free-hits"));
        assertThat(named("out")).isEqualTo(new Search.Found(PARTITION, 5));
        assertThat(receipt(6)).isInstanceOfSatisfying(QuarantinedRecord.class, aside -> assertThat(aside.reason())
                .isEqualTo("conflict"));
        assertThat(named("a")).as("the one that counted").isEqualTo(new Search.Found(PARTITION, 0));
        assertThat(named("never sent")).isInstanceOf(Search.NothingCounted.class);
    }

    /** PostgreSQL refuses such text and such times, which is no outage. */
    @Test
    void a_name_that_no_event_can_have_is_of_nothing_that_counted() {
        stack.open("i-1");
        useTenOClock();
        for (EventName impossible : List.of(
                new EventName("i-1\0", "/app", "a", TEN),
                new EventName("i-1", "/app\0", "a", TEN),
                new EventName("i-1", "/app", "a\0", TEN),
                new EventName("i-1", "/app", "a", Instant.MIN),
                new EventName("i-1", "/app", "a", Instant.parse("+10000-01-01T00:00:00Z")))) {
            assertThat(receipts().placeOf(impossible, stack.parts().settings().countingRules(TestServers.PARTITIONS)))
                    .isInstanceOf(Search.NothingCounted.class);
        }
    }

    @Test
    void each_event_of_an_open_hour_has_its_answer() {
        stack.open("i-1");
        useTenOClock();

        assertThat(receipt(0)).isInstanceOfSatisfying(Counted.class, counted -> {
            assertThat(counted.hour().instance()).isEqualTo("i-1");
            assertThat(counted.hour().hour().start()).isEqualTo(TEN);
            assertThat(counted.hour().status()).isEqualTo(UsedHour.Status.OPEN);
        });
        assertThat(receipt(1)).isInstanceOf(Counted.class);
        assertThat(receipt(2)).isInstanceOfSatisfying(Duplicate.class, duplicate -> assertThat(duplicate.firstOffset())
                .isZero());
        assertThat(receipt(3)).isInstanceOfSatisfying(QuarantinedRecord.class, aside -> assertThat(aside.reason())
                .isEqualTo("conflict"));
        assertThat(receipt(4)).isInstanceOfSatisfying(QuarantinedRecord.class, aside -> assertThat(aside.reason())
                .isEqualTo("malformed"));
        assertThat(receipt(5)).isEqualTo(new NotReadYet(5));
    }

    @Test
    void after_its_hour_has_closed_an_event_is_found_in_its_usage_record() {
        stack.open("i-1");
        useTenOClock();
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(receipt(1)).isInstanceOfSatisfying(Counted.class, counted -> {
            assertThat(counted.hour().status()).isEqualTo(UsedHour.Status.METERED);
            assertThat(counted.hour().outcome()).isNotNull();
            assertThat(counted.hour().outcome().amount()).isEqualByComparingTo("3");
            assertThat(counted.hour().outcome().records()).singleElement().satisfies(record -> {
                assertThat(record.state()).isEqualTo("in-flight");
                assertThat(record.begin()).isEqualTo(TEN);
            });
        }));

        stack.send("i-1", egress("i-1", "too late", TEN.plusSeconds(3), "1"));
        stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "2000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(7));

        assertThat(receipt(5)).isInstanceOfSatisfying(Counted.class, late -> {
            assertThat(late.hour().revision()).isEqualTo(1);
            assertThat(late.hour().status()).isEqualTo(UsedHour.Status.OPEN);
            assertThat(late.hour().endsAt()).isEqualTo(TEN.plus(Duration.ofHours(2)));
        });
        assertThat(receipt(6)).isInstanceOfSatisfying(Duplicate.class, duplicate -> assertThat(duplicate.firstOffset())
                .isEqualTo(1));
    }

    @Test
    void what_was_dropped_is_said_to_be_gone_and_never_guessed() {
        stack.open("i-1");
        useTenOClock();
        stack.sql().sql("delete from aggregator.quarantine").update();
        stack.sql()
                .sql("insert into aggregator.retention (partition, quarantine_dropped) values (?, 4)")
                .params(PARTITION)
                .update();
        assertThat(receipt(3)).isInstanceOfSatisfying(LogGone.class, gone -> assertThat(gone.detail())
                .contains("quarantine"));

        stack.sql().sql("delete from aggregator.bucket").update();
        stack.sql()
                .sql("update aggregator.retention set quarantine_dropped = null, buckets_dropped = ?")
                .params(TEN.atOffset(ZoneOffset.UTC))
                .update();
        assertThat(receipt(0)).isInstanceOfSatisfying(LogGone.class, gone -> assertThat(gone.detail())
                .contains("closed for good"));
        assertThat(named("a")).isInstanceOf(Search.LogGone.class);
    }

    @Test
    void late_usage_has_a_receipt_of_its_own_revision_and_so_has_its_repeat() {
        stack.open("i-1");
        useTenOClock();
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(1));
        stack.send("i-1", egress("i-1", "late", TEN.plusSeconds(3), "5000000"));
        stack.send("i-1", egress("i-1", "late", TEN.plusSeconds(3), "5000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(7));
        clock.moveTo(TEN.plus(Duration.ofMinutes(122)));

        soon().untilAsserted(() -> assertThat(receipt(5)).isInstanceOfSatisfying(Counted.class, late -> {
            assertThat(late.hour().revision()).isEqualTo(1);
            assertThat(late.hour().status()).isEqualTo(UsedHour.Status.METERED);
            assertThat(late.hour().outcome()).isNotNull();
            assertThat(late.hour().outcome().amount()).isEqualByComparingTo("5");
            assertThat(late.hour().outcome().withheldReason())
                    .as("of a new account")
                    .isEqualTo("late-window");
        }));
        assertThat(receipt(6)).isInstanceOfSatisfying(Duplicate.class, repeat -> {
            assertThat(repeat.firstOffset()).isEqualTo(5);
            assertThat(repeat.hour().revision()).isEqualTo(1);
        });
        assertThat(receipt(1)).isInstanceOfSatisfying(Counted.class, onTime -> {
            assertThat(onTime.hour().revision()).isZero();
            assertThat(onTime.hour().outcome()).isNotNull();
            assertThat(onTime.hour().outcome().amount()).isEqualByComparingTo("3");
        });
    }

    @Test
    void usage_of_a_meter_that_the_product_lacks_is_refused_beside_what_is_metered() {
        stack.open("i-1");
        useTenOClock();
        stack.send("i-1", request("i-1", "r", TEN.plusSeconds(4)));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() -> assertThat(receipt(5)).isInstanceOfSatisfying(Counted.class, counted -> {
            assertThat(counted.hour().status()).isEqualTo(UsedHour.Status.REFUSED);
            assertThat(counted.hour().detail()).startsWith("wrong-meter: ");
            assertThat(counted.hour().outcome()).isNull();
        }));
        soon().untilAsserted(() -> assertThat(receipt(1)).isInstanceOfSatisfying(Counted.class, counted -> {
            assertThat(counted.hour().status()).isEqualTo(UsedHour.Status.METERED);
            assertThat(counted.hour().outcome().amount()).isEqualByComparingTo("3");
        }));

        stack.sql()
                .sql("update aggregator.bucket set state = 'refused', detail = 'hour-metered-otherwise' where meter"
                        + " = 'egress'")
                .update();
        assertThat(receipt(1)).isInstanceOfSatisfying(Counted.class, counted -> {
            assertThat(counted.hour().status()).isEqualTo(UsedHour.Status.REFUSED);
            assertThat(counted.hour().outcome())
                    .as("another amount than it counted in")
                    .isNull();
        });

        // before the outcome is noted, the receipt has only the ledger to ask
        stack.sql()
                .sql("update aggregator.bucket set state = 'counted', detail = null where meter = 'requests'")
                .update();
        assertThat(receipt(5)).isInstanceOfSatisfying(Counted.class, counted -> assertThat(
                        counted.hour().status())
                .isEqualTo(UsedHour.Status.OPEN));
    }

    @Test
    void an_event_of_an_instance_that_nobody_knows_waits() {
        useTenOClock();
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(receipt(0)).isInstanceOfSatisfying(Counted.class, counted -> assertThat(
                        counted.hour().status())
                .isEqualTo(UsedHour.Status.UNMATCHED)));
    }

    @Test
    void what_the_log_no_longer_keeps_is_not_guessed() throws Exception {
        stack.open("i-1");
        useTenOClock();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            admin.deleteRecords(Map.of(new TopicPartition(stack.topic(), PARTITION), RecordsToDelete.beforeOffset(2)))
                    .all()
                    .get();
        }
        assertThat(receipt(0)).isInstanceOf(LogGone.class);
        assertThat(receipt(2)).as("its first may have been there").isInstanceOf(LogGone.class);
        assertThat(receipt(3)).as("set aside is kept in the database").isInstanceOf(QuarantinedRecord.class);
        assertThat(named("a")).isInstanceOf(Search.LogGone.class);
        assertThat(named("b")).as("the first of that name may be gone").isInstanceOf(Search.LogGone.class);
    }

    @Test
    void a_topic_made_anew_is_not_searched_for_what_was_counted_in_the_old_one() {
        stack.open("i-1");
        useTenOClock();
        assertThat(named("b")).isEqualTo(new Search.Found(PARTITION, 1));
        // as if the topic had been deleted, made again, and written to
        stack.sql()
                .sql("update aggregator.log_identity set topic_id = 'another'")
                .update();

        assertThat(receipt(1)).isInstanceOf(LogGone.class);
        assertThat(named("b")).isInstanceOf(Search.LogGone.class);
    }

    @Test
    void an_event_that_was_skipped_is_not_the_one_that_counted() {
        stack.open("i-1");
        useTenOClock();
        stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "2000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(6));
        // as a partition is left that went on behind offset 1
        stack.sql()
                .sql("insert into aggregator.log_gap values (:partition, 1, 2, null, now(), now(), 'li.wei', 'torn')")
                .param("partition", PARTITION)
                .update();
        stack.sql()
                .sql("update aggregator.bucket set first_offset = 0, last_offset = 5")
                .update();

        assertThat(receipt(1)).isInstanceOf(Receipt.Skipped.class);
        assertThat(receipt(5)).isInstanceOf(Counted.class);
        assertThat(named("b")).isEqualTo(new Search.Found(PARTITION, 5));
    }

    @Test
    void what_lies_outside_the_stretch_of_its_bucket_did_not_count() {
        stack.open("i-1");
        useTenOClock();
        // as a catalogue would leave it under which only the second event counted
        stack.sql()
                .sql("update aggregator.bucket set first_offset = 1, last_offset = 1, raw_total = 2000000, events = 1")
                .update();

        assertThat(receipt(0)).isInstanceOf(Unclear.class);
        assertThat(receipt(1)).isInstanceOf(Counted.class);
        assertThat(receipt(2)).isInstanceOfSatisfying(Unclear.class, unclear -> assertThat(unclear.detail())
                .contains("lies between offset 1 and 1"));
    }

    @Test
    void an_hour_that_the_ledger_has_is_metered_whatever_is_noted_of_its_bucket() {
        stack.open("i-1");
        useTenOClock();
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(receipt(1)).isInstanceOfSatisfying(Counted.class, counted -> assertThat(
                        counted.hour().status())
                .isEqualTo(UsedHour.Status.METERED)));
        stack.sql().sql("update aggregator.bucket set state = 'unmatched'").update();

        assertThat(receipt(1)).isInstanceOfSatisfying(Counted.class, counted -> assertThat(
                        counted.hour().status())
                .isEqualTo(UsedHour.Status.METERED));
    }
}
