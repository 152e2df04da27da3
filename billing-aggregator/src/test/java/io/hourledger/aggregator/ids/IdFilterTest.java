package io.hourledger.aggregator.ids;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class IdFilterTest {

    @Property(tries = 200)
    void an_id_that_was_added_is_never_denied(
            @ForAll Random random, @ForAll @IntRange(max = 2_000) int added, @ForAll @IntRange(max = 2_000) int told) {
        IdBuffer ids = new IdBuffer(added);
        for (int i = 0; i < added; i++) {
            ids.add(random.nextInt(4) == 0 ? random.nextInt(3) - 1 : random.nextLong(), random.nextInt(), i);
        }
        IdFilter filter = new IdFilter(told);
        byte[] bytes = ids.toBytes();
        filter.addAll(bytes);

        for (int at = 0; at < bytes.length; at += EventIdentity.BYTES) {
            assertThat(filter.mayHold(IdBuffer.highAt(bytes, at), IdBuffer.lowAt(bytes, at)))
                    .isTrue();
        }
    }

    @Test
    void of_strangers_one_in_a_hundred_is_taken_for_known_at_most_at_a_byte_and_a_half_each() {
        int added = 1_000_000;
        Random random = new Random(1);
        IdBuffer ids = new IdBuffer(added);
        for (int i = 0; i < added; i++) {
            ids.add(random.nextLong(), random.nextInt(), i);
        }
        IdFilter filter = new IdFilter(added);
        filter.addAll(ids.toBytes());

        int taken = 0;
        for (int i = 0; i < 100_000; i++) {
            if (filter.mayHold(random.nextLong(), random.nextInt())) {
                taken++;
            }
        }
        assertThat(taken).isLessThan(1_000);
        assertThat(filter.bytes()).isLessThanOrEqualTo(1_500_064);
    }
}
