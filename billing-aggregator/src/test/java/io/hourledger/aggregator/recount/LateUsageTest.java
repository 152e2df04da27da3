package io.hourledger.aggregator.recount;

import static io.hourledger.aggregator.Usage.egress;
import static io.hourledger.aggregator.Usage.reading;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.Recounts;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Meter;
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
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Usage of ten o'clock that comes when its hour is long over, from the log to the bill and back. */
@Tag("servers")
class LateUsageTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final UsageHour HOUR_TEN = new UsageHour(TEN);
    private static final int PARTITION =
            Utils.toPositive(Utils.murmur2("i-1".getBytes(UTF_8))) % TestServers.PARTITIONS;

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));
    private final TestServers stack = new TestServers(clock, Map.of("hourledger.ledger.late-window", "shorter"));
    private long sent;

    @AfterEach
    void close() {
        stack.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private void send(String id, int second, String bytes) {
        sendEvent(egress("i-1", id, TEN.plusSeconds(second), bytes));
    }

    private void read(Meter meter, String id, int second, String value) {
        sendEvent(reading(meter, "i-1", id, TEN.plusSeconds(second), value));
    }

    private void sendEvent(String event) {
        stack.send("i-1", event);
        sent++;
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(sent));
    }

    /** Moves the clock, and waits until all hours that are over then are closed, compacted, and the last is {@code hour}. */
    private void closeThrough(int hour) {
        Instant last = TEN.plus(Duration.ofHours(hour));
        clock.moveTo(last.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.sql()
                        .sql("select count(*) from aggregator.hour_cutoff where hour = ? and sealed_at is not null")
                        .param(last.atOffset(ZoneOffset.UTC))
                        .query(Integer.class)
                        .single())
                .isEqualTo(TestServers.PARTITIONS));
    }

    private HourRecount recount() {
        Aggregator.Parts parts = stack.parts();
        return Recounts.of(parts.settings(), parts.kafka(), parts.database());
    }

    private List<HourMetered> revisions() {
        MeteredHours metered = new MeteredHours(stack.database());
        List<HourMetered> revisions = new ArrayList<>();
        for (int revision = 0; revision <= 30; revision++) {
            metered.of(new InstanceId("i-1"), HOUR_TEN, revision).ifPresent(revisions::add);
        }
        return revisions;
    }

    private List<String> bill() {
        return stack.sql()
                .sql(
                        """
                        select payload ->> 'revision', payload ->> 'begin', payload ->> 'end', payload ->> 'amount'
                          from ledger.event where event_type = 'usage-record-issued' order by sequence_number""")
                .query((row, number) ->
                        row.getString(1) + ": " + row.getString(2).substring(11) + " to "
                                + row.getString(3).substring(11) + " "
                                + row.getBigDecimal(4).stripTrailingZeros())
                .list();
    }

    private List<String> trace(HourMetered metered) {
        List<String> shown = new ArrayList<>();
        assertThat(recount().trace(metered, event -> shown.add(event.id() + (event.counted() ? "" : " again"))))
                .isEqualTo(new Recount.Counted<>(metered.events().eventCount()));
        return shown;
    }

    /** Compares ten o'clock, in as many revisions as the log may hold usage of. */
    private HourComparison verified(HourRecount recount, List<HourMetered> inLedger) {
        Recount<?> hours = recount.hoursInLog(PARTITION);
        assertThat(hours).isInstanceOf(Recount.Counted.class);
        @SuppressWarnings("unchecked")
        Map<UsageHour, Integer> lastRevisions = ((Recount.Counted<Map<UsageHour, Integer>>) hours).result();
        Recount<HourComparison> verified = recount.verify(PARTITION, HOUR_TEN, lastRevisions.get(HOUR_TEN), inLedger);
        assertThat(verified).isInstanceOf(Recount.Counted.class);
        return ((Recount.Counted<HourComparison>) verified).result();
    }

    @Test
    void usage_late_by_an_hour_and_by_twenty_is_billed_once_and_by_twenty_five_it_is_quarantined() {
        stack.open("i-1");
        stack.start("hourledger.aggregator.hours-in-memory=1");
        send("on time", 1, "1000000");
        closeThrough(0);
        send("one hour", 2, "2000000");
        send("one hour", 2, "2000000");
        send("on time", 1, "1000000");
        closeThrough(1);
        closeThrough(19);
        send("twenty hours", 3, "4000000");
        send("twenty hours", 3, "4000000");
        send("twenty hours", 3, "5000000");
        send("one hour", 2, "2000000");
        send("on time", 1, "7");
        closeThrough(20);
        send("twenty hours", 3, "4000000");
        closeThrough(24);
        send("twenty-five hours", 4, "8000000");

        assertThat(stack.reasons()).containsExactlyInAnyOrder("conflict", "conflict", "late");
        soon().untilAsserted(() ->
                assertThat(revisions()).extracting(HourMetered::revision).containsExactly(0, 1, 20));
        assertThat(bill())
                .containsExactly(
                        "0: 10:00:00Z to 11:00:00Z 1", "1: 10:00:00Z to 10:59:59Z 2", "20: 10:00:00Z to 10:59:58Z 4");
        assertThat(revisions().stream().map(this::trace))
                .containsExactly(
                        List.of("on time"),
                        List.of("one hour", "one hour again"),
                        List.of("twenty hours", "twenty hours again"));

        assertThat(verified(recount(), revisions()).differences()).isEmpty();
        assertThat(verified(recount(), revisions()).equal()).isEqualTo(3);
        assertThat(recount()
                        .split(new SplitHour(
                                revisions().getLast(), List.of(new Stretch(TEN.plusSeconds(1800), HOUR_TEN.end())))))
                .isEqualTo(new Recount.Counted<>(List.of(
                        new RecountedPart(TEN, TEN.plusSeconds(1800), new BigDecimal("4")),
                        new RecountedPart(TEN.plusSeconds(1800), HOUR_TEN.end(), BigDecimal.ZERO))));
    }

    @Test
    void a_late_maximum_is_billed_by_what_it_adds_to_that_of_its_hour() {
        stack.open(Usage.CLUSTER_PEAK, "i-1");
        stack.start();
        read(Usage.PEAK, "on time", 1, "5");
        closeThrough(0);
        read(Usage.PEAK, "less", 2, "4");
        read(Usage.PEAK, "one hour", 3, "7");
        read(Usage.PEAK, "one hour", 3, "7");
        closeThrough(1);
        read(Usage.PEAK, "no more", 4, "7");
        closeThrough(2);
        closeThrough(19);
        read(Usage.PEAK, "twenty hours", 5, "10");
        closeThrough(20);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 5", "1: 2", "2: 0", "20: 3"));
        assertThat(bill())
                .containsExactly(
                        "0: 10:00:00Z to 11:00:00Z 5", "1: 10:00:00Z to 10:59:59Z 2", "20: 10:00:00Z to 10:59:58Z 3");
        assertThat(revisions().stream().map(this::trace))
                .containsExactly(
                        List.of("on time"),
                        List.of("less", "one hour", "one hour again"),
                        List.of("no more"),
                        List.of("twenty hours"));
        HourComparison verified = verified(recount(), revisions());
        assertThat(verified.differences()).isEmpty();
        assertThat(verified.equal()).isEqualTo(4);
    }

    @Test
    void a_late_reading_that_takes_something_back_is_a_credit() {
        stack.open(Usage.DISK_SIZE, "i-1");
        stack.start();
        read(Usage.SIZE, "first", 10, "3000");
        read(Usage.SIZE, "on time", 20, "8000");
        closeThrough(0);
        read(Usage.SIZE, "before it", 15, "100");
        closeThrough(1);
        read(Usage.SIZE, "of the same moment", 20, "2000");
        closeThrough(2);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 8", "1: 0", "2: -6"));
        assertThat(bill()).containsExactly("0: 10:00:00Z to 11:00:00Z 8");
        assertThat(verified(recount(), revisions()).differences()).isEmpty();
        assertThat(trace(revisions().getLast())).containsExactly("of the same moment");
    }

    private List<String> amounts() {
        return revisions().stream()
                .map(metered -> metered.revision() + ": " + TestServers.plain(metered.amount()))
                .toList();
    }

    @Test
    void late_usage_that_the_ledger_never_got_is_found_in_the_log() {
        stack.open("i-1");
        stack.start();
        send("on time", 1, "1000000");
        closeThrough(0);
        send("one hour", 2, "2000000");
        closeThrough(1);
        soon().untilAsserted(() -> assertThat(revisions()).hasSize(2));
        stack.sql().sql("delete from aggregator.bucket where revision > 0").update();
        List<HourMetered> without = List.of(revisions().getFirst());

        assertThat(verified(recount(), without).differences()).singleElement().satisfies(difference -> {
            assertThat(difference.revision()).isEqualTo(1);
            assertThat(difference.ledger()).isNull();
        });
    }

    @Test
    void late_usage_waits_for_its_instance_behind_the_hour_itself() {
        stack.start();
        send("on time", 1, "1000000");
        closeThrough(0);
        send("one hour", 2, "2000000");
        closeThrough(1);
        assertThat(stack.sql()
                        .sql("select state from aggregator.bucket")
                        .query(String.class)
                        .list())
                .containsExactly("unmatched", "unmatched");

        stack.open("i-1");

        soon().untilAsserted(() ->
                assertThat(bill()).containsExactly("0: 10:00:00Z to 11:00:00Z 1", "1: 10:00:00Z to 10:59:59Z 2"));
    }
}
