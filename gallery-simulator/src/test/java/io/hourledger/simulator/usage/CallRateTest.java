package io.hourledger.simulator.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Flow control, koogallery.md, section 1.9. */
@Tag("fast")
class CallRateTest {

    private static final long MILLI = 1_000_000;

    private final AtomicLong nanos = new AtomicLong(-5);

    private long passed(CallLimit rate, int calls) {
        return IntStream.range(0, calls).filter(call -> rate.permits()).count();
    }

    @Test
    void ten_calls_a_second_pass_and_the_eleventh_does_not() {
        CallRate rate = new CallRate(() -> 10, nanos::get);

        assertThat(passed(rate, 11)).isEqualTo(10);
    }

    @Test
    void no_second_however_placed_holds_more_than_ten_calls() {
        CallRate rate = new CallRate(() -> 10, nanos::get);
        nanos.addAndGet(900 * MILLI);
        assertThat(passed(rate, 10)).isEqualTo(10);
        nanos.addAndGet(200 * MILLI);
        assertThat(passed(rate, 10)).isZero();
        nanos.addAndGet(800 * MILLI);
        assertThat(passed(rate, 10)).isEqualTo(10);
    }

    @Test
    void a_refused_call_does_not_count_against_later_ones() {
        CallRate rate = new CallRate(() -> 1, nanos::get);
        assertThat(passed(rate, 100)).isEqualTo(1);
        nanos.addAndGet(1_000 * MILLI);
        assertThat(passed(rate, 1)).isEqualTo(1);
    }

    @Test
    void a_bucket_lets_its_depth_through_at_once_and_then_what_it_is_filled_with() {
        CallBucket bucket = new CallBucket(() -> 10, 10, nanos::get);
        assertThat(passed(bucket, 12)).isEqualTo(10);
        nanos.addAndGet(99 * MILLI);
        assertThat(passed(bucket, 1)).isZero();
        nanos.addAndGet(1 * MILLI);
        assertThat(passed(bucket, 2)).isEqualTo(1);
        nanos.addAndGet(60_000 * MILLI);
        assertThat(passed(bucket, 12)).as("it never holds more than its depth").isEqualTo(10);
    }

    @Test
    void a_bucket_whose_rate_is_halved_is_filled_half_as_fast_from_then_on() {
        AtomicInteger callsPerSecond = new AtomicInteger(10);
        CallBucket bucket = new CallBucket(callsPerSecond::get, 10, nanos::get);
        assertThat(passed(bucket, 10)).isEqualTo(10);
        callsPerSecond.set(5);
        nanos.addAndGet(1_000 * MILLI);
        assertThat(passed(bucket, 10)).isEqualTo(5);
    }

    @Test
    void a_call_before_retry_after_is_over_is_a_breach_unless_it_was_on_its_way() {
        RetryAfterWatch watch = new RetryAfterWatch(nanos::get);
        assertThat(watch.isBroken()).isFalse();
        watch.start(3);
        nanos.addAndGet(400 * MILLI);
        assertThat(watch.isBroken()).isFalse();
        nanos.addAndGet(2_500 * MILLI);
        assertThat(watch.isBroken()).isTrue();
        assertThat(watch.secondsLeft()).isEqualTo(1);
        nanos.addAndGet(100 * MILLI);
        assertThat(watch.isBroken()).isFalse();
    }
}
