package io.hourledger.aggregator.recount;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.ledger.instance.Life.Stretch;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Usage of ten o'clock that comes when its hour is long over, from the log to the bill and back. */
@Tag("servers")
class LateUsageTest extends BilledHourRig {

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
