package io.hourledger.benchmarks.peer;

import io.hourledger.benchmarks.process.ChildJvm;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Peer (a): Kafka's own {@code ConsumerPerformance}, which reads and does nothing else: the limit of what one consumer can read here.
 */
public final class ConsumerLimit {

    /** Its columns: start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s. */
    private static final int COLUMNS = 10;

    private static final int RECORDS = 4;
    private static final int WHOLE_RATE = 5;
    private static final int FETCH_MILLIS = 7;
    private static final int FETCH_RATE = 9;

    private ConsumerLimit() {}

    /** Reads the whole topic once, in a JVM of its own with the flags that ours has. */
    public static Map<String, Object> read(
            String bootstrapServers, String topic, long events, String name, Path logs, List<String> flags) {
        List<String> arguments = List.of(
                "--bootstrap-server",
                bootstrapServers,
                "--topic",
                topic,
                "--num-records",
                Long.toString(events),
                "--group",
                "limit-" + UUID.randomUUID(),
                "--fetch-size",
                Integer.toString(4 * 1024 * 1024),
                "--command-property",
                "max.poll.records=2000",
                "--timeout",
                "60000",
                "--hide-header");
        try (ChildJvm jvm =
                ChildJvm.start(name, logs, flags, "org.apache.kafka.tools.ConsumerPerformance", arguments)) {
            for (String line : jvm.awaitLines()) {
                String[] columns = line.split(", ", -1);
                if (columns.length == COLUMNS && Character.isDigit(line.charAt(0))) {
                    Map<String, Object> result = new LinkedHashMap<>();
                    result.put("events", Long.parseLong(columns[RECORDS]));
                    result.put("seconds", Long.parseLong(columns[FETCH_MILLIS]) / 1e3);
                    result.put("whole_eps", Double.parseDouble(columns[WHOLE_RATE]));
                    result.put("warm_eps", Double.parseDouble(columns[FETCH_RATE]));
                    return result;
                }
            }
        }
        throw new IllegalStateException("ConsumerPerformance printed no result; see " + name + ".log in " + logs);
    }
}
