package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class BatchSizeTest {

    private static final Duration RAISE_EVERY = Duration.ofSeconds(10);

    private long now;
    private final BatchSize size = new BatchSize(1000, RAISE_EVERY, () -> now);

    private int after(Duration elapsed) {
        now += elapsed.toNanos();
        return size.most();
    }

    @Test
    void what_was_too_many_is_halved_down_to_one() {
        for (int i = 0; i < 20; i++) {
            size.tooMany(size.most());
        }
        assertThat(size.most()).isOne();
    }

    @Test
    void a_small_call_that_was_too_large_counts_by_its_own_size() {
        size.tooMany(20);
        assertThat(size.most()).isEqualTo(10);
        size.tooMany(1000);
        assertThat(size.most()).isEqualTo(10);
    }

    /** The marketplace was wrong eight times; then all is well. */
    @Test
    void the_size_comes_back_over_many_calls_and_never_above_the_ceiling() {
        for (int i = 0; i < 8; i++) {
            size.tooMany(size.most());
        }
        int before = size.most();
        int calls = 0;
        while (size.most() < 1000) {
            int now = after(Duration.ofMillis(200));
            assertThat(now - before).isBetween(0, 100);
            before = now;
            assertThat(++calls).isLessThan(600);
        }
        assertThat(calls).isGreaterThan(400);
        for (int i = 0; i < 1000; i++) {
            assertThat(after(RAISE_EVERY)).isEqualTo(1000);
        }
    }

    /** koogallery.md 1.4: one copy of the document says 100. */
    @Test
    void a_marketplace_that_takes_a_hundred_is_seldom_asked_for_more() {
        int refused = 0;
        int callsInAnHour = 5 * 3600;
        for (int call = 0; call < callsInAnHour; call++) {
            int records = after(Duration.ofMillis(200));
            if (records > 100) {
                size.tooMany(records);
                refused++;
            }
        }
        assertThat(refused).isLessThan(20);
        assertThat(size.current()).isBetween(50, 100);
    }
}
