package io.hourledger.chaos;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.contracts.usage.UsageHour;
import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Amounts by instance and hour, as one of the three books has them. */
final class HourAmounts {

    /** Where an amount belongs; in the order of the files. */
    record Key(String instanceId, UsageHour hour) implements Comparable<Key> {

        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::instanceId).thenComparing(Key::hour);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /**
     * @param events how many events made the amount; 0 where the book does not know
     */
    record Cell(BigDecimal amount, long events) {

        private static final Cell NOTHING = new Cell(BigDecimal.ZERO, 0);

        private Cell plus(Cell other) {
            return new Cell(amount.add(other.amount), events + other.events);
        }
    }

    private final Map<Key, Cell> cells = new TreeMap<>();

    void add(String instanceId, UsageHour hour, BigDecimal amount, long events) {
        cells.merge(new Key(instanceId, hour), new Cell(amount, events), Cell::plus);
    }

    Cell at(Key key) {
        return cells.getOrDefault(key, Cell.NOTHING);
    }

    Set<Key> keys() {
        return cells.keySet();
    }

    long events() {
        return cells.values().stream().mapToLong(Cell::events).sum();
    }

    /** The keys under which the two do not say the same amount. */
    Set<Key> differencesFrom(HourAmounts other) {
        Set<Key> different = new TreeSet<>();
        for (HourAmounts side : new HourAmounts[] {this, other}) {
            for (Key key : side.cells.keySet()) {
                if (at(key).amount.compareTo(other.at(key).amount) != 0) {
                    different.add(key);
                }
            }
        }
        return different;
    }

    /** {@code instance_id,hour,amount}, sorted, every amount in its one spelling; nothing is a row without an amount. */
    void writeTo(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("instance_id,hour,amount\n");
            for (Map.Entry<Key, Cell> entry : cells.entrySet()) {
                BigDecimal amount = BillableAmount.canonical(entry.getValue().amount);
                if (amount.signum() != 0) {
                    out.write(entry.getKey().instanceId + "," + entry.getKey().hour + "," + amount.toPlainString()
                            + "\n");
                }
            }
        }
    }
}
