package io.hourledger.pusher.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.pusher.PusherSchema;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Ordered instances that could not be opened at once are tried again, each for itself. */
@Tag("servers")
class RetryOpeningsTest {

    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");

    /** An order that fails for 3 hours is refunded. */
    @Test
    void a_request_that_breaks_its_try_keeps_no_other_waiting() {
        DataSource database = TestDatabase.freshDatabase();
        LedgerSchema.migrate(database);
        PusherSchema.migrate(database);
        JdbcClient jdbc = JdbcClient.create(database);
        jdbc.sql("insert into ledger.seller_account (account) values ('default')")
                .update();
        RequestedInstances requests = new RequestedInstances(jdbc);
        for (int i = 0; i < 3; i++) {
            requests.remember("default", "CS" + i, "CS" + i + "-000001", "", "b-" + i, false, NINE.plusSeconds(i));
        }
        UndoneChanges undone = new UndoneChanges(jdbc);
        undone.keep(
                "b-9",
                DeferredChange.renew("CS9", null, "p-2", NINE.plusSeconds(60), true, NINE),
                "product p-2 is not in the catalogue");
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        List<String> tried = new ArrayList<>();
        try (RetryOpenings retry = new RetryOpenings(
                jdbc,
                new TransactionTemplate(new JdbcTransactionManager(database)),
                requests,
                requested -> {
                    tried.add(requested.orderId());
                    if (requested.orderId().equals("CS0")) {
                        throw new ArithmeticException("an amount that nobody can write down");
                    }
                    return nonsense(requested);
                },
                undone,
                Duration.ofHours(1),
                metrics)) {
            retry.turn();
            assertThat(tried).containsExactlyInAnyOrder("CS0", "CS1", "CS2");
            assertThat(metrics.get("callback.instances.not.open").gauge().value())
                    .isEqualTo(3);
            assertThat(metrics.get("callback.changes.undone").gauge().value()).isEqualTo(1);
        }
    }

    private static InstanceOpening.Outcome nonsense(Requested requested) {
        return new InstanceOpening.Outcome.Nonsense("no such product in " + requested.orderId());
    }
}
