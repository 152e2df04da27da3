package io.hourledger.aggregator.recount;

import static io.hourledger.aggregator.Usage.amended;
import static io.hourledger.aggregator.Usage.egress;
import static io.hourledger.aggregator.Usage.reading;
import static io.hourledger.aggregator.Usage.voided;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.ledger.instance.Life.Stretch;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Usage of ten o'clock that is amended and voided, from the log to the bill and back. */
@Tag("servers")
class AmendedUsageTest extends BilledHourRig {

    private static Instant at(int second) {
        return TEN.plusSeconds(second);
    }

    private void amend(String amendmentId, String eventId, int second, String bytes) {
        sendEvent(amended("i-1", amendmentId, at(second), egress("i-1", eventId, at(second), bytes)));
    }

    private void amend(Meter meter, String amendmentId, String eventId, int second, String value) {
        sendEvent(amended("i-1", amendmentId, at(second), reading(meter, "i-1", eventId, at(second), value)));
    }

    private void withdraw(String amendmentId, String eventId, String type, int second) {
        sendEvent(voided("i-1", amendmentId, at(second), eventId, type));
    }

    private void assertProven(int revisions) {
        HourComparison verified = verified(recount(), revisions());
        assertThat(verified.differences()).isEmpty();
        assertThat(verified.equal()).isEqualTo(revisions);
    }

    @Test
    void an_event_amended_before_it_comes_and_after_it_was_billed_ends_with_its_last_value() {
        stack.open("i-1");
        stack.start();
        amend("a-1", "e-1", 1, "2000000");
        send("e-1", 1, "9000000");
        send("e-2", 2, "1000000");
        amend("a-2", "e-1", 1, "3000000");
        amend("a-2", "e-1", 1, "3000000");
        closeThrough(0);
        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 4"));
        amend("a-3", "e-1", 1, "5000000");
        closeThrough(1);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 4", "1: 2"));
        assertThat(bill()).containsExactly("0: 10:00:00Z to 11:00:00Z 4", "1: 10:00:00Z to 10:59:59Z 2");
        assertThat(stack.sql()
                        .sql("select sum(consumed) = sum(counted + duplicates + quarantined + filtered_out +"
                                + " amendments) and sum(amendments) = 3 and sum(duplicates) = 1 from"
                                + " aggregator.partition_position")
                        .query(Boolean.class)
                        .single())
                .isTrue();
        assertProven(2);
        assertThat(revisions().stream().map(this::trace))
                .containsExactly(
                        List.of(
                                "e-1 amended to 2 by ana: metered by mistake",
                                "e-1",
                                "e-2",
                                "e-1 amended to 3 by ana: metered by mistake"),
                        List.of("e-1 amended to 5 by ana: metered by mistake"));
        assertThat(receipt(1)).isInstanceOfSatisfying(Receipt.Counted.class, counted -> assertThat(
                        counted.hour().amendments())
                .extracting(Receipt.AppliedAmendment::id, Receipt.AppliedAmendment::revision)
                .containsExactly(tuple("a-1", 0), tuple("a-2", 0), tuple("a-3", 1)));
    }

    @Test
    void a_voided_event_is_a_credit_once_its_hour_was_billed_and_may_be_amended_again() {
        stack.open("i-1");
        stack.start();
        send("e-1", 1, "9000000");
        send("e-2", 2, "1000000");
        closeThrough(0);
        withdraw("v-1", "e-1", "web.egress", 1);
        withdraw("v-1", "e-1", "web.egress", 1);
        withdraw("v-2", "e-1", "web.egress", 1);
        closeThrough(1);
        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 10", "1: -9"));
        amend("a-1", "e-1", 1, "4000000");
        closeThrough(2);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 10", "1: -9", "2: 4"));
        assertProven(3);
        assertThat(recount().split(new SplitHour(revisions().getLast(), List.of(new Stretch(at(2), HOUR_TEN.end())))))
                .isEqualTo(new Recount.Counted<>(List.of(
                        new RecountedPart(TEN, at(2), new BigDecimal("4")),
                        new RecountedPart(at(2), HOUR_TEN.end(), BigDecimal.ZERO))));
    }

    @Test
    void a_maximum_falls_when_the_event_that_held_it_is_voided() {
        stack.open(Usage.CLUSTER_PEAK, "i-1");
        stack.start();
        read(Usage.PEAK, "e-1", 1, "5");
        read(Usage.PEAK, "e-2", 2, "7");
        amend(Usage.PEAK, "a-1", "e-1", 1, "6");
        closeThrough(0);
        withdraw("v-1", "e-2", Usage.PEAK.eventType(), 2);
        closeThrough(1);
        read(Usage.PEAK, "e-3", 3, "8");
        closeThrough(2);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 7", "1: -1", "2: 2"));
        assertProven(3);
    }

