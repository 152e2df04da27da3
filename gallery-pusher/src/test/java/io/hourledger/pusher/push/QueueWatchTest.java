package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.embedded.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What the queue's figures say while nobody can look at it: its database is nowhere. */
@Tag("fast")
class QueueWatchTest {

    private final TestClock businessTime = new TestClock(Instant.parse("2026-11-24T13:00:00Z"));
    private final AtomicLong nanos = new AtomicLong();
    private final DriverManagerDataSource nowhere = new DriverManagerDataSource("jdbc:postgresql://127.0.0.1:1/none");
    private final QueueWatch watch = new QueueWatch(
            JdbcClient.create(nowhere),
            new TransactionTemplate(new JdbcTransactionManager(nowhere)),
            businessTime,
            nanos::get,
            PushRig.KOOGALLERY.deadlines(),
            PushRig.SELLER);

    @Test
    void before_the_first_look_no_figure_says_that_the_queue_is_empty() {
        assertThat(watch.seen(QueueWatch.View::inTime)).isNaN();
        assertThat(watch.seen(QueueWatch.View::late)).isNaN();
    }

    @Test
    void a_queue_that_nobody_can_look_at_grows_older() {
        assertThat(watch.oldestAgeSeconds()).isZero();

        nanos.addAndGet(Duration.ofMinutes(20).toNanos());
        businessTime.move(Duration.ofMinutes(20));

        assertThat(watch.oldestAgeSeconds()).isEqualTo(1200);
    }
}
