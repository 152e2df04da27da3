package io.hourledger.chaos;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does to the stack what the schedule says, and what an orchestrator does in production: whatever ends by itself is started again. Each part
 * has a thread of its own, so that one that is slow to start delays nobody else's misfortune.
 */
final class FaultInjector implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(FaultInjector.class);
    private static final Duration READY_WITHIN = Duration.ofSeconds(90);
    private static final Duration GLANCE = Duration.ofMillis(200);
    /** Parts away at once at most, in a stack with two of most. */
    static final int MOST_DOWN = 3;

    private static final Duration AHEAD = Duration.ofDays(3);

    private final Map<StackPart, Running> stack;
    private final Elapsed elapsed;
    private final int mostDown;
    private final Map<StackPart, ExecutorService> hands = new EnumMap<>(StackPart.class);
    private final Map<StackPart, AtomicInteger> due = new EnumMap<>(StackPart.class);
    private final Set<StackPart> cutShort = ConcurrentHashMap.newKeySet();
    private final List<ChaosEvent> happened = new ArrayList<>();
    private @Nullable Thread walker;

    /** @param mostDown parts away at once at most; the next disturbance waits */
    FaultInjector(Map<StackPart, Running> stack, Elapsed elapsed, int mostDown) {
        this.mostDown = mostDown;
        this.stack = new EnumMap<>(stack);
        this.elapsed = elapsed;
        for (StackPart part : stack.keySet()) {
            hands.put(part, Executors.newSingleThreadExecutor());
            due.put(part, new AtomicInteger());
        }
    }

    /**
     * Begins to do what the schedule says, and to look after the stack. The schedule waits while several parts are down: on a machine that is
     * slow to start processes the same misfortunes come in the same order, but later, and those that would come after the end not at all.
     */
    void follow(Schedule schedule, Duration end) {
        Thread thread = new Thread(() -> walkThrough(schedule, end), "fault-injector");
        thread.setDaemon(true);
        walker = thread;
        thread.start();
    }

    private void walkThrough(Schedule schedule, Duration end) {
        try {
            Duration late = Duration.ZERO;
            for (PlannedFault next : schedule.disturbances()) {
                while (elapsed.now().compareTo(next.at().plus(late)) < 0 || partsDown() >= mostDown) {
                    lookAfterAll();
                    Elapsed.pause(GLANCE);
                }
                late = elapsed.now().minus(next.at());
                if (elapsed.now().compareTo(end) > 0) {
                    break;
                }
                begin(next);
            }
            while (true) {
                lookAfterAll();
                Elapsed.pause(GLANCE);
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private void begin(PlannedFault disturbance) {
        for (StackPart part : disturbance.parts()) {
            hand(part, () -> disturb(running(part), disturbance));
        }
    }

    /** Whatever is gone and has nothing to come is started again. */
    private void lookAfterAll() {
        for (StackPart part : stack.keySet()) {
            if (due(part).get() == 0 && !running(part).isAlive()) {
                hand(part, () -> revive(running(part)));
            }
        }
    }

    private Running running(StackPart part) {
        return Objects.requireNonNull(stack.get(part));
    }

    private AtomicInteger due(StackPart part) {
        return Objects.requireNonNull(due.get(part));
    }

    private interface Deed {
        void run() throws IOException, InterruptedException;
    }

    private void hand(StackPart part, Deed deed) {
        due(part).incrementAndGet();
        Objects.requireNonNull(hands.get(part)).execute(() -> {
            try {
                deed.run();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } catch (IOException | RuntimeException failed) {
                log.atError().addKeyValue("part", part.word()).setCause(failed).log("a disturbance failed");
            } finally {
                due(part).decrementAndGet();
            }
        });
    }

    private void disturb(Running running, PlannedFault disturbance) throws IOException, InterruptedException {
        Duration from = elapsed.now();
        switch (disturbance.manner()) {
            case KILL -> {
                running.kill();
                Elapsed.pause(disturbance.lasts());
                running.start();
            }
            case RESTART -> {
                running.stop();
                Elapsed.pause(disturbance.lasts());
                running.start();
            }
            case FREEZE -> {
                RunningJvm service = serviceOf(running);
                service.freeze();
                Elapsed.pause(disturbance.lasts());
                service.thaw();
            }
            case SKEW -> {
                running.kill();
                serviceOf(running).startAhead(AHEAD);
                Elapsed.awaitThat(() -> running.isReady() || !running.isAlive(), READY_WITHIN);
                Elapsed.pause(disturbance.lasts());
                running.kill();
                running.start();
            }
        }
        awaitReady(running, disturbance.manner().word(), from);
    }

    /** The schedule freezes services only, and gives a wrong clock to no other part; each of them is a JVM. */
    private static RunningJvm serviceOf(Running running) {
        return (RunningJvm) running;
    }

    private long partsDown() {
        return stack.keySet().stream().filter(part -> due(part).get() > 0).count();
    }

    private void revive(Running running) throws IOException, InterruptedException {
        if (running.isAlive()) {
            return;
        }
        Duration from = elapsed.now();
        log.atWarn()
                .addKeyValue("part", running.part().word())
                .addKeyValue("life", running.lives())
                .log("ended by itself and is started again");
        running.start();
        awaitReady(running, ChaosEvent.DIED, from);
    }

    /** Also over when the next disturbance of the part comes due: a process may be killed while it starts, but not twice in a row. */
    private void awaitReady(Running running, String manner, Duration from) throws InterruptedException {
        boolean mayBeCutShort = cutShort.add(running.part());
        Elapsed.awaitThat(
                () -> running.isReady()
                        || !running.isAlive()
                        || (mayBeCutShort && due(running.part()).get() > 1),
                READY_WITHIN);
        if (running.isReady()) {
            cutShort.remove(running.part());
        }
        ChaosEvent entry = new ChaosEvent(running.part(), manner, from, elapsed.now(), running.isReady());
        synchronized (happened) {
            happened.add(entry);
        }
        log.atInfo()
                .addKeyValue("part", running.part().word())
                .addKeyValue("manner", manner)
                .addKeyValue("from_ms", from.toMillis())
                .addKeyValue("to_ms", entry.to().toMillis())
                .addKeyValue("ready", entry.ready())
                .log("disturbed");
    }

    /** Everything that was done so far, in the order in which it was over. */
    List<ChaosEvent> happened() {
        synchronized (happened) {
            return List.copyOf(happened);
        }
    }

    /** Waits until nothing is under way and every part does its work; returns whether that came in time. */
    boolean awaitQuiet(Duration atMost) throws InterruptedException {
        return Elapsed.awaitThat(
                () -> stack.values().stream()
                        .allMatch(running -> due(running.part()).get() == 0 && running.isReady()),
                atMost);
    }

    /** Nothing is disturbed or started any more. */
    @Override
    public void close() {
        if (walker != null) {
            walker.interrupt();
        }
        hands.values().forEach(ExecutorService::shutdownNow);
        try {
            for (ExecutorService hand : hands.values()) {
                hand.awaitTermination(READY_WITHIN.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
        }
    }
}
