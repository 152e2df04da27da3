package io.hourledger.chaos;

import io.hourledger.chaos.ExpectedTotals.Told;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Apps that use the product without pause. Each sends batches to one ingest or the other and repeats a batch, under the same ids, until
 * every event of it is acknowledged; now and then it tells again what was acknowledged before, a moment or many hours ago.
 */
final class Load {

    private static final int APPS = 4;
    private static final int EVENTS_IN_A_BATCH = 200;

    /** 2 of 100 events are told again although they were acknowledged: half of them soon, half of them much later. */
    private static final int AGAIN_OF_A_HUNDRED = 2;

    private static final int SOON = 2_000;

    /** Of business time; ingest and aggregator take events that are this old. */
    private static final Duration OLDEST_TOLD_AGAIN = Duration.ofDays(2);

    /** A pace that was not kept is made up for over this time, not longer: an outage is not followed by a flood. */
    private static final long CATCH_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long FIRST_BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

    private final LoadEvents events;
    private final ExpectedTotals truth;
    private final IngestClient endpoint;
    private final List<URI> ingests;
    private final Clock business;
    private final int eventsPerSecond;
    private final long seed;
    private final AtomicLong nextNumber = new AtomicLong();
    private final AtomicLong handedIn = new AtomicLong();
    private final AtomicLong toldAgain = new AtomicLong();
    private final Map<String, Long> refused = new TreeMap<>();
    private final ExecutorService apps = Executors.newFixedThreadPool(APPS);
    private final List<Future<?>> working = new ArrayList<>();
    private final AtomicLong longestDelayNanos = new AtomicLong();
    private volatile boolean on = true;

    Load(
            LoadEvents events,
            ExpectedTotals truth,
            IngestClient endpoint,
            List<URI> ingests,
            Clock business,
            int eventsPerSecond,
            long seed) {
        this.events = events;
        this.truth = truth;
        this.endpoint = endpoint;
        this.ingests = List.copyOf(ingests);
        this.business = business;
        this.eventsPerSecond = eventsPerSecond;
        this.seed = seed;
    }

    void start() {
        for (int app = 0; app < APPS; app++) {
            int number = app;
            working.add(apps.submit(() -> {
                new App(number).run();
                return null;
            }));
        }
    }

    /** No new event is told; what was told goes on until it is acknowledged. */
    void tellNothingNew() {
        on = false;
    }

    /**
     * Waits until everything told is acknowledged.
     *
     * @return whether it was, in time
     */
    boolean awaitAcknowledged(Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        try {
            for (Future<?> app : working) {
                app.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            }
            return true;
        } catch (TimeoutException notInTime) {
            return false;
        } catch (ExecutionException failed) {
            throw new IllegalStateException("the load broke off", failed.getCause());
        } finally {
            apps.shutdownNow();
        }
    }

    /** The number of an event that nobody has told yet. */
    long nextNumber() {
        return nextNumber.getAndIncrement();
    }

    /** Events put into requests, those sent or told again included. */
    long handedIn() {
        return handedIn.get();
    }

    /** Acknowledged events that were told once more on purpose. */
    long toldAgain() {
        return toldAgain.get();
    }

    /** The longest that an event took from being told first to its acknowledgement. */
    Duration longestDelay() {
        return Duration.ofNanos(longestDelayNanos.get());
    }

    /** What ingest refused for good and why: nothing, unless something is broken. */
    Map<String, Long> refused() {
        synchronized (refused) {
            return new TreeMap<>(refused);
        }
    }

    private final class App {

        private final Random random;
        private int turn;
        private long earliestNext = System.nanoTime();

        App(int number) {
            this.random = new Random(seed * 31 + number);
            this.turn = number;
        }

        void run() throws InterruptedException {
            while (on) {
                keepRate();
                deliver(tell());
            }
        }

        private void keepRate() throws InterruptedException {
            long now = System.nanoTime();
            LockSupport.parkNanos(this, earliestNext - now);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long nanosPerBatch = TimeUnit.SECONDS.toNanos(1) * EVENTS_IN_A_BATCH * APPS / eventsPerSecond;
            earliestNext = Math.max(earliestNext, now - CATCH_UP_NANOS) + nanosPerBatch;
        }

        private List<Told> tell() {
            Instant now = business.instant();
            List<Told> batch = new ArrayList<>(EVENTS_IN_A_BATCH);
            for (int i = 0; i < EVENTS_IN_A_BATCH; i++) {
                if (random.nextInt(100) < AGAIN_OF_A_HUNDRED) {
                    int within = random.nextBoolean() ? SOON : Integer.MAX_VALUE;
                    Told again = truth.drawAgain(random, now.minus(OLDEST_TOLD_AGAIN), within);
                    if (again != null) {
                        batch.add(again);
                        toldAgain.incrementAndGet();
                        continue;
                    }
                }
                long number = nextNumber();
                batch.add(new Told(number, events.timeOf(number, now)));
            }
            return batch;
        }

        private void deliver(List<Told> batch) throws InterruptedException {
            long told = System.nanoTime();
            List<Told> left = batch;
            long backOff = FIRST_BACK_OFF_NANOS;
            while (!left.isEmpty()) {
                URI ingest = ingests.get(turn++ % ingests.size());
                handedIn.addAndGet(left.size());
                try {
                    IngestClient.Answer answer = endpoint.send(ingest, json(left), left.size());
                    List<Told> next = settle(left, answer);
                    if (next.size() < left.size()) {
                        left = next;
                        continue;
                    }
                } catch (IOException unknown) {
                    // the batch goes again, to the other ingest
                }
                await(backOff);
                backOff = Math.min(2 * backOff, LONGEST_BACK_OFF_NANOS);
            }
            long delay = System.nanoTime() - told;
            longestDelayNanos.accumulateAndGet(delay, Math::max);
        }

        private void await(long nanos) throws InterruptedException {
            LockSupport.parkNanos(this, nanos);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }

        private List<Told> settle(List<Told> batch, IngestClient.Answer answer) {
            BitSet accepted = answer.accepted();
            List<Told> left = new ArrayList<>();
            for (int i = 0; i < batch.size(); i++) {
                if (accepted.get(i)) {
                    truth.acknowledge(batch.get(i).number(), batch.get(i).time());
                } else if (!answer.refused().get(i)) {
                    left.add(batch.get(i));
                }
            }
            answer.why().ifPresent(why -> {
                synchronized (refused) {
                    refused.merge(
                            refused.size() < 20 ? why : "others",
                            (long) answer.refused().cardinality(),
                            Long::sum);
                }
            });
            return left;
        }

        private String json(List<Told> batch) {
            StringBuilder json = new StringBuilder(batch.size() * 260);
            for (Told told : batch) {
                json.append(json.length() == 0 ? '[' : ',');
                events.append(json, told.number(), told.time());
            }
            return json.append(']').toString();
        }
    }
}
