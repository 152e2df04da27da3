package io.hourledger.benchmarks.aggregator;

import io.hourledger.aggregator.BillingAggregator;
import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.PartitionBoard;
import io.hourledger.benchmarks.process.Parent;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.springframework.context.ConfigurableApplicationContext;

/** The service started again on what it held before: how long from the start of its JVM until it counts, or how much heap it lives on. */
public final class RestartProcess {

    private RestartProcess() {}

    /** Takes {@code time} or {@code memory}, then Spring's settings. Collecting garbage all the time, as memory needs, would spoil the time. */
    public static void main(String[] arguments) throws InterruptedException {
        boolean memory = arguments[0].equals("memory");
        Parent.whenItEnds(() -> {});
        AtomicBoolean watching = new AtomicBoolean(memory);
        long[] peak = new long[1];
        Thread watch = new Thread(
                () -> {
                    while (watching.get()) {
                        peak[0] = Math.max(peak[0], liveHeap());
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
                    }
                },
                "live-heap");
        watch.start();
        try (ConfigurableApplicationContext service =
                BillingAggregator.application().run(Arrays.copyOfRange(arguments, 1, arguments.length))) {
            PartitionBoard board = service.getBean(Aggregator.class).partitions();
            while (counting(board) < IdLoad.PARTITIONS) {
                // elapsed time: a look two hundred times a second
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            long uptimeMillis = ManagementFactory.getRuntimeMXBean().getUptime();
            watching.set(false);
            watch.join();
            List<PartitionStatus> all = board.all();
            long ids = all.stream().mapToLong(PartitionStatus::idsHeld).sum();
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("ids_held", ids);
            result.put("restart_s", uptimeMillis / 1e3);
            result.put(
                    "id_table_bytes",
                    all.stream().mapToLong(PartitionStatus::idBytes).sum());
            if (memory) {
                long settled = liveHeap();
                result.put("peak_live_heap", Math.max(peak[0], settled));
                result.put("settled_live_heap", settled);
                result.put("peak_bytes_per_id", (double) Math.max(peak[0], settled) / ids);
            }
            Parent.result(result);
        }
    }

    private static long counting(PartitionBoard board) {
        return board.all().stream()
                .filter(status -> status.state() == PartitionStatus.State.COUNTING)
                .count();
    }

    /** What a full collection has just left: what is allocated meanwhile is mostly garbage and belongs to the next. */
    private static long liveHeap() {
        System.gc();
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getCollectionUsage)
                .filter(Objects::nonNull)
                .mapToLong(MemoryUsage::getUsed)
                .sum();
    }
}
