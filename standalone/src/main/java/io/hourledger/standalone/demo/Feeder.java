package io.hourledger.standalone.demo;

import io.hourledger.standalone.clock.DemoClock;
import io.hourledger.standalone.demo.UsageSender.Answer;
import io.hourledger.standalone.traffic.Survey;
import io.hourledger.standalone.traffic.Traffic;
import io.hourledger.standalone.traffic.TrafficLine;
import io.hourledger.standalone.traffic.TrafficLine.Malformed;
import io.hourledger.standalone.traffic.TrafficLine.Request;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends the traffic in its own order, one event per meter and request, and holds the clock: business time never passes a moment before
 * every request up to that moment has been acknowledged. Sends no earlier than shortly before the clock needs it.
 */
final class Feeder {

    /** Blocks sent in one call: 500 requests, 1,000 events. */
    private static final int BLOCKS_IN_A_CALL = 10;

    /** So long before its moment the traffic is sent. */
    static final Duration LOOK_AHEAD = Duration.ofMinutes(10);

    /** The clock stops this long before a request that is not acknowledged, so that "up to" holds for any rounding of times. */
    private static final Duration SHORT_OF = Duration.ofMillis(1);

    private static final long GLANCE_NANOS = Duration.ofMillis(5).toNanos();
    private static final long RETRY_NANOS = Duration.ofMillis(200).toNanos();
    private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(90);

    private final Traffic traffic;
    private final Survey survey;
    private final UsageEventText text;
    private final UsageSender endpoint;
    private final DemoClock clock;
    private final FeederPosition position;
    private final DemoProgress progress;
    private final Map<String, Long> refused = new TreeMap<>();

    Feeder(
            Traffic traffic,
            Survey survey,
            UsageEventText text,
            UsageSender endpoint,
            DemoClock clock,
            FeederPosition position,
            DemoProgress progress) {
        this.traffic = traffic;
        this.survey = survey;
        this.text = text;
        this.endpoint = endpoint;
        this.clock = clock;
        this.position = position;
        this.progress = progress;
    }

    /**
     * Sends everything that has not been acknowledged yet.
     *
     * @return why ingest refused events for good, and how many of each; empty when it took all
     */
    Map<String, Long> run() throws IOException, InterruptedException {
        long acknowledged = position.acknowledgedBlocks();
        try (Traffic.Reading reading = traffic.open()) {
            // the last block may be a short one
            long sent = Math.min(acknowledged * Survey.BLOCK, survey.requests());
            skip(reading, sent);
            progress.acceptedBefore(sent * DemoMeter.values().length);
            letTimePassUpTo(acknowledged);
            while (acknowledged < survey.blocks()) {
                awaitNeedOf(acknowledged);
                long blocks = neededSoon(acknowledged);
                deliver(eventsOf(reading, blocks * Survey.BLOCK));
                acknowledged += blocks;
                position.acknowledged(acknowledged);
                letTimePassUpTo(acknowledged);
            }
        }
        return refused;
    }

    private static void skip(Traffic.Reading reading, long requests) throws IOException {
        for (long left = requests; left > 0; ) {
            TrafficLine line = reading.next();
            if (line == null) {
                throw new IOException(
                        "the traffic is shorter than what was already sent of it: it has changed since the"
                                + " demo was started; start again with another --data-dir");
            }
            if (line instanceof Request) {
                left--;
            }
        }
    }

    private void letTimePassUpTo(long acknowledgedBlocks) {
        Instant toCome = survey.earliestFromBlock(acknowledgedBlocks);
        clock.allowUpTo(toCome.equals(Instant.MAX) ? toCome : toCome.minus(SHORT_OF));
    }

    /** Glances at the clock: it is elapsed time that is waited for here, in steps that business time does not notice. */
    private void awaitNeedOf(long block) throws InterruptedException {
        while (!neededSoonAlone(block)) {
            LockSupport.parkNanos(this, GLANCE_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private boolean neededSoonAlone(long block) {
        return !survey.earliestFromBlock(block).isAfter(clock.instant().plus(LOOK_AHEAD));
    }

    private long neededSoon(long fromBlock) {
        long blocks = 1;
        while (blocks < BLOCKS_IN_A_CALL
                && fromBlock + blocks < survey.blocks()
                && neededSoonAlone(fromBlock + blocks)) {
            blocks++;
        }
        return blocks;
    }

    private List<String> eventsOf(Traffic.Reading reading, long requests) throws IOException {
        List<String> events = new ArrayList<>();
        for (long left = requests; left > 0; ) {
            TrafficLine line = reading.next();
            if (line == null) {
                return events;
            }
            switch (line) {
                case Request request -> {
                    events.addAll(text.eventsOf(request));
                    left--;
                }
                case Malformed _ -> {
                    // it says nothing that could be sent
                }
            }
        }
        return events;
    }

    /** Sends a batch until every event of it was judged; the same events under the same ids each time. */
    private void deliver(List<String> events) throws IOException, InterruptedException {
        long giveUpAt = System.nanoTime() + GIVE_UP_AFTER.toNanos();
        while (true) {
            switch (attempt(events)) {
                case Answer.Assessed(int accepted, List<String> reasons) -> {
                    reasons.forEach(why -> refused.merge(why, 1L, Long::sum));
                    progress.accepted(accepted);
                    return;
                }
                case Answer.SendAgain(long afterNanos, String why) -> {
                    if (System.nanoTime() - giveUpAt > 0) {
                        throw new IOException(
                                "ingest did not take a batch within " + GIVE_UP_AFTER.toSeconds() + " s: " + why);
                    }
                    LockSupport.parkNanos(this, afterNanos);
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                }
            }
        }
    }

    private Answer attempt(List<String> events) throws InterruptedException {
        try {
            return endpoint.send(events);
        } catch (InterruptedIOException interrupted) {
            throw new InterruptedException(interrupted.getMessage());
        } catch (IOException unknown) {
            return new Answer.SendAgain(RETRY_NANOS, String.valueOf(unknown.getMessage()));
        }
    }
}
