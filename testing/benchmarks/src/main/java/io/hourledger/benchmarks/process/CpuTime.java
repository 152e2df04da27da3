package io.hourledger.benchmarks.process;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What processor time each of some processes takes, as the kernel counts it. */
public final class CpuTime {

    private final Map<String, ProcessHandle> processes = new LinkedHashMap<>();
    private final Map<String, Duration> before = new TreeMap<>();
    private final long startedAt = System.nanoTime();

    private CpuTime(Map<String, Long> processIds) {
        processIds.forEach((name, id) -> {
            ProcessHandle process = ProcessHandle.of(id)
                    .orElseThrow(() -> new IllegalStateException("there is no process " + id + " of " + name));
            processes.put(name, process);
            before.put(name, takenBy(process));
        });
    }

    /** Begins to count, by the names that the report gives the processes. */
    public static CpuTime since(Map<String, Long> processIds) {
        return new CpuTime(processIds);
    }

    /** Seconds of one core since the beginning. */
    public double secondsOf(String name) {
        ProcessHandle process = processes.get(name);
        Duration then = before.get(name);
        if (process == null || then == null) {
            throw new IllegalArgumentException("nobody asked for " + name);
        }
        return takenBy(process).minus(then).toNanos() / 1e9;
    }

    /** Each process's share of what all cores could give since the beginning. */
    public Map<String, Object> shares() {
        double all =
                (System.nanoTime() - startedAt) / 1e9 * Runtime.getRuntime().availableProcessors();
        Map<String, Object> shares = new LinkedHashMap<>();
        processes.keySet().forEach(name -> shares.put(name, Math.round(secondsOf(name) / all * 1000) / 1000.0));
        return shares;
    }

    private static Duration takenBy(ProcessHandle process) {
        return process.info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("this system does not tell processor time"));
    }
}
