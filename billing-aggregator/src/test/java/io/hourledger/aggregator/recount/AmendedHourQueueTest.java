package io.hourledger.aggregator.recount;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.closing.AmendedHours.Outcome;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class AmendedHourQueueTest {

    private static final Bucket TEN = Usage.egressBucket(new UsageHour(Instant.parse("2026-03-01T10:00:00Z")), "i-1", 5)
            .bucket();
    private static final Bucket OTHER = Usage.egressBucket(
                    new UsageHour(Instant.parse("2026-03-01T10:00:00Z")), "i-2", 5)
            .bucket();
    private static final Outcome AMOUNT = new Outcome.Amount(BigDecimal.ONE);
    private static final Outcome HELD = new Outcome.Held("Kafka gave no answer");

    private final AmendedHourQueue queue = new AmendedHourQueue(1);

    private Collection<Bucket> taken() {
        queue.outcomes(0, List.of(TEN));
        return queue.next(0).orElseThrow();
    }

    @Test
    void what_is_asked_for_while_it_is_counted_is_not_counted_twice() {
        Collection<Bucket> taken = taken();
        queue.outcomes(0, List.of(TEN));
        assertThat(queue.next(0)).isEmpty();
        queue.counted(0, taken, Map.of(TEN, AMOUNT));

        assertThat(queue.outcomes(0, List.of(TEN))).containsEntry(TEN, AMOUNT);
        assertThat(queue.next(0)).isEmpty();
    }

    @Test
    void what_could_not_be_counted_is_counted_when_it_is_asked_for_again() {
        queue.counted(0, taken(), Map.of());
        assertThat(taken()).containsExactly(TEN);
    }

    @Test
    void a_known_amount_stays_known_though_a_later_reading_fails() {
        queue.counted(0, taken(), Map.of(TEN, AMOUNT));
        queue.counted(0, List.of(TEN), Map.of(TEN, HELD));
        assertThat(queue.outcomes(0, List.of(TEN))).containsEntry(TEN, AMOUNT);
    }

    @Test
    void one_bound_is_of_all_partitions_and_those_of_others_leave_room() {
        queue.outcomes(0, List.of(TEN));
        queue.outcomes(1, List.of(OTHER));
        assertThat(queue.next(1)).as("no room").isEmpty();

        queue.keepOnly(List.of(1));
        queue.outcomes(1, List.of(OTHER));
        assertThat(queue.next(1)).isPresent();
        assertThat(queue.next(0)).isEmpty();
    }

    @Test
    void what_is_entered_is_forgotten() {
        queue.counted(0, taken(), Map.of(TEN, AMOUNT));
        queue.forget(0, List.of(TEN));
        assertThat(queue.outcomes(0, List.of(TEN)).get(TEN)).isInstanceOf(Outcome.Held.class);
    }
}
