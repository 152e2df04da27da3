package io.hourledger.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.standalone.clock.DemoClock;
import io.hourledger.standalone.clock.HourSpeed;
import io.hourledger.standalone.clock.Reservation;
import io.hourledger.standalone.demo.UsageSender.Answer;
import io.hourledger.standalone.traffic.GeneratedDay;
import io.hourledger.standalone.traffic.Survey;
import io.hourledger.standalone.traffic.Traffic;
import io.hourledger.standalone.traffic.TrafficLine;
import io.hourledger.standalone.traffic.TrafficLine.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
@Timeout(60)
class FeederTest {

    private static final Traffic DAY = new GeneratedDay(7, 20, 3_000);

    private final Survey survey = survey();
    private final List<Request> requests = requests();
    private final Map<String, String> instances = new HashMap<>();

    FeederTest() throws IOException {
        for (String buyer : survey.usedByBuyer().keySet()) {
            DemoOrder.of(buyer).lines().forEach(line -> instances.put(line.orderLineId(), "i-" + line.orderLineId()));
        }
    }

    private DemoClock fastClock() {
        DemoClock clock =
                new DemoClock(survey.firstHour().start(), HourSpeed.ofDemo(200), Reservation.NONE, System::nanoTime);
        clock.start();
        return clock;
    }

    private Map<String, Long> feed(
            UsageSender endpoint, DemoClock clock, FeederPosition position, DemoProgress progress)
            throws IOException, InterruptedException {
        return new Feeder(DAY, survey, new UsageEventText(DAY.source(), instances), endpoint, clock, position, progress)
                .run();
    }

    @Test
    void the_clock_never_passes_a_request_that_is_not_acknowledged() throws Exception {
        DemoClock clock = fastClock();
        int[] acknowledged = {0};
        DemoProgress progress = new DemoProgress();
        feed(
                events -> {
                    Instant now = clock.instant();
                    Instant earliestToCome = requests.stream()
                            .skip(acknowledged[0])
                            .map(Request::time)
                            .min(Instant::compareTo)
                            .orElseThrow();
                    assertThat(now).isBefore(earliestToCome);
                    acknowledged[0] += events.size() / 2;
                    return new Answer.Assessed(events.size(), List.of());
                },
                clock,
                FeederPosition.inMemory(),
                progress);
        assertThat(acknowledged[0]).isEqualTo(requests.size());
        assertThat(progress.accepted()).isEqualTo(2L * requests.size());
    }

    @Test
    void a_batch_that_is_not_confirmed_is_sent_again_as_it_was() throws Exception {
        Random random = new Random(1);
        List<List<String>> sent = new ArrayList<>();
        boolean[] lastWasRefused = {false};
        feed(
                events -> {
                    if (lastWasRefused[0]) {
                        assertThat(events).isEqualTo(sent.get(sent.size() - 1));
                    }
                    sent.add(events);
                    lastWasRefused[0] = random.nextInt(4) == 0;
                    if (!lastWasRefused[0]) {
                        return new Answer.Assessed(events.size(), List.of());
                    }
                    if (random.nextBoolean()) {
                        throw new IOException("connection reset");
                    }
                    return new Answer.SendAgain(1_000, "busy");
                },
                fastClock(),
                FeederPosition.inMemory(),
                new DemoProgress());
        Set<String> each = new LinkedHashSet<>();
        sent.forEach(each::addAll);
        assertThat(each).hasSize((int) (2 * (survey.requests() - survey.repeats())));
    }

    @Test
    void after_a_crash_it_goes_on_behind_the_last_acknowledged_block(@TempDir Path folder) throws Exception {
        List<String> all = new ArrayList<>();
        feed(
                events -> {
                    all.addAll(events);
                    return new Answer.Assessed(events.size(), List.of());
                },
                fastClock(),
                FeederPosition.inMemory(),
                new DemoProgress());

        List<String> sent = new ArrayList<>();
        DemoClock clock = fastClock();
        FeederPosition position = FeederPosition.in(folder.resolve("feeder"));
        int[] calls = {0};
        try {
            feed(
                    events -> {
                        if (++calls[0] == 3) {
                            throw new IllegalStateException("killed");
                        }
                        sent.addAll(events);
                        return new Answer.Assessed(events.size(), List.of());
                    },
                    clock,
                    position,
                    new DemoProgress());
        } catch (IllegalStateException killed) {
            assertThat(killed).hasMessage("killed");
        }
        DemoProgress progress = new DemoProgress();
        feed(
                events -> {
                    sent.addAll(events);
                    return new Answer.Assessed(events.size(), List.of());
                },
                clock,
                FeederPosition.in(folder.resolve("feeder")),
                progress);
        assertThat(sent).isEqualTo(all);
        assertThat(progress.accepted()).isEqualTo(all.size());

        DemoProgress whenAllIsSent = new DemoProgress();
        feed(
                events -> {
                    throw new AssertionError("nothing is left to be sent");
                },
                clock,
                FeederPosition.in(folder.resolve("feeder")),
                whenAllIsSent);
        assertThat(whenAllIsSent.accepted()).isEqualTo(all.size());
    }

    @Test
    void what_ingest_refuses_for_good_is_counted_by_its_reason() throws Exception {
        int[] calls = {0};
        Map<String, Long> refused = feed(
                events -> ++calls[0] == 1
                        ? new Answer.Assessed(events.size() - 3, List.of("too_old", "too_old", "forbidden"))
                        : new Answer.Assessed(events.size(), List.of()),
                fastClock(),
                FeederPosition.inMemory(),
                new DemoProgress());
        assertThat(refused).containsExactly(Map.entry("forbidden", 1L), Map.entry("too_old", 2L));
    }

    @Test
    void the_same_request_has_the_same_event_ids_in_every_run() {
        UsageEventText text = new UsageEventText("/demo/access-log", instances);
        Request request = requests.get(0);
        assertThat(text.eventsOf(request)).isEqualTo(text.eventsOf(request)).hasSize(2);
        assertThat(text.eventsOf(request).get(0)).contains("\"id\":\"" + request.key() + "/requests\"");
        assertThat(text.eventsOf(request).get(1)).contains("\"data\":{\"bytes\":" + request.bytes() + "}");
    }

    private static Survey survey() {
        try {
            return Survey.of(DAY);
        } catch (IOException neverOfAGeneratedDay) {
            throw new IllegalStateException(neverOfAGeneratedDay);
        }
    }

    private static List<Request> requests() throws IOException {
        List<Request> requests = new ArrayList<>();
        try (Traffic.Reading reading = DAY.open()) {
            for (TrafficLine line = reading.next(); line != null; line = reading.next()) {
                requests.add((Request) line);
            }
        }
        return requests;
    }
}
