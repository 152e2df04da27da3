package io.hourledger.aggregator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Sealing is many transactions. Before and after each of them a process may end, a new owner may load the partition, and a failover may undo the
 * last one.
 */
@Tag("servers")
class SealingCrashTest {

    private static final UsageHour TEN = new UsageHour(Instant.parse("2026-03-01T10:00:00Z"));
    private static final int MANY = 100;

    /** The second transaction that moves ids into blocks: the first one reads. */
    private static final int WRITES = 2;

    private final IdsOfPartition partition = new IdsOfPartition();

    @AfterEach
    void close() {
        partition.close();
    }

    @Test
    void a_crash_at_any_step_of_sealing_loses_no_id_and_repeats_none() {
        countAndClose(TEN);
        assertThat(stepsUntilSealed(TEN)).isBetween(3, MANY - 1);
        partition.assertThatEachIdIsSealedOnce();
    }

    @Test
    void a_crash_at_any_step_of_adding_late_ids_loses_none_and_repeats_none() {
        countLateAndCloseNext();
        assertThat(stepsUntilSealed(TEN.next())).isBetween(5, MANY - 1);
        partition.assertThatEachIdIsSealedOnce();
    }

    @Test
    void an_owner_that_loads_at_any_step_has_each_id_once() {
        countLateAndCloseNext();
        SteppedDatabase watched = new SteppedDatabase(partition.database) {
            @Override
            void afterCommit(int step) {
                partition.assertThatALoadHasEachIdOnce();
                partition.assertThatEachIdIsFound();
            }
        };
        seal(watched, TEN.next());
        assertThat(watched.steps()).isBetween(6, MANY);
        partition.assertThatEachIdIsSealedOnce();
    }

    @Test
    void a_failover_that_undoes_any_step_of_sealing_loses_no_id() {
        countAndClose(TEN);
        undoEachStep(TEN);
    }

    @Test
    void a_failover_that_undoes_any_step_of_adding_late_ids_loses_none() {
        countLateAndCloseNext();
        undoEachStep(TEN.next());
    }

    @Test
    void an_hour_that_is_no_longer_closed_is_not_sealed() {
        countAndClose(TEN);
        SteppedDatabase failsOver = new SteppedDatabase(partition.database) {
            @Override
            void afterCommit(int step) {
                partition.sql.update("update aggregator.hour_cutoff set closed_at = null");
            }
        };
        seal(failsOver, TEN);
        assertThat(partition.closing.sealedThrough(0)).isEmpty();
        partition.assertThatALoadHasEachIdOnce();
    }

    @Test
    void of_two_that_sort_ids_into_one_block_the_second_waits() {
        partition.count(TEN, Long.MIN_VALUE, Long.MAX_VALUE);
        partition.close(TEN);
        seal(partition.database, TEN);
        partition.count(TEN, Long.MAX_VALUE - 1);
        blocksOf(partition.database).spill();
        List<CompletableFuture<Void>> second = new ArrayList<>();
        SteppedDatabase first = new SteppedDatabase(partition.database) {
            @Override
            void beforeCommit(int step) {
                if (step == WRITES) {
                    partition.countRandom(TEN, 20_000); // too many for the second to come to the id of the first
                    blocksOf(partition.database).spill();
                    second.add(CompletableFuture.runAsync(() -> merge(partition.database)));
                    await().until(SealingCrashTest.this::oneWaits);
                }
            }

            @Override
            void afterCommit(int step) throws SQLException {
                if (step == WRITES) {
                    throw new SQLException("the process has ended", "08006");
                }
            }
        };
        assertThatThrownBy(() -> merge(first)).isInstanceOf(StoreUnavailableException.class);
        second.forEach(CompletableFuture::join); // fails if its work was undone
        partition.assertThatEachIdIsSealedOnce();
    }

    private static SortedBlocks blocksOf(DataSource database) {
        return new SortedBlocks(new Transactions(database), 0);
    }

    private static void merge(DataSource database) {
        blocksOf(database).merge(TEN.start().atOffset(ZoneOffset.UTC));
    }

    private boolean oneWaits() {
        return Boolean.TRUE.equals(partition.sql.queryForObject(
                "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type ="
                        + " 'Lock')",
                Boolean.class));
    }

