package io.hourledger.standalone.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.traffic.TrafficLine.Request;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class GeneratedDayTest {

    private static final GeneratedDay DAY = new GeneratedDay(1, 1_000, 60_000);

    private static List<Request> read(Traffic traffic) throws IOException {
        List<Request> requests = new ArrayList<>();
        try (Traffic.Reading reading = traffic.open()) {
            for (TrafficLine line = reading.next(); line != null; line = reading.next()) {
                requests.add((Request) line);
            }
        }
        return requests;
    }

    @Test
    void one_seed_is_one_day() throws IOException {
        assertThat(read(DAY)).isEqualTo(read(new GeneratedDay(1, 1_000, 60_000)));
        assertThat(read(DAY)).isNotEqualTo(read(new GeneratedDay(2, 1_000, 60_000)));
    }

    @Test
    void two_in_a_hundred_are_sent_twice_with_the_same_content() throws IOException {
        Map<String, Request> originals = new HashMap<>();
        long repeats = 0;
        for (Request request : read(DAY)) {
            if (request.repeat()) {
                repeats++;
                Request original = originals.get(request.key());
                assertThat(original).as("the original is sent first").isNotNull();
                assertThat(request.time()).isEqualTo(original.time());
                assertThat(request.buyer()).isEqualTo(original.buyer());
                assertThat(request.bytes()).isEqualTo(original.bytes());
            } else {
                assertThat(originals.put(request.key(), request)).isNull();
            }
        }
        assertThat((double) repeats / originals.size()).isBetween(0.015, 0.025);
    }

    @Test
    void five_in_a_hundred_come_after_later_ones() throws IOException {
        List<Request> requests = read(DAY);
        long late = 0;
        Instant latest = Instant.MIN;
        for (Request request : requests) {
            if (!request.repeat() && request.time().plusSeconds(59).isBefore(latest)) {
                late++;
            }
            latest = request.time().isAfter(latest) ? request.time() : latest;
        }
        assertThat((double) late / requests.size()).isBetween(0.03, 0.06);
    }

    @Test
    void afternoons_are_busier_than_nights_and_all_hours_and_buyers_are_in_it() throws IOException {
        Map<UsageHour, Long> byHour = new HashMap<>();
        for (Request request : read(DAY)) {
            byHour.merge(UsageHour.of(request.time()), 1L, Long::sum);
        }
        assertThat(byHour).hasSize(24);
        assertThat(byHour.get(UsageHour.of(Instant.parse("2026-03-02T14:00:00Z"))))
                .isGreaterThan(4 * byHour.get(UsageHour.of(Instant.parse("2026-03-02T02:00:00Z"))));
        assertThat(Survey.of(DAY).usedByBuyer()).hasSizeBetween(990, 1_000);
    }
}
