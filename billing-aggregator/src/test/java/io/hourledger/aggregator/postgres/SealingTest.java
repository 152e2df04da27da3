package io.hourledger.aggregator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One closed hour with 20 checkpoints of 20,000 ids each; several processes sort them, and one of them may stand still. */
@Tag("servers")
class SealingTest {

    private static final UsageHour TEN = new UsageHour(Instant.parse("2026-03-01T10:00:00Z"));
    private static final int CHECKPOINTS = 20;

    /** PostgreSQL ends it after 10 s. */
    private static final Duration LONGEST_WRITE = Duration.ofSeconds(25);

    /** The same, from the last byte on that was taken; a machine under load takes longer to see it. */
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(45);

    private static final int IDS = 20_000;

    private final IdsOfPartition partition = new IdsOfPartition();

    @BeforeEach
    void countAnHour() {
        for (int number = 1; number <= CHECKPOINTS; number++) {
            partition.countRandom(TEN, IDS);
        }
        partition.close(TEN);
    }

    @AfterEach
    void close() {
        partition.close();
    }

    private static void sealIfItCan(PostgresClosingStore closing) {
        try {
            closing.sealNext(0, TEN.end());
        } catch (StoreUnavailableException lostTheRace) {
            // whoever comes second begins anew
        }
    }

    private interface WhileFrozen {
        void run() throws Exception;
    }

    /** One that seals stands still when the relay does, and goes on afterwards. */
    private void whileOneStandsStill(Consumer<StallingRelay> stall, WhileFrozen test) throws Exception {
        StallingRelay relay = partition.relay();
        try (HikariDataSource slow = partition.through(relay);
                relay) {
            PostgresClosingStore frozen = new PostgresClosingStore(slow);
            assertThat(frozen.sealedThrough(0)).isEmpty();
            stall.accept(relay);
            CompletableFuture<Void> sealing = CompletableFuture.runAsync(() -> sealIfItCan(frozen));
            relay.awaitStall();

            test.run();

            relay.release();
            sealing.join();
        }
    }

    @Test
    void who_stands_still_while_it_seals_holds_nothing_that_others_wait_for() throws Exception {
        whileOneStandsStill(relay -> relay.stallAfter(2_000_000), () -> {
            assertThat(partition.sql.queryForList(
                            "select state, wait_event, query from pg_stat_activity where datname ="
                                    + " current_database() and backend_type = 'client backend' and backend_xid is"
                                    + " not null and pid <> pg_backend_pid()"))
                    .as("transaction ids that stop the readers of the ledger")
                    .isEmpty();
            assertThat(partition.closing.sealNext(0, TEN.end()))
                    .as("another owner does not wait")
                    .isPresent();
            partition.assertThatEachIdIsSealedOnce();
        });
        partition.assertThatEachIdIsSealedOnce();
    }

    private boolean holdsTransactionId() {
        return Boolean.TRUE.equals(partition.sql.queryForObject(
                "select exists (select from pg_stat_activity where application_name = ? and backend_xid is not null)",
                Boolean.class,
                IdsOfPartition.FROZEN));
    }

    private int frozenSessions() {
        return partition.sql.queryForObject(
                "select count(*) from pg_stat_activity where application_name = ?",
                Integer.class,
                IdsOfPartition.FROZEN);
    }

    @Test
    void who_stands_still_while_it_writes_holds_a_transaction_id_for_seconds() throws Exception {
        // in the middle of the ids that it writes
        whileOneStandsStill(relay -> relay.stallAfterRequests(1_000_000), () -> {
            assertThat(holdsTransactionId()).isTrue();

            await().atMost(LONGEST_WRITE).until(() -> !holdsTransactionId());
            sealIfItCan(partition.closing);
            partition.assertThatEachIdIsSealedOnce();
        });
        partition.assertThatEachIdIsSealedOnce();
    }

    @Test
    void who_takes_no_answer_any_more_loses_its_connection() throws Exception {
        partition.store.load(0, 3, 10, new LoadedIds()); // into runs, which are read in larger answers
        whileOneStandsStill(relay -> relay.stallAfter(500_000), () -> {
            assertThat(frozenSessions()).isEqualTo(1);

            await().atMost(LONGEST_ANSWER).until(() -> frozenSessions() == 0);
        });
    }

    /** Whatever it was doing: the ledger's readers wait for each transaction that has an id. */
    @Test
    void no_transaction_outlives_a_process_that_is_frozen() {
        assertThat(partition.sql.queryForList(
                        "select current_setting(name) from unnest(array['idle_in_transaction_session_timeout',"
                                + " 'tcp_user_timeout', 'transaction_timeout']) as name",
                        String.class))
                .containsExactly("5s", "10000", "30s");
    }

    @Test
    void ids_that_memory_forgot_are_found_in_a_store_that_has_not_sealed_them() {
        partition.assertThatEachIdIsFound();
        partition.store.load(0, 3, 10, new LoadedIds());
        assertThat(partition.sql.queryForObject("select count(*) from aggregator.counted_ids", Integer.class))
                .isZero();
        partition.assertThatEachIdIsFound();
    }

    @Test
    void ids_that_another_moves_while_they_are_sealed_are_sealed_once() throws Exception {
        whileOneStandsStill(relay -> relay.stallAfter(2_000_000), () -> {
            partition.store.load(0, 3, 10, new LoadedIds()); // a new owner without room for them
        });
        assertThat(partition.closing.sealedThrough(0))
                .as("what was read is no longer all")
                .isEmpty();
        sealIfItCan(partition.closing);
        partition.assertThatEachIdIsSealedOnce();
    }

    @Test
    void of_many_that_seal_at_once_each_id_is_sealed_once() {
        CompletableFuture.allOf(Stream.generate(() -> CompletableFuture.runAsync(() -> sealIfItCan(partition.closing)))
                        .limit(4)
                        .toArray(CompletableFuture[]::new))
                .join();
        sealIfItCan(partition.closing);

        partition.assertThatEachIdIsSealedOnce();
    }

    @Test
    void an_owner_that_loads_while_another_goes_on_sees_one_moment() {
        int before = partition.counted();
        LoadedIds loaded = new LoadedIds() {
            @Override
            public void position(long checkpoint, long nextOffset, Tallies tallies, long sealedThrough, long ids) {
                partition.countRandom(TEN.next(), IDS);
            }
        };
        partition.store.load(0, 3, 10_000_000, loaded);

        assertThat(loaded.ids).as("ids that were counted before the position").isEqualTo(before);
    }
}
