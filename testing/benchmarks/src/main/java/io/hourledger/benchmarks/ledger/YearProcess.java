package io.hourledger.benchmarks.ledger;

import io.hourledger.benchmarks.process.Parent;
import io.hourledger.contracts.instance.InstanceId;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * An instance with a year of history against a new one. The history is laid down by the ledger itself, hour by hour, each record issued and
 * reported; then both close the same kind of hour in turns, in batches and one by one, and the medians are compared.
 */
public final class YearProcess {

    /**
     * So many hours of each instance are laid down in one call: not more than an instance remembers in full, since a record that is settled
     * later makes the ledger read back in its stream.
     */
    private static final int HOURS_A_CALL = 3;

    private static final int WARM_UP = 30;
    private static final int PAIRS = 120;

    private final HistoryWriter history;

    private YearProcess(HistoryWriter history) {
        this.history = history;
    }

    /** Takes the database's address, user and password, how many instances, and how many hours of history. */
    public static void main(String[] arguments) {
        int instances = Integer.parseInt(arguments[3]);
        int hours = Integer.parseInt(arguments[4]);
        Parent.whenItEnds(() -> {});
        try (LedgerInProcess stack = new LedgerInProcess(arguments[0], arguments[1], arguments[2])) {
            Map<String, Object> result = new YearProcess(new HistoryWriter(stack.ledger())).measure(instances, hours);
            stack.jdbc().execute("vacuum analyze ledger.event");
            Long events = stack.jdbc().queryForObject("select count(*) from ledger.event", Long.class);
            Long bytes = stack.jdbc().queryForObject("select pg_total_relation_size('ledger.event')", Long.class);
            if (events != null && bytes != null) {
                result.put("ledger_events", events);
                result.put("bytes_per_event", (double) bytes / events);
            }
            Parent.result(result);
        }
    }

    private Map<String, Object> measure(int instances, int hours) {
        List<InstanceId> old = open("old", instances, HistoryWriter.BEGAN);
        long layingAt = System.nanoTime();
        for (int hour = 0; hour < hours; hour += HOURS_A_CALL) {
            history.meterAndReport(old, hour, Math.min(HOURS_A_CALL, hours - hour));
            Parent.progress((long) (hour + 1) * instances);
        }
        double laying = (System.nanoTime() - layingAt) / 1e9;

        long[] oldBatch = new long[PAIRS];
        long[] newBatch = new long[PAIRS];
        long[] oldOne = new long[PAIRS];
        long[] newOne = new long[PAIRS];
        for (int pair = -WARM_UP; pair < PAIRS; pair++) {
            int at = Math.max(pair, 0);
            int hour = hours + 2 * (pair + WARM_UP);
            List<InstanceId> young = open("new-" + (pair + WARM_UP), instances, HistoryWriter.begin(hour));
            boolean oldFirst = (pair & 1) == 0; // neither always finds the caches warmed by the other
            for (boolean isOld : new boolean[] {oldFirst, !oldFirst}) {
                List<InstanceId> ids = isOld ? old : young;
                (isOld ? oldBatch : newBatch)[at] = history.close(ids, hour);
                (isOld ? oldOne : newOne)[at] = history.close(List.of(ids.get(at % instances)), hour + 1);
            }
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("instances", instances);
        result.put("hours_of_history", hours);
        result.put("laid_down_in_s", laying);
        result.put("old_batch_ms", medianMillis(oldBatch));
        result.put("new_batch_ms", medianMillis(newBatch));
        result.put("old_alone_ms", medianMillis(oldOne));
        result.put("new_alone_ms", medianMillis(newOne));
        result.put("year_slowdown_in_batches", medianMillis(oldBatch) / medianMillis(newBatch));
        result.put("year_slowdown_alone", medianMillis(oldOne) / medianMillis(newOne));
        return result;
    }

    private List<InstanceId> open(String name, int instances, Instant openedAt) {
        List<InstanceId> ids = IntStream.range(0, instances)
                .mapToObj(number -> new InstanceId(name + "-" + number))
                .toList();
        history.open(ids, openedAt);
        return ids;
    }

    private static double medianMillis(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1e6;
    }
}
