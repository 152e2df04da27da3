package io.hourledger.pusher.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.pusher.PusherSchema;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A call and the opening of its instance meet on the instance's row. */
@Tag("servers")
class DeferredChangesTest {

    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");

    private static JdbcClient jdbc;
    private static TransactionTemplate transaction;

    @BeforeAll
    static void database() {
        DataSource database = TestDatabase.freshDatabase();
        LedgerSchema.migrate(database);
        PusherSchema.migrate(database);
        jdbc = JdbcClient.create(database);
        jdbc.sql("insert into ledger.seller_account (account) values ('default')")
                .update();
        transaction = new TransactionTemplate(new JdbcTransactionManager(database));
    }

    @Test
    void a_call_during_the_opening_is_not_kept_behind_its_back() throws Exception {
        RequestedInstances requests = new RequestedInstances(jdbc);
        DeferredChanges deferred = new DeferredChanges(jdbc);
        var requested = requests.remember("default", "CS1", "CS1-000001", "", "b-1", false, NINE);
        ExecutorService marketplace = Executors.newSingleThreadExecutor();
        try {
            Future<Boolean> stored = transaction.execute(opening -> {
                requests.lock(requested);
                Future<Boolean> call =
                        marketplace.submit(() -> deferred.keepUnlessOpen("b-1", DeferredChange.freeze(NINE)));
                await().until(() -> call.isDone() || someoneWaitsForALock());
                assertThat(deferred.of("b-1")).isEmpty();
                requests.opened(requested, "b-1");
                return call;
            });
            assertThat(stored.get()).as("it goes to the ledger instead").isFalse();
            assertThat(deferred.of("b-1")).isEmpty();
        } finally {
            marketplace.shutdownNow();
        }
    }

    @Test
    void what_came_before_the_opening_is_there_in_the_order_of_the_calls() {
        DeferredChanges deferred = new DeferredChanges(jdbc);
        new RequestedInstances(jdbc).remember("default", "CS2", "CS2-000001", "", "b-2", false, NINE);
        DeferredChange freeze = DeferredChange.freeze(NINE);
        DeferredChange renew =
                DeferredChange.renew("CS9", "CS9-1", "p-2", NINE.plusSeconds(86_400), true, NINE.plusSeconds(1));
        DeferredChange renewFrozen =
                DeferredChange.renew("CS9", null, null, NINE.plusSeconds(86_400), false, NINE.plusSeconds(1));
        DeferredChange upgrade = DeferredChange.upgrade("CS10", "CS10-000001", null, NINE.plusSeconds(2));
        assertThat(deferred.keepUnlessOpen("b-2", freeze)).isTrue();
        assertThat(deferred.keepUnlessOpen("b-2", renew)).isTrue();
        assertThat(deferred.keepUnlessOpen("b-2", renewFrozen)).isTrue();
        assertThat(deferred.keepUnlessOpen("b-2", upgrade)).isTrue();
        assertThat(deferred.of("b-2")).containsExactly(freeze, renew, renewFrozen, upgrade);
        deferred.applied("b-2");
        assertThat(deferred.of("b-2")).isEmpty();
    }

    private static boolean someoneWaitsForALock() {
        return jdbc.sql(
                        "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())")
                .query(Boolean.class)
                .single();
    }

    /** The two are kept apart when they come; two calls at the same moment may get in all the same. */
    @Test
    void a_release_or_a_change_is_of_the_open_instance_and_not_of_a_debugging_call_that_waits_under_its_id() {
        RequestedInstances requests = new RequestedInstances(jdbc);
        var real = requests.remember("default", "CS7", "CS7-000001", "", "b-7", false, NINE);
        requests.opened(real, "b-7");
        requests.remember("default", "CS8", "CS8-000001", "", "b-7", true, NINE);

        assertThat(requests.releaseUnopened("b-7")).isFalse();
        assertThat(new DeferredChanges(jdbc).keepUnlessOpen("b-7", DeferredChange.freeze(NINE)))
                .isFalse();
    }
}
