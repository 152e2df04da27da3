package io.hourledger.aggregator.hour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

@Tag("fast")
class PartitionerTest {

    @Property
    void it_is_kafkas_own(@ForAll String key, @ForAll @IntRange(min = 1, max = 100) int partitions) {
        byte[] bytes = ("ab" + key).getBytes(UTF_8);
        byte[] keyOnly = key.getBytes(UTF_8);
        assertThat(Partitioner.partitionOf(bytes, 2, bytes.length - 2, partitions))
                .isEqualTo(BuiltInPartitioner.partitionForKey(keyOnly, partitions));
    }
}
