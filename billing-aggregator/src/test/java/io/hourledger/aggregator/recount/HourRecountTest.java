package io.hourledger.aggregator.recount;

import static io.hourledger.aggregator.Usage.egress;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.recount.HourComparison.Difference;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.Recounts;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.instance.Life.Stretch;
import io.hourledger.ledger.statement.MeteredHours;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
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
class HourRecountTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final UsageHour HOUR_TEN = new UsageHour(TEN);

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));
    private final TestServers stack = new TestServers(clock);

    @AfterEach
    void close() {
        stack.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private HourRecount recount() {
        Aggregator.Parts parts = stack.parts();
        return Recounts.of(parts.settings(), parts.kafka(), parts.database());
    }

    private HourMetered metered(String instance) {
        return new MeteredHours(stack.database())
                .of(new InstanceId(instance), HOUR_TEN, 0)
                .orElseThrow();
    }

    private void closeTheHour(int hours) {
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(hours));
        soon().untilAsserted(() -> assertThat(stack.sql()
                        .sql("select count(*) from aggregator.hour_cutoff where hour = :ten and closed_at is not null")
                        .param("ten", TEN.atOffset(ZoneOffset.UTC))
                        .query(Integer.class)
                        .single())
                .isEqualTo(TestServers.PARTITIONS));
    }

    private Recount<List<RecountedPart>> split(String instance, Instant... boundaries) {
        List<Stretch> stretches = new ArrayList<>();
        for (int i = 0; i < boundaries.length; i++) {
            stretches.add(new Stretch(boundaries[i], i + 1 < boundaries.length ? boundaries[i + 1] : HOUR_TEN.end()));
        }
        return recount().split(new SplitHour(metered(instance), stretches));
    }

    private static RecountedPart part(Instant from, Instant to, String amount) {
        return new RecountedPart(from, to, new BigDecimal(amount));
    }

    /** The last usage of an hour comes before its first, repeats come before and after the close, strangers lie between. */
    private void useAnHour() {
        stack.open("i-1", "i-2");
        stack.start();
        stack.send("i-1", egress("i-1", "late", TEN.plusSeconds(3000), "4000000"));
        stack.send("i-1", egress("i-1", "early", TEN.plusSeconds(1), "1000000"));
        stack.send("i-2", egress("i-2", "early", TEN.plusSeconds(1), "7"));
        stack.send("i-1", egress("i-1", "early", TEN.plusSeconds(1), "1000000"));
        stack.send("i-1", egress("i-1", "edge", TEN.plusSeconds(1800), "2000000.5"));
        stack.send("i-1", egress("i-1", "late", TEN.plusSeconds(3000), "4000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(6));
        closeTheHour(2);
        stack.send("i-1", egress("i-1", "behind the cutoff", TEN.plusSeconds(2), "9000000"));
        stack.send("i-1", egress("i-1", "early", TEN.plusSeconds(1), "1000000"));
    }

    @Test
    void an_hour_is_split_at_the_boundaries_of_the_life_and_each_event_counts_once() {
        useAnHour();

        Instant half = TEN.plusSeconds(1800);

        assertThat(split("i-1", half))
                .isEqualTo(
                        new Recount.Counted<>(List.of(part(TEN, half, "1"), part(half, HOUR_TEN.end(), "6.0000005"))));
        assertThat(split("i-2")).isEqualTo(new Recount.Counted<>(List.of(part(TEN, HOUR_TEN.end(), "0.000007"))));
    }

    @Test
    void the_events_that_made_an_hour_are_shown_as_the_app_sent_them() {
        useAnHour();
        List<RawEvent> shown = new ArrayList<>();

        assertThat(recount().trace(metered("i-1"), shown::add)).isEqualTo(new Recount.Counted<>(3L));
        assertThat(shown)
                .filteredOn(event -> !event.counted())
                .extracting(RawEvent::id)
                .containsExactly("early", "late");
        shown.removeIf(event -> !event.counted());
        assertThat(shown).extracting(event -> event.quantity().toPlainString()).containsExactly("4", "1", "2.0000005");
        assertThat(shown).extracting(RawEvent::at).startsWith(TEN.plusSeconds(3000), TEN.plusSeconds(1));

        assertThat(shown)
                .extracting(event -> new String(event.bytes(), UTF_8))
                .containsExactly(
                        egress("i-1", "late", TEN.plusSeconds(3000), "4000000"),
                        egress("i-1", "early", TEN.plusSeconds(1), "1000000"),
                        egress("i-1", "edge", TEN.plusSeconds(1800), "2000000.5"));
        assertThat(shown).allSatisfy(event -> assertThat(event.recordedAt()).isEqualTo(TEN.plusSeconds(60)));
        assertThat(shown.get(0).offset()).isEqualTo(metered("i-1").log().firstOffset());
        assertThat(shown.get(2).offset()).isEqualTo(metered("i-1").log().lastOffset());
    }

    @Test
    void an_id_used_again_in_another_hour_is_refused_by_the_recount_as_it_was_by_the_count() {
        stack.open("i-1");
        stack.start();
        stack.send("i-1", egress("i-1", "used again", TEN.minusSeconds(10), "5000000"));
        stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
        stack.send("i-1", egress("i-1", "used again", TEN.plusSeconds(2), "5000000"));
        stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(3), "1000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(4));
        closeTheHour(2);

        assertThat(split("i-1")).isEqualTo(new Recount.Counted<>(List.of(part(TEN, HOUR_TEN.end(), "2"))));
        assertThat(compared("i-1").isEqual()).isTrue();
    }

    @Test
    void an_event_that_was_set_aside_for_its_id_is_not_shown_as_one_that_made_the_hour() {
        stack.open("i-1");
        stack.start();
        stack.send("i-1", egress("i-1", "used again", TEN.minusSeconds(10), "5000000"));
        stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
        stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "1000000"));
        stack.send("i-1", egress("i-1", "used again", TEN.plusSeconds(3), "5000000"));
        stack.send("i-1", egress("i-1", "used again", TEN.plusSeconds(3), "5000000"));
        stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(6));
        closeTheHour(2);
        List<String> shown = new ArrayList<>();

        assertThat(recount().trace(metered("i-1"), event -> shown.add(event.id() + " " + event.counted())))
                .isEqualTo(new Recount.Counted<>(2L));
        assertThat(shown).containsExactly("a true", "b true", "a false");
    }

    @Test
    void of_an_hour_that_is_closed_for_good_it_is_said_so_in_words() {
        useAnHour();
        int partition = metered("i-1").log().partition();
        stack.sql()
                .sql("insert into aggregator.retention (partition, closed_for_good) values (?, ?)")
                .params(partition, TEN.atOffset(ZoneOffset.UTC))
                .update();

        List<Recount<?>> asked =
                List.of(verify(partition), split("i-1"), recount().trace(metered("i-1"), event -> {}));

        assertThat(asked).allSatisfy(answer -> assertThat(answer)
                .isInstanceOfSatisfying(Recount.LogGone.class, gone -> assertThat(gone.detail())
                        .contains(HOUR_TEN.toString(), "closed for good")));
    }

    private List<HourMetered> inLedger(int partition) {
        List<HourMetered> inLedger = new ArrayList<>();
        new MeteredHours(stack.database()).ofPartition(partition, HOUR_TEN, 0, inLedger::add);
        return inLedger;
    }

    private Recount<HourComparison> verify(int partition) {
        return recount().verify(partition, HOUR_TEN, 0, inLedger(partition));
    }

    private HourComparison compared(String instance) {
        Recount<HourComparison> verified = verify(metered(instance).log().partition());
        assertThat(verified).isInstanceOf(Recount.Counted.class);
        return ((Recount.Counted<HourComparison>) verified).result();
    }

    @Test
    void a_whole_hour_of_the_log_is_equal_to_the_ledger_and_what_waits_for_its_instance_is_no_difference() {
        stack.open("i-1");
        stack.start();
        stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
        String stranger = sharingThePartitionOf("i-1");
        stack.send(stranger, egress(stranger, "a", TEN.plusSeconds(1), "1000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
        closeTheHour(1);

        HourComparison comparison = compared("i-1");

        assertThat(comparison.differences()).isEmpty();
        assertThat(comparison.equal()).isEqualTo(1);
        assertThat(comparison.notEntered()).isEqualTo(1);
    }

    @Test
    void what_waited_when_the_ledger_was_read_and_was_entered_since_is_no_difference() {
        stack.start();
        stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
        stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "1000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
        closeTheHour(0);
        List<HourMetered> before = inLedger(partitionOf("i-1"));
        assertThat(before).isEmpty();
        stack.open("i-1");
        soon().untilAsserted(() -> assertThat(stack.sql()
                        .sql("select state from aggregator.bucket")
                        .query(String.class)
                        .single())
                .isEqualTo("metered"));

        Recount<HourComparison> verified = recount().verify(partitionOf("i-1"), HOUR_TEN, 0, before);

        assertThat(verified).isInstanceOfSatisfying(Recount.Counted.class, counted -> {
            HourComparison comparison = (HourComparison) counted.result();
            assertThat(comparison.differences()).isEmpty();
            assertThat(comparison.equal()).isEqualTo(1);
        });

        stack.sql()
                .sql("delete from ledger.event where event_type = 'hour-metered'")
                .update();
        assertThat(verify(partitionOf("i-1"))).isInstanceOfSatisfying(Recount.Counted.class, counted -> assertThat(
                        ((HourComparison) counted.result()).differing())
                .isEqualTo(1));
    }

    private static String sharingThePartitionOf(String instance) {
        int wanted = partitionOf(instance);
        int number = 0;
        while (partitionOf("stranger-" + number) != wanted) {
            number++;
        }
        return "stranger-" + number;
    }

    private static int partitionOf(String instance) {
        return Utils.toPositive(Utils.murmur2(instance.getBytes(UTF_8))) % TestServers.PARTITIONS;
    }

    @Test
    void an_amount_changed_in_the_ledger_and_an_hour_missing_there_are_named() {
        String other = sharingThePartitionOf("i-1");
        stack.open("i-1", other);
        stack.start();
        stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
        stack.send(other, egress(other, "a", TEN.plusSeconds(1), "2000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
        closeTheHour(2);
        assertThat(compared("i-1").isEqual()).isTrue();
        stack.sql()
                .sql(
                        """
                        update ledger.event set payload = jsonb_set(payload, '{amount}', '"1.5"')
                         where event_type = 'hour-metered' and instance_id = 'i-1'""")
                .update();
        stack.sql()
                .sql("delete from ledger.event where event_type = 'hour-metered' and instance_id = :other")
                .param("other", other)
                .update();

        HourComparison comparison = compared("i-1");

        assertThat(comparison.differing()).isEqualTo(2);
        assertThat(comparison.differences()).extracting(Difference::instance).containsExactly("i-1", other);
        assertThat(comparison.differences().get(0).sentence())
                .startsWith("the log has 1 in 1 events")
                .contains("the ledger has 1.5 in 1 events");
        assertThat(comparison.differences().get(1).ledger()).isNull();
        assertThat(split("i-1")).isInstanceOf(Recount.Differs.class);
    }

    @Test
    void where_the_log_has_gone_nothing_is_guessed() throws Exception {
        useAnHour();
        HourMetered metered = metered("i-1");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            admin.deleteRecords(Map.of(
                            new TopicPartition(stack.topic(), metered.log().partition()),
                            RecordsToDelete.beforeOffset(metered.log().firstOffset() + 1)))
                    .all()
                    .get();
        }

        assertThat(split("i-1", TEN.plusSeconds(1800))).isInstanceOf(Recount.LogGone.class);
        assertThat(recount().trace(metered, event -> {})).isInstanceOf(Recount.LogGone.class);
        assertThat(verify(metered.log().partition())).isInstanceOf(Recount.LogGone.class);
    }

    @Test
    void an_hour_that_is_not_over_is_not_compared() {
        stack.open("i-1");
        stack.start();
        stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(1));

        assertThat(verify(partitionOf("i-1"))).isInstanceOf(Recount.NotOver.class);
    }

    @Test
    void an_hour_for_which_memory_has_no_room_is_not_compared() {
        stack.open("i-1");
        stack.start();
        for (int i = 0; i < 11; i++) {
            stack.send("i-1", egress("i-1", "e-" + i, TEN.plusSeconds(i), "1"));
        }
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(11));
        closeTheHour(1);
        Aggregator.Parts parts =
                stack.parts("hourledger.aggregator.max-poll-records=5", "hourledger.aggregator.max-ids=10");

        assertThat(Recounts.of(parts.settings(), parts.kafka(), parts.database())
                        .verify(partitionOf("i-1"), HOUR_TEN, 0, inLedger(partitionOf("i-1"))))
                .isInstanceOfSatisfying(Recount.NoRoom.class, noRoom -> assertThat(noRoom.detail())
                        .contains("more than 10 ids"));
    }
}
