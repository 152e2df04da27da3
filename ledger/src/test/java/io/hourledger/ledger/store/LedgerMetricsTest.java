package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.ledger.api.LedgerFeed.Subscription;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class LedgerMetricsTest {

    private final TestLedger test = new TestLedger();

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void events_and_calls_are_counted_alone_and_together() {
        test.ledger.handle(open("a"));
        test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1"), meter("b", 1, "1")));
        assertThat(test.metrics.get("ledger.events.appended").counter().count()).isEqualTo(3);
        assertThat(test.metrics
                        .get("ledger.handle.time")
                        .tag("commands", "one")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(test.metrics
                        .get("ledger.handle.time")
                        .tag("commands", "many")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(test.metrics.get("ledger.conflicts").counter().count()).isZero();
    }

    @Test
    void a_reader_that_hangs_is_seen_to_be_behind_and_so_is_one_that_an_open_transaction_holds_back() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        try (Connection open = test.dataSource.getConnection();
                Subscription held = test.feed.subscribe("hanging", batch -> {
                    try {
                        goOn.await();
                    } catch (InterruptedException stop) {
                        Thread.currentThread().interrupt();
                    }
                })) {
            open.setAutoCommit(false);
            open.createStatement().execute("select pg_current_xact_id()");
            test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1")));
            await().atMost(Duration.ofSeconds(30)).until(() -> lag("hanging") == 3);
            assertThat(test.metrics
                            .get("ledger.feed.lag.seconds")
                            .tag("reader", "hanging")
                            .gauge()
                            .value())
                    .isPositive();
            open.rollback();
            assertThat(held.caughtUp()).isFalse();
            goOn.countDown();
            await().atMost(Duration.ofSeconds(30)).until(() -> lag("hanging") == 0);
        }
    }

    private double lag(String reader) {
        return test.metrics
                .get("ledger.feed.lag.events")
                .tag("reader", reader)
                .gauge()
                .value();
    }
}
