package io.hourledger.aggregator.recount;

import static io.hourledger.aggregator.Usage.egress;
import static io.hourledger.aggregator.Usage.reading;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.Recounts;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.statement.MeteredHours;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;

/** An hour of one instance, from the log to the bill and back: its events are sent, its hours end, and what the ledger has is looked at. */
abstract class BilledHourRig {

    static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    static final UsageHour HOUR_TEN = new UsageHour(TEN);
    static final int PARTITION = Utils.toPositive(Utils.murmur2("i-1".getBytes(UTF_8))) % TestServers.PARTITIONS;

    final TestClock clock = new TestClock(TEN.plusSeconds(60));
    final TestServers stack = new TestServers(clock, Map.of("hourledger.ledger.late-window", "shorter"));
    private long sent;

    @AfterEach
    void close() {
        stack.close();
    }

    static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    void send(String id, int second, String bytes) {
        sendEvent(egress("i-1", id, TEN.plusSeconds(second), bytes));
    }

    void read(Meter meter, String id, int second, String value) {
        sendEvent(reading(meter, "i-1", id, TEN.plusSeconds(second), value));
    }

    /** With a key that is bound to these products. */
    void sendBound(String id, int second, String bytes, String... products) {
        stack.sendBound("i-1", egress("i-1", id, TEN.plusSeconds(second), bytes), products);
        awaitOneMore();
    }

    void sendEvent(String event) {
        stack.send("i-1", event);
        awaitOneMore();
    }

    private void awaitOneMore() {
        sent++;
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(sent));
    }

    /** Moves the clock, and waits until all hours that are over then are closed, compacted, and the last is {@code hour}. */
    void closeThrough(int hour) {
        Instant last = TEN.plus(Duration.ofHours(hour));
        clock.moveTo(last.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.sql()
                        .sql("select count(*) from aggregator.hour_cutoff where hour = ? and sealed_at is not null")
                        .param(last.atOffset(ZoneOffset.UTC))
                        .query(Integer.class)
                        .single())
                .isEqualTo(TestServers.PARTITIONS));
    }

    /** What became of the event at this offset of the instance's partition. */
    Receipt receipt(long offset) {
        return Recounts.receipts(stack.parts().settings(), stack.parts().kafka(), stack.database())
                .of(PARTITION, offset)
                .orElseThrow();
    }

    HourRecount recount() {
        Aggregator.Parts parts = stack.parts();
        return Recounts.of(parts.settings(), parts.kafka(), parts.database());
    }

    List<HourMetered> revisions() {
        return revisions(HOUR_TEN);
    }

    List<HourMetered> revisions(UsageHour hour) {
        MeteredHours metered = new MeteredHours(stack.database());
        List<HourMetered> revisions = new ArrayList<>();
        for (int revision = 0; revision <= 30; revision++) {
            metered.of(new InstanceId("i-1"), hour, revision).ifPresent(revisions::add);
        }
        return revisions;
    }

    List<String> bill() {
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

    List<String> trace(HourMetered metered) {
        List<String> shown = new ArrayList<>();
        assertThat(recount().trace(metered, event -> shown.add(told(event))))
                .isEqualTo(new Recount.Counted<>(metered.events().eventCount()));
        return shown;
    }

    private static String told(RawEvent event) {
        UsageAmendment amendment = event.amendment();
        if (amendment == null) {
            return event.id() + (event.counted() ? "" : " again");
        }
        return amendment.change().eventId() + " " + amendment.change().code() + " to " + event.quantity() + " by "
                + amendment.decidedBy() + ": " + amendment.why();
    }

    /** Compares ten o'clock, in as many revisions as the log may hold usage of. */
    HourComparison verified(HourRecount recount, List<HourMetered> inLedger) {
        return verified(recount, HOUR_TEN, inLedger);
    }

    HourComparison verified(HourRecount recount, UsageHour hour, List<HourMetered> inLedger) {
        Recount<?> hours = recount.hoursInLog(PARTITION);
        assertThat(hours).isInstanceOf(Recount.Counted.class);
        @SuppressWarnings("unchecked")
        Map<UsageHour, Integer> lastRevisions = ((Recount.Counted<Map<UsageHour, Integer>>) hours).result();
        Recount<HourComparison> verified = recount.verify(PARTITION, hour, lastRevisions.get(hour), inLedger);
        assertThat(verified).isInstanceOf(Recount.Counted.class);
        return ((Recount.Counted<HourComparison>) verified).result();
    }

    List<String> amounts() {
        return amounts(HOUR_TEN);
    }

    List<String> amounts(UsageHour hour) {
        return revisions(hour).stream()
                .map(metered -> metered.revision() + ": " + TestServers.plain(metered.amount()))
                .toList();
    }
}
