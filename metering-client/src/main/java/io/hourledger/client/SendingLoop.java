package io.hourledger.client;

import io.hourledger.client.SendResult.Fate;
import io.hourledger.client.SendResult.Item;
import io.hourledger.client.SendResult.Pause;
import io.hourledger.client.SendResult.Reach;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends what the buffer holds, batch after batch, on a thread of its own. A usage leaves the buffer only when the service has it, or when
 * the service has rejected it and that is written down.
 */
final class SendingLoop implements Runnable {

    private static final System.Logger log = System.getLogger(SendingLoop.class.getName());
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long TAKES_OVER_EVERY_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int MOST_DOUBLINGS = 6;

    private final UsageBuffer buffer;
    private final HttpIngest ingest;
    private final RejectedUsages rejectedUsages;
    private final SafeListener listener;
    private final int maxBatch;
    private final long lingerNanos;

    private final RetryQueue retries = new RetryQueue();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong failedRequests = new AtomicLong();

    private List<BufferedUsage> inFlight = List.of();
    private int limit;
    private int failures;
    private long tookOverAt = System.nanoTime();

    SendingLoop(
            UsageBuffer buffer,
            HttpIngest ingest,
            RejectedUsages rejectedUsages,
            SafeListener listener,
            int maxBatch,
            Duration linger) {
        this.buffer = buffer;
        this.ingest = ingest;
        this.rejectedUsages = rejectedUsages;
        this.listener = listener;
        this.maxBatch = maxBatch;
        this.limit = maxBatch;
        this.lingerNanos = linger.toNanos();
    }

    @Override
    public void run() {
        try {
            while (true) {
                turnWhateverBreaks();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void turnWhateverBreaks() throws InterruptedException {
        try {
            turn();
        } catch (IOException | RuntimeException | Error broken) {
            log.log(Level.ERROR, "sending usage broke, goes on after a pause", broken);
            inFlight.forEach(BufferedUsage::noteUnclear);
            retries.add(inFlight, System.nanoTime());
            inFlight = List.of();
            buffer.pause(new Pause(LONGEST_PAUSE_NANOS, false));
        }
    }

    private void turn() throws IOException, InterruptedException {
        if (System.nanoTime() - tookOverAt > TAKES_OVER_EVERY_NANOS) {
            tookOverAt = System.nanoTime();
            buffer.takeOver();
        }
        boolean full = retries.size() >= maxBatch;
        if (full) {
            buffer.pause(new Pause(retries.nanosUntilDue(LONGEST_PAUSE_NANOS), false));
        } else {
            buffer.awaitBatch(retries.nanosUntilDue(lingerNanos));
        }
        if (buffer.takeFlush()) {
            retries.makeAllDue();
        }
        inFlight = retries.takeDue(limit);
        boolean repeatOnly = true;
        if (!full) {
            List<BufferedUsage> fresh = buffer.read(limit - inFlight.size());
            repeatOnly = fresh.isEmpty();
            inFlight.addAll(fresh);
        }
        if (!inFlight.isEmpty()) {
            send(repeatOnly);
        }
    }

    private void send(boolean repeatOnly) throws InterruptedException {
        long start = System.nanoTime();
        requests.incrementAndGet();
        SendResult result = ingest.send(inFlight);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        List<BufferedUsage> accepted = with(Fate.ACCEPTED, result);
        List<BufferedUsage> refused = with(Fate.REJECTED, result);
        List<BufferedUsage> unclear = with(Fate.UNCLEAR, result);
        unclear.forEach(BufferedUsage::noteUnclear);
        List<BufferedUsage> again = with(Fate.NOT_TAKEN, result);
        again.addAll(unclear);
        boolean writtenDown = rejectedUsages.keep(why(result));
        if (!writtenDown) {
            again.addAll(refused);
        }
        Pause pause = follow(result, again.size());
        boolean allWait = result.reach() == Reach.ALL && !repeatOnly;
        retries.add(again, System.nanoTime() + (allWait ? 0 : pause.nanos()));
        inFlight = List.of();
        buffer.done(accepted, writtenDown ? refused : List.of(), retries.firstNumber());
        if (!accepted.isEmpty()) {
            listener.accepted(accepted.size(), took);
        }
        if (allWait) {
            buffer.force(); // an outage begins, and may be long
            buffer.pause(pause);
        }
    }

    private List<BufferedUsage> with(Fate fate, SendResult result) {
        List<BufferedUsage> usages = new ArrayList<>();
        for (int i = 0; i < inFlight.size(); i++) {
            if (result.items().get(i).fate() == fate) {
                usages.add(inFlight.get(i));
            }
        }
        return usages;
    }

    private List<RejectedUsage> why(SendResult result) {
        List<RejectedUsage> refused = new ArrayList<>();
        for (int i = 0; i < inFlight.size(); i++) {
            Item item = result.items().get(i);
            if (item.fate() == Fate.REJECTED) {
                BufferedUsage usage = inFlight.get(i);
                refused.add(new RejectedUsage(
                        usage.event(), usage.id(), item.code(), item.field(), item.detail(), usage.mayBeTaken()));
            }
        }
        return refused;
    }

    /** Adapts the next requests to what this one came to, and says how long what is open waits. */
    private Pause follow(SendResult result, int again) {
        if (again == 0) {
            if (failures > 0) {
                log.log(Level.INFO, "usage is taken again");
            }
            failures = 0;
            limit = Math.min(maxBatch, limit + 1);
            return new Pause(0, false);
        }
        if (result.reach() == Reach.TOO_MUCH) {
            limit = Math.max(1, inFlight.size() / 2);
            return new Pause(0, false);
        }
        failedRequests.addAndGet(result.reach() == Reach.ALL ? 1 : 0);
        failures++;
        Pause pause = pause(result);
        if (failures == 1) {
            log.log(Level.WARNING, "usage is held and sent again under the same ids: {0}", result.cause());
        }
        listener.held(again, result.cause(), Duration.ofNanos(pause.nanos()));
        return pause;
    }

    /** What the service asks for, or longer each time. Each client waits a little differently, so that they do not come back as one. */
    private Pause pause(SendResult result) {
        double spread = 1 + ThreadLocalRandom.current().nextDouble() / 4;
        Duration asked = result.retryAfter();
        if (asked != null) {
            return new Pause((long) (asked.toNanos() * spread), true);
        }
        long nanos = FIRST_PAUSE_NANOS << Math.min(MOST_DOUBLINGS, failures - 1);
        return new Pause((long) (Math.min(nanos, LONGEST_PAUSE_NANOS) * spread), false);
    }

    long requests() {
        return requests.get();
    }

    long failedRequests() {
        return failedRequests.get();
    }
}
