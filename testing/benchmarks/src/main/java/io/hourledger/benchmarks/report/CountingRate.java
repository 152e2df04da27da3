package io.hourledger.benchmarks.report;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How fast a program counts, told apart into its cold beginning and what comes after. It begins with the first event counted and ends when
 * the last one is durable, so start-up costs nobody anything and the last commit costs everybody.
 */
public final class CountingRate implements AutoCloseable {

    /** The part of a load that is read cold; less of a load that is small. */
    private static final long COLD_EVENTS = 4_000_000;

    private static final long LOOK_EVERY_MILLIS = 20;
    private static final int LOOKS_A_SECOND = (int) (1000 / LOOK_EVERY_MILLIS);

    private final LongSupplier counted;
    private final long total;
    private final long coldEvents;
    private final LongConsumer progress;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
    private @Nullable ScheduledFuture<?> looking;
    private final List<Long> eachSecond = new ArrayList<>();
    private long startedAt;
    private long startedWith;
    private long coldDoneAt;
    private long coldDoneWith;
    private long cpuAtColdDone;
    private int looks;

    private CountingRate(LongSupplier counted, long total, LongConsumer progress) {
        this.counted = counted;
        this.total = total;
        this.coldEvents = Math.min(COLD_EVENTS, total / 5);
        this.progress = progress;
    }

    /** Begins to look at a counter that goes from zero to {@code total}. */
    public static CountingRate watch(LongSupplier counted, long total, LongConsumer progress) {
        CountingRate rate = new CountingRate(counted, total, progress);
        rate.looking = rate.watch.scheduleAtFixedRate(rate::look, 0, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        return rate;
    }

    /** The same, but begins now: for a counter that moves in steps, whose first step would hide what it took. */
    public static CountingRate from(LongSupplier counted, long total, LongConsumer progress) {
        CountingRate rate = watch(counted, total, progress);
        rate.begin();
        return rate;
    }

    private synchronized void begin() {
        startedAt = System.nanoTime();
    }

    private synchronized void look() {
        long now = System.nanoTime();
        long done = counted.getAsLong();
        if (startedAt == 0) {
            if (done > 0) {
                startedAt = now;
                startedWith = done;
            }
            return;
        }
        if (coldDoneAt == 0 && done >= coldEvents) {
            coldDoneAt = now;
            coldDoneWith = done;
            cpuAtColdDone = cpuNanos();
        }
        if (++looks % LOOKS_A_SECOND == 0) {
            eachSecond.add(done);
            progress.accept(done);
        }
    }

    /** To be called when the last event is durable. */
    public synchronized Map<String, Object> durable() {
        long now = System.nanoTime();
        if (looking == null || looking.isDone()) {
            throw new IllegalStateException("the counter could not be looked at");
        }
        if (coldDoneAt == 0) {
            throw new IllegalStateException("not even the cold part of " + total + " events was seen to be counted");
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("events", total);
        result.put("seconds", seconds(startedAt, now));
        result.put("whole_eps", (total - startedWith) / seconds(startedAt, now));
        result.put("cold_eps", (coldDoneWith - startedWith) / seconds(startedAt, coldDoneAt));
        result.put("warm_eps", (total - coldDoneWith) / seconds(coldDoneAt, now));
        result.put("warm_cpu_micros_per_event", (cpuNanos() - cpuAtColdDone) / 1e3 / (total - coldDoneWith));
        result.put("counted_each_second", List.copyOf(eachSecond));
        return result;
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }

    private static long cpuNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
