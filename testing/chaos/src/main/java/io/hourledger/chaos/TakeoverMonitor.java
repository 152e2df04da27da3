package io.hourledger.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Watches how the partitions get on, and so sees takeovers from outside: under load that reaches every partition, a partition whose position
 * stands still has no working owner. Elapsed time.
 */
final class TakeoverMonitor implements AutoCloseable {

    private static final String POSITIONS = "select partition, next_offset from aggregator.partition_position";
    private static final Duration GLANCE = Duration.ofMillis(200);

    /** A checkpoint comes about once a second: shorter pauses mean nothing. */
    private static final Duration NOTABLE = Duration.ofMillis(1_500);

    private final DataSource database;
    private final Elapsed elapsed;
    private final Thread watcher;
    private final Map<Integer, Long> positions = new HashMap<>();
    private final Map<Integer, Duration> movedAt = new HashMap<>();
    private final List<Pause> pauses = new ArrayList<>();

    TakeoverMonitor(DataSource database, Elapsed elapsed) {
        this.database = database;
        this.elapsed = elapsed;
        this.watcher = new Thread(this::watch, "progress");
        watcher.setDaemon(true);
    }

    /** A time in which a partition did not move. */
    record Pause(int partition, Duration from, Duration to) {

        Duration length() {
            return to.minus(from);
        }

        boolean overlaps(Duration begin, Duration end) {
            return from.compareTo(end) < 0 && to.compareTo(begin) > 0;
        }
    }

    void start() {
        watcher.start();
    }

    private void watch() {
        try {
            while (true) {
                glance();
                Elapsed.pause(GLANCE);
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private void glance() {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(POSITIONS)) {
            Duration now = elapsed.now();
            while (rows.next()) {
                seen(rows.getInt(1), rows.getLong(2), now);
            }
        } catch (SQLException databaseIsDown) {
            // then nothing moves either; the pause shows when it is up again
        }
    }

    private synchronized void seen(int partition, long position, Duration now) {
        Long before = positions.put(partition, position);
        if (before != null && before == position) {
            return;
        }
        Duration last = movedAt.put(partition, now);
        if (last != null && now.minus(last).compareTo(NOTABLE) > 0) {
            pauses.add(new Pause(partition, last, now));
        }
    }

    synchronized List<Pause> pauses() {
        return List.copyOf(pauses);
    }

    /**
     * The longest that a partition stood still after the loss of an aggregator, over all losses during which broker, database and the other
     * aggregator were left in peace; empty when there was none.
     */
    Optional<Duration> longestTakeover(List<ChaosEvent> happened) {
        Duration longest = null;
        for (ChaosEvent loss : happened) {
            if (!isAggregator(loss.part())) {
                continue;
            }
            for (Pause pause : pauses()) {
                boolean beganWithIt = pause.from().compareTo(loss.from().minusSeconds(2)) >= 0
                        && pause.from().compareTo(loss.from().plusSeconds(1)) <= 0
                        && pause.to().compareTo(loss.from()) > 0;
                Duration without = pause.to().minus(loss.from());
                if (beganWithIt
                        && !isDisturbed(pause, loss, happened)
                        && (longest == null || without.compareTo(longest) > 0)) {
                    longest = without;
                }
            }
        }
        return Optional.ofNullable(longest);
    }

    private static boolean isAggregator(StackPart part) {
        return part == StackPart.AGGREGATOR_1 || part == StackPart.AGGREGATOR_2;
    }

    private static boolean isDisturbed(Pause pause, ChaosEvent loss, List<ChaosEvent> happened) {
        return happened.stream()
                .filter(other -> !other.equals(loss))
                .filter(other -> other.part() == StackPart.BROKER
                        || other.part() == StackPart.DATABASE
                        || isAggregator(other.part()))
                .anyMatch(other ->
                        pause.overlaps(other.from().minusSeconds(1), other.to().plusSeconds(5)));
    }

    Optional<Duration> longestPause() {
        return pauses().stream().map(Pause::length).max(Duration::compareTo);
    }

    /** The load is over: from now on standing still says nothing. */
    void stop() {
        watcher.interrupt();
    }

    @Override
    public void close() {
        stop();
    }
}
