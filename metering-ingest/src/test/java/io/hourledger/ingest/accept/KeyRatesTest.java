package io.hourledger.ingest.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class KeyRatesTest {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // wraps around soon, as it may
    private final KeyRates rates = new KeyRates(nanos::get);
    private final ApiKey slow = key("slow", 100);

    private static ApiKey key(String id, int eventsPerSecond) {
        return new ApiKey(
                id,
                id,
                Set.of(),
                new KeyScope(List.of("/shop"), List.of(), Set.of(), Set.of()),
                new KeyLimits(eventsPerSecond, 0, 0));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void what_was_sent_too_fast_is_waited_for() {
        assertThat(rates.waitOf(slow)).isZero();
        rates.charge(slow, 300);

        assertThat(rates.waitOf(slow)).isBetween(Duration.ofMillis(2_000), Duration.ofMillis(2_011));
        pass(Duration.ofMillis(1_990));
        assertThat(rates.waitOf(slow)).isPositive();
        pass(Duration.ofMillis(30));
        assertThat(rates.waitOf(slow)).isZero();
    }

    @Test
    void a_rest_is_not_saved_up_for_longer_than_a_second() {
        pass(Duration.ofHours(1));
        rates.charge(slow, 101);
        assertThat(rates.waitOf(slow)).isPositive();
    }

    @Test
    void a_batch_of_a_slow_key_does_not_lock_it_out_for_hours() {
        ApiKey one = key("one", 1);
        rates.charge(one, 10_000);

        assertThat(rates.waitOf(one)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(12));
    }

    @Test
    void what_was_not_kept_is_not_paid_for() {
        rates.charge(slow, 300);
        rates.giveBack(slow, 300);

        assertThat(rates.waitOf(slow)).isZero();
    }

    @Test
    void a_key_does_not_pay_for_another_and_without_a_rate_for_nothing() {
        rates.charge(slow, 1_000);
        ApiKey free = key("free", 0);
        rates.charge(free, 1_000_000);

        assertThat(rates.waitOf(key("other", 100))).isZero();
        assertThat(rates.waitOf(free)).isZero();
    }
}
