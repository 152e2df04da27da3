package io.hourledger.aggregator.recount;

import static io.hourledger.aggregator.Usage.amended;
import static io.hourledger.aggregator.Usage.reading;
import static io.hourledger.aggregator.Usage.voided;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.ledger.instance.Life.Stretch;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Unique counts and percentiles of ten o'clock, from the log to the bill and back. */
@Tag("servers")
class UniqueAndPercentileTest extends BilledHourRig {

    private static Instant at(int second) {
        return TEN.plusSeconds(second);
    }

    private void login(String id, int second, String account) {
        read(Usage.ACCOUNTS, id, second, '"' + account + '"');
    }

    private void assertProven(int revisions) {
        HourComparison verified = verified(recount(), revisions());
        assertThat(verified.differences()).isEmpty();
        assertThat(verified.equal()).isEqualTo(revisions);
    }

    @Test
    void a_value_counts_where_it_comes_first_on_time_or_late() {
        stack.open(Usage.APP_ACCOUNTS, "i-1");
        stack.start("hourledger.aggregator.hours-in-memory=1");
        login("e-1", 1, "ana");
        login("e-2", 2, "ben");
        login("e-3", 3, "ana");
        login("e-3", 3, "ana");
        closeThrough(0);
        login("e-4", 4, "ben");
        login("e-5", 5, "cai");
        closeThrough(1);
        closeThrough(19);
        // the ids of ten o'clock have left memory
        login("e-6", 6, "cai");
        login("e-7", 7, "dan");
        login("e-8", 8, "dan");
        login("e-8", 8, "dan");
        closeThrough(20);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 2", "1: 1", "20: 1"));
        assertThat(bill())
                .containsExactly(
                        "0: 10:00:00Z to 11:00:00Z 2", "1: 10:00:00Z to 10:59:59Z 1", "20: 10:00:00Z to 10:59:58Z 1");
        assertThat(revisions().stream().map(this::trace))
                .containsExactly(
                        List.of("e-1", "e-2", "e-3", "e-3 again"),
                        List.of("e-4", "e-5"),
                        List.of("e-6", "e-7", "e-8", "e-8 again"));
        assertProven(3);
    }

    @Test
    void what_is_one_value_too_many_is_quarantined_and_what_is_known_still_counts() {
        stack.open(Usage.APP_ACCOUNTS, "i-1");
        Aggregator first = stack.start("hourledger.aggregator.hours-in-memory=1");
        for (String account : List.of("ana", "ben", "cai", "dan")) {
            login(account, 1, account);
        }
        stack.stop(first);
        stack.start("hourledger.aggregator.hours-in-memory=1");
        login("one too many", 2, "eva");
        login("known", 3, "ben");
        closeThrough(0);
        login("late", 4, "eva");
        closeThrough(1);
        closeThrough(5);
        for (String account : List.of("fay", "gus", "hal", "ida", "jim", "jim")) {
            login("late " + account, 5, account);
        }
        closeThrough(6);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 4", "1: 1", "6: 4"));
        assertThat(stack.reasons()).containsExactly("too-many-values", "too-many-values", "too-many-values");
        assertProven(3);
    }

    @Test
    void the_percentile_of_an_hour_is_taken_anew_when_usage_comes_late() {
        stack.open(Usage.LINK_BANDWIDTH, "i-1");
        stack.start();
        read(Usage.BANDWIDTH, "e-1", 0, "1000000");
        read(Usage.BANDWIDTH, "e-2", 299, "2000000");
        read(Usage.BANDWIDTH, "e-3", 300, "2500000");
        read(Usage.BANDWIDTH, "e-3", 300, "2500000");
        closeThrough(0);
        read(Usage.BANDWIDTH, "e-4", 301, "4000000");
        closeThrough(1);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 3", "1: 3.5"));
        assertThat(bill()).containsExactly("0: 10:00:00Z to 11:00:00Z 3", "1: 10:00:00Z to 10:59:59Z 3.5");
        assertThat(revisions().stream().map(this::trace))
                .containsExactly(List.of("e-1", "e-2", "e-3", "e-3 again"), List.of("e-4"));
        assertProven(2);
    }

    @Test
    void a_late_level_that_makes_the_median_smaller_is_a_credit() {
        stack.open(Usage.TANK_LEVEL, "i-1");
        stack.start();
        read(Usage.MEDIAN_LEVEL, "e-1", 10, "8");
        read(Usage.MEDIAN_LEVEL, "e-2", 5, "100");
        closeThrough(0);
        read(Usage.MEDIAN_LEVEL, "e-3", 1000, "2");
        closeThrough(1);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 8", "1: -6"));
        assertProven(2);
    }

    @Test
    void amended_values_are_counted_as_they_stand() {
        stack.open(Usage.APP_ACCOUNTS, "i-1");
        stack.start();
        login("e-1", 1, "ana");
        login("e-2", 2, "ben");
        sendEvent(amended("i-1", "a-1", at(2), reading(Usage.ACCOUNTS, "i-1", "e-2", at(2), "\"ana\"")));
        closeThrough(0);
        sendEvent(voided("i-1", "a-2", at(1), "e-1", Usage.ACCOUNTS.eventType()));
        login("e-3", 3, "ben");
        closeThrough(1);
        sendEvent(voided("i-1", "a-3", at(2), "e-2", Usage.ACCOUNTS.eventType()));
        closeThrough(2);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 1", "1: 1", "2: -1"));
        assertProven(3);
    }

    @Test
    void an_amended_percentile_is_taken_of_what_stands() {
        stack.open(Usage.LINK_BANDWIDTH, "i-1");
        stack.start();
        read(Usage.BANDWIDTH, "e-1", 0, "1000000");
        read(Usage.BANDWIDTH, "e-2", 300, "5000000");
        closeThrough(0);
        sendEvent(voided("i-1", "a-1", at(300), "e-2", Usage.BANDWIDTH.eventType()));
        closeThrough(1);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 5", "1: -4"));
        assertProven(2);
    }

    @Test
    void a_split_hour_bills_what_the_life_alone_comes_to() {
        stack.open(Usage.APP_ACCOUNTS, "i-1");
        stack.start();
        login("e-1", 1, "ana");
        login("e-2", 2, "ben");
        login("e-3", 2000, "ana");
        login("e-4", 2001, "cai");
        closeThrough(0);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 3"));
        assertThat(recount()
                        .split(new SplitHour(revisions().getFirst(), List.of(new Stretch(at(1800), HOUR_TEN.end())))))
                .isEqualTo(new Recount.Counted<>(List.of(
                        new RecountedPart(TEN, at(1800), new BigDecimal("1")),
                        new RecountedPart(at(1800), HOUR_TEN.end(), new BigDecimal("2")))));
    }
}
