package io.hourledger.benchmarks.load;

import io.hourledger.contracts.usage.UsageHour;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * What a load must sum up to: raw amounts per instance and usage hour, each event once. Kept as lines {@code instance_id,hour,amount}, the
 * form in which every measured program hands in its own sums.
 */
public final class LoadTotals {

    private static final String HEADER = "instance_id,hour,amount";

    private final Map<String, BigDecimal> amounts;

    private LoadTotals(Map<String, BigDecimal> amounts) {
        this.amounts = amounts;
    }

    /** Writes sums as they were laid down: {@code sums[instance * hours + hour]}; what is zero was not used. */
    public static void write(Path file, Workload load, long[] sums) throws IOException {
        Files.writeString(file, HEADER + "\n");
        append(file, load, sums);
    }

    /** Adds the sums of another load. */
    public static void append(Path file, Workload load, long[] sums) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardOpenOption.APPEND)) {
            for (int instance = 0; instance < load.instances(); instance++) {
                for (int hour = 0; hour < load.hours(); hour++) {
                    long sum = sums[instance * load.hours() + hour];
                    if (sum != 0) {
                        out.write(line(load.instanceId(instance), hourAt(load, hour), BigDecimal.valueOf(sum)));
                    }
                }
            }
        }
    }

    private static UsageHour hourAt(Workload load, int index) {
        return UsageHour.ofNumber(UsageHour.of(load.from()).number() + index);
    }

    /** One line of a file of sums. */
    public static String line(String instanceId, UsageHour hour, BigDecimal rawAmount) {
        return instanceId + "," + hour + "," + rawAmount.stripTrailingZeros().toPlainString() + "\n";
    }

    /** Reads a file of sums; lines for the same instance and hour are added. */
    public static LoadTotals read(Path file) {
        Map<String, BigDecimal> amounts = new HashMap<>();
        try (BufferedReader in = Files.newBufferedReader(file)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isEmpty() || line.equals(HEADER)) {
                    continue;
                }
                int comma = line.lastIndexOf(',');
                amounts.merge(line.substring(0, comma), new BigDecimal(line.substring(comma + 1)), BigDecimal::add);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the sums cannot be read: " + file, e);
        }
        return new LoadTotals(amounts);
    }

    /** How many instances and hours have an amount here that differs from the other's, or is missing on one side. */
    public int differencesFrom(LoadTotals other) {
        int differences = 0;
        for (Map.Entry<String, BigDecimal> mine : amounts.entrySet()) {
            BigDecimal theirs = other.amounts.get(mine.getKey());
            if (theirs == null || theirs.compareTo(mine.getValue()) != 0) {
                differences++;
            }
        }
        for (String key : other.amounts.keySet()) {
            if (!amounts.containsKey(key)) {
                differences++;
            }
        }
        return differences;
    }

    /** How many instances and hours have at least this amount. */
    public long atLeast(BigDecimal amount) {
        return amounts.values().stream()
                .filter(one -> one.compareTo(amount) >= 0)
                .count();
    }

    /** All of it. */
    public BigDecimal total() {
        return amounts.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** How many instances and hours have an amount. */
    public int size() {
        return amounts.size();
    }
}
