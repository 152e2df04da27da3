package io.hourledger.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class SendResultsTest {

    private final AtomicLong nanoTime = new AtomicLong(-7);
    private final SendResults results = new SendResults(nanoTime::get);

    @Test
    void nothing_fails_before_anything_was_sent() {
        assertThat(results.failing()).isFalse();
    }

    @Test
    void a_failure_counts_until_the_next_success() {
        results.failed();
        assertThat(results.failing()).isTrue();

        results.succeeded();
        assertThat(results.failing()).isFalse();
    }

    @Test
    void without_news_a_failure_is_forgotten_so_that_somebody_sends_again() {
        results.failed();

        nanoTime.addAndGet(Duration.ofSeconds(9).toNanos());
        assertThat(results.failing()).isTrue();
        nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(results.failing()).isFalse();
    }
}