    @Test
    void the_last_reading_holds_as_it_was_amended() {
        stack.open(Usage.DISK_SIZE, "i-1");
        stack.start();
        read(Usage.SIZE, "e-1", 10, "3000");
        read(Usage.SIZE, "e-2", 20, "8000");
        amend(Usage.SIZE, "a-1", "e-2", 20, "2000");
        closeThrough(0);
        withdraw("v-1", "e-2", Usage.SIZE.eventType(), 20);
        closeThrough(1);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 2", "1: 1"));
        assertProven(2);
    }

    @Test
    void an_amendment_of_an_hour_that_accepts_no_more_usage_is_refused_by_name() {
        stack.open("i-1");
        stack.start();
        send("e-1", 1, "9000000");
        closeThrough(0);
        closeThrough(24);
        amend("a-1", "e-1", 1, "1000000");

        assertThat(stack.reasons()).containsExactly("amendment-too-late");
        assertThat(revisions()).extracting(HourMetered::revision).containsExactly(0);
        assertThat(amounts()).containsExactly("0: 9");
    }

    @Test
    void voiding_usage_that_the_ledger_refused_gives_no_credit() {
        stack.open("i-1");
        stack.start();
        send("e-1", 1, "9000000");
        closeThrough(0);
        stack.sql().sql("update aggregator.bucket set state = 'refused'").update();
        withdraw("v-1", "e-1", "web.egress", 1);
        closeThrough(1);

        soon().untilAsserted(() -> assertThat(states()).containsExactly("refused", "refused"));
        assertThat(amounts()).containsExactly("0: 9");
    }

    @Test
    void an_amendment_is_held_by_name_if_an_earlier_revision_is_not_as_it_was_metered() {
        stack.open("i-1");
        stack.start();
        send("e-1", 1, "9000000");
        closeThrough(0);
        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 9"));
        stack.sql()
                .sql(
                        """
                        update ledger.event
                           set payload = jsonb_set(payload, '{amount}',
                               case jsonb_typeof(payload -> 'amount') when 'string' then '"8"'::jsonb else '8'::jsonb end)
                         where event_type = 'hour-metered'""")
                .update();
        withdraw("v-1", "e-1", "web.egress", 1);
        closeThrough(1);

        soon().untilAsserted(() -> assertThat(details())
                .singleElement()
                .asString()
                .startsWith("revision 0 of this hour does not come out of the log as it was metered"));
        assertThat(states()).containsExactly("counted", "blocked");
        assertThat(amounts()).containsExactly("0: 8");
    }

    @Test
    void the_receipt_of_an_amendment_says_whether_its_event_has_counted() {
        stack.open("i-1");
        stack.start();
        amend("a-1", "e-1", 1, "2000000");
        closeThrough(0);
        assertThat(receipt(0))
                .isInstanceOfSatisfying(Receipt.Corrects.class, corrects -> assertThat(corrects.hasEvent())
                        .isFalse());

        send("e-1", 1, "9000000");
        closeThrough(1);

        assertThat(receipt(0))
                .isInstanceOfSatisfying(Receipt.Corrects.class, corrects -> assertThat(corrects.hasEvent())
                        .isTrue());
        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 0", "1: 2"));
    }

    private List<String> states() {
        return stack.sql()
                .sql("select state from aggregator.bucket where instance = 'i-1' order by revision")
                .query(String.class)
                .list();
    }

    private List<String> details() {
        return stack.sql()
                .sql("select detail from aggregator.bucket where state = 'blocked'")
                .query(String.class)
                .list();
    }

    @Test
    void unmatched_usage_is_billed_as_amended_when_its_instance_opens() {
        stack.start();
        send("e-1", 1, "9000000");
        amend("a-1", "e-1", 1, "1000000");
        closeThrough(0);

        stack.open("i-1");

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 1"));
    }

    @Test
    void an_event_that_comes_late_and_was_amended_before_is_billed_by_the_meter_that_reads_it_as_amended() {
        stack.open(Usage.CDN_IN_EU, "i-1");
        Aggregator before = stack.start();
        sendEvent(amended("i-1", "a-1", at(1), Usage.hit("i-1", "e-1", at(1), "eu", "gold")));
        closeThrough(0);
        stack.stop(before);
        stack.start();
        sendEvent(Usage.hit("i-1", "e-1", at(1), "us", "gold"));
        closeThrough(1);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 0", "1: 1"));
        assertProven(2);
        assertThat(trace(revisions().getLast())).containsExactly("e-1");
    }

    @Test
    void amended_events_of_a_type_with_filters_move_from_meter_to_meter() {
        stack.open(Usage.CDN_IN_EU, "i-1");
        stack.start();
        sendEvent(Usage.hit("i-1", "e-1", at(1), "us", "gold"));
        sendEvent(Usage.hit("i-1", "e-2", at(2), "eu", "gold"));
        sendEvent(amended("i-1", "a-1", at(1), Usage.hit("i-1", "e-1", at(1), "eu", "gold")));
        closeThrough(0);
        sendEvent(amended("i-1", "a-2", at(2), Usage.hit("i-1", "e-2", at(2), "us", "none")));
        closeThrough(1);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 2", "1: -1"));
        assertThat(TestServers.plain(revisions().getFirst().amount())).isEqualTo("2");
    }
}
