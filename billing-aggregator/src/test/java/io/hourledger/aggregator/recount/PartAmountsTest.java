package io.hourledger.aggregator.recount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.contracts.usage.Meter;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Splits hours of unique counts, percentiles and levels at 10:10 and 10:30. The first part lies outside the life; two products have one of the others each. */
@Tag("fast")
class PartAmountsTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final List<Instant> EDGES =
            List.of(TEN, TEN.plusSeconds(600), TEN.plusSeconds(1800), TEN.plusSeconds(3600));
    private static final boolean[] BILLABLE = {false, true, true};

    private record Event(int minute, String raw) {

        Instant at() {
            return TEN.plusSeconds(60L * minute);
        }

        int part() {
            return minute < 10 ? 0 : minute < 30 ? 1 : 2;
        }

        BigDecimal read() {
            return new BigDecimal(raw);
        }
    }

    private static PartAmounts partsOf(Meter meter) {
        return PartAmounts.of(meter, EDGES, BILLABLE, room(1_000_000));
    }

    private static RoomForValues room(long mostIds) {
        return new RoomForValues(new CountingRules(1, Duration.ofDays(2), 48, Duration.ofHours(2), 2, mostIds, 1_000));
    }

    private static List<String> inOneRevision(Meter meter, List<Event> events) {
        PartAmounts parts = partsOf(meter);
        events.forEach(event -> parts.take(event.part(), event.read(), event.at()));
        return plain(parts.raw());
    }

    /** The sum of what two revisions add, the first of which ends behind so many events. */
    private static List<String> inTwoRevisions(Meter meter, List<Event> events, int first) {
        PartAmounts onTime = partsOf(meter);
        PartAmounts late = partsOf(meter);
        for (Event event : events.subList(0, first)) {
            onTime.take(event.part(), event.read(), event.at());
            late.takeEarlier(event.part(), event.read(), event.at());
        }
        events.subList(first, events.size()).forEach(event -> late.take(event.part(), event.read(), event.at()));
        return plain(IntStream.range(0, BILLABLE.length)
                .mapToObj(part -> onTime.raw().get(part).add(late.raw().get(part)))
                .toList());
    }

    private static List<String> plain(List<BigDecimal> raw) {
        return raw.stream()
                .map(amount ->
                        amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString())
                .toList();
    }

    @Test
    void each_value_counts_in_the_first_billable_part_that_has_it() {
        assertThat(inOneRevision(
                        Usage.ACCOUNTS,
                        List.of(
                                new Event(41, "3"),
                                new Event(5, "3"),
                                new Event(15, "1"),
                                new Event(40, "1"),
                                new Event(45, "2"),
                                new Event(16, "2"),
                                new Event(6, "4"),
                                new Event(17, "5"))))
                .containsExactly("1", "3", "1");
    }

    @Test
    void a_percentile_stands_where_the_five_minutes_begin_that_hold_the_rank() {
        assertThat(inOneRevision(
                        Usage.MEDIAN_LEVEL,
                        List.of(new Event(50, "9"), new Event(15, "7"), new Event(35, "8"), new Event(55, "8"))))
                .containsExactly("0", "0", "8");
        assertThat(inOneRevision(
                        Usage.MEDIAN_LEVEL,
                        List.of(new Event(5, "1"), new Event(35, "8"), new Event(15, "8"), new Event(55, "9"))))
                .containsExactly("0", "8", "0");
    }

    @Test
    void a_level_stands_in_each_part_for_the_time_for_which_it_holds_there() {
        assertThat(inOneRevision(Usage.DISK_HOURS, List.of(new Event(6, "100"), new Event(45, "0"))))
                .containsExactly(
                        // the last of 27 steps of nine seconds reaches to 10:10:03
                        "6.75", "33.25", "25");
    }

    @Test
    void neither_the_order_of_the_log_nor_a_cutoff_moves_an_amount_to_another_part() {
        Random random = new Random(17);
        for (int round = 0; round < 300; round++) {
            List<Event> events = new ArrayList<>();
            for (int minute = 0; minute < 60; minute += 1 + random.nextInt(15)) {
                events.add(new Event(minute, String.valueOf(1 + random.nextInt(4))));
            }
            for (Meter meter : List.of(Usage.ACCOUNTS, Usage.BANDWIDTH, Usage.MEDIAN_LEVEL, Usage.DISK_HOURS)) {
                List<String> expected = inOneRevision(meter, events);
                List<Event> arrived = new ArrayList<>(events);
                Collections.shuffle(arrived, random);

                assertThat(inOneRevision(meter, arrived)).as("%s", events).isEqualTo(expected);
                assertThat(inTwoRevisions(meter, arrived, random.nextInt(arrived.size())))
                        .as("%s", arrived)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void more_values_than_fit_in_memory_are_refused_for_all_hours_of_a_reading_together() {
        RoomForValues room = room(60);
        PartAmounts one = PartAmounts.of(Usage.ACCOUNTS, EDGES, BILLABLE, room);
        PartAmounts other = PartAmounts.of(Usage.ACCOUNTS, EDGES, BILLABLE, room);
        for (int value = 0; value < 5; value++) {
            one.take(1, new BigDecimal(value), TEN);
            other.take(2, new BigDecimal(value), TEN);
        }
        other.take(1, BigDecimal.ONE, TEN);

        assertThatThrownBy(() -> other.take(1, BigDecimal.TEN, TEN))
                .isInstanceOf(NoRoomException.class)
                .hasMessageStartingWith("more than 10 values");
    }

    @Test
    void what_is_voided_is_taken_from_the_part_that_was_charged_for_it() {
        for (Meter meter : List.of(Usage.ACCOUNTS, Usage.BANDWIDTH)) {
            PartAmounts parts = partsOf(meter);
            Event stays = new Event(15, "1");
            Event voided = new Event(40, "2");
            parts.takeNow(stays.part(), stays.read(), stays.at());
            parts.takeBefore(stays.part(), stays.read(), stays.at());
            parts.takeBefore(voided.part(), voided.read(), voided.at());

            assertThat(plain(parts.raw()))
                    .isEqualTo(meter.equals(Usage.ACCOUNTS) ? List.of("0", "0", "-1") : List.of("0", "1", "-2"));
        }
    }
}
