package io.hourledger.benchmarks.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.benchmarks.load.Workload;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class EventFieldsTest {

    private final Workload load = new Workload(50_000, 500, 4, Instant.parse("2027-12-31T22:00:00Z"), 3, 7);
    private final EventFields fields = new EventFields();

    @Test
    void the_peers_reader_reads_what_the_load_says() {
        for (long origin = 0; origin < load.events(); origin += 31) {
            String instance = load.instanceId(load.instanceOf(origin));
            byte[] json = load.json(origin, instance.getBytes(StandardCharsets.US_ASCII));

            fields.read(json);

            assertThat(fields.value()).isEqualTo(load.valueOf(origin));
            byte[] bucket = fields.bucket(json);
            assertThat(EventFields.instanceOf(bucket)).isEqualTo(instance);
            assertThat(EventFields.hourOf(bucket))
                    .isEqualTo(UsageHour.of(Instant.ofEpochMilli(load.timeMillisOf(origin)))
                            .number());
        }
    }

    @Test
    void each_event_has_an_identity_of_its_own_and_keeps_it() {
        Set<String> identities = new HashSet<>();
        for (int round = 0; round < 2; round++) {
            for (long origin = 0; origin < load.events(); origin++) {
                fields.read(load.json(origin, new byte[36]));
                identities.add(Arrays.toString(fields.identity()));
            }
        }
        assertThat(identities).hasSize((int) load.events());
    }
}