    private void countAndClose(UsageHour hour) {
        partition.countRandom(hour, 6_000); // more than are read at once
        partition.countRandom(hour, 200);
        partition.countRandom(hour, 300);
        partition.close(hour);
    }

    private void countLateAndCloseNext() {
        countAndClose(TEN);
        partition.closing.sealNext(0, TEN.end());
        partition.countRandom(TEN, 11_000); // late, and more than are added at once
        countAndClose(TEN.next());
    }

    /** Whoever seals does not notice that what it committed last has gone, and goes on. */
    private void undoEachStep(UsageHour hour) {
        Copies before = new Copies(partition.sql, "before_all");
        before.take();
        int steps = 0;
        for (int undone = 1; undone == 1 || undone <= steps; undone++) {
            UndoingDatabase failsOver = new UndoingDatabase(partition, undone);
            seal(failsOver, hour);
            steps = Math.max(steps, failsOver.steps());
            partition.assertThatALoadHasEachIdOnce();
            partition.assertThatEachIdIsFound();
            seal(partition.database, hour);
            partition.assertThatEachIdIsSealedOnce();
            before.restore();
        }
        assertThat(steps).isBetween(6, MANY);
    }

    /** Ends a process that seals before and after its first transaction, then its second, and so on. */
    private int stepsUntilSealed(UsageHour hour) {
        for (int step = 1; step < MANY; step++) {
            for (Crash when : Crash.values()) {
                seal(new CrashingDatabase(partition.database, step, when), hour);
                partition.assertThatALoadHasEachIdOnce();
                partition.assertThatEachIdIsFound();
            }
            if (partition.closing.sealedThrough(0).orElse(0) == hour.number()) {
                return step;
            }
        }
        return MANY;
    }

    private static void seal(DataSource database, UsageHour hour) {
        try {
            new PostgresClosingStore(database).sealNext(0, hour.end());
        } catch (StoreUnavailableException crashedOrBeginsAnew) {
            // its successor comes
        }
    }

    private enum Crash {
        BEFORE_COMMIT,
        AFTER_COMMIT
    }

    /** Fails at the commit of one transaction, and of all after it. */
    private static final class CrashingDatabase extends SteppedDatabase {
        private final int last;
        private final Crash when;

        CrashingDatabase(DataSource database, int last, Crash when) {
            super(database);
            this.last = last;
            this.when = when;
        }

        @Override
        void beforeCommit(int step) throws SQLException {
            crash(step, Crash.BEFORE_COMMIT);
        }

        @Override
        void afterCommit(int step) throws SQLException {
            crash(step, Crash.AFTER_COMMIT);
        }

        private void crash(int step, Crash moment) throws SQLException {
            if (step >= last && moment == when) {
                throw new SQLException("the process has ended", "08006");
            }
        }
    }

    /** Takes back what one transaction has committed, as a failover to a standby does that did not get it. */
    private static final class UndoingDatabase extends SteppedDatabase {
        private final Copies copies;
        private final int undone;

        UndoingDatabase(IdsOfPartition partition, int undone) {
            super(partition.database);
            this.copies = new Copies(partition.sql, "before_step");
            this.undone = undone;
        }

        @Override
        void beforeTransaction(int step) {
            if (step == undone) {
                copies.take();
            }
        }

        @Override
        void afterCommit(int step) {
            if (step == undone) {
                copies.restore();
            }
        }
    }

    /** All that sealing changes, as it was at one moment. */
    private record Copies(JdbcTemplate sql, String schema) {
        private static final List<String> TABLES =
                List.of("counted_ids", "ids_on_disk", "sorted_id_block", "hour_cutoff");

        void take() {
            sql.execute("drop schema if exists " + schema + " cascade");
            sql.execute("create schema " + schema);
            TABLES.forEach(table ->
                    sql.execute("create table " + schema + "." + table + " as select * from aggregator." + table));
        }

        void restore() {
            TABLES.forEach(table -> {
                sql.execute("delete from aggregator." + table);
                sql.execute("insert into aggregator." + table + " select * from " + schema + "." + table);
            });
        }
    }
}
