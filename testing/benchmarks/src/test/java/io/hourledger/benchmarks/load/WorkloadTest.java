package io.hourledger.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.contracts.usage.UsageEventReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class WorkloadTest {

    private static final Instant EIGHT = Instant.parse("2026-09-01T08:00:00Z");
    private final Workload load = new Workload(100_000, 500, 4, EIGHT, 3, 7);

    @Test
    void every_event_is_one_that_the_product_reads_as_it_was_meant() {
        Meter egress = new Meter(
                "egress", Workload.EVENT_TYPE, Aggregation.SUM, Workload.VALUE_FIELD, "MB", new BigDecimal("0.000001"));
        UsageEventReader reader = new UsageEventReader(new Catalogue(1, List.of(egress), List.of()));
        for (long origin = 0; origin < load.events(); origin += 97) {
            String instance = load.instanceId(load.instanceOf(origin));
            byte[] json = load.json(origin, instance.getBytes(StandardCharsets.US_ASCII));

            ReadUsage read = reader.read(json, 0, json.length);

            assertThat(read).isInstanceOf(ReadUsage.Countable.class);
            UsageEvent event = ((ReadUsage.Countable) read).event();
            assertThat(event.subject()).isEqualTo(instance);
            assertThat(event.time()).isEqualTo(Instant.ofEpochMilli(load.timeMillisOf(origin)));
            assertThat(event.value()).isEqualByComparingTo(BigDecimal.valueOf(load.valueOf(origin)));
            assertThat(json.length).isBetween(270, 310);
        }
    }

    @Test
    void about_one_event_in_a_hundred_repeats_an_earlier_new_one() {
        long repeats = 0;
        for (long number = 0; number < load.events(); number++) {
            long origin = load.originOf(number);
            if (origin != number) {
                repeats++;
                assertThat(origin).isLessThan(number).isNotNegative();
                assertThat(load.originOf(origin)).isEqualTo(origin);
            }
        }
        assertThat(repeats).isBetween(800L, 1200L);
    }

    @Test
    void every_instance_uses_something() {
        Set<Integer> used = new HashSet<>();
        for (long number = 0; number < load.instances(); number++) {
            assertThat(load.originOf(number)).isEqualTo(number);
            used.add(load.instanceOf(number));
        }
        assertThat(used).hasSize(load.instances());
    }

    @Test
    void no_two_new_events_share_an_id() {
        Set<String> ids = new HashSet<>();
        for (long origin = 0; origin < 20_000; origin++) {
            String json = new String(load.json(origin, new byte[36]), StandardCharsets.US_ASCII);
            ids.add(json.substring(json.indexOf("\"id\""), json.indexOf("\"source\"")));
        }
        assertThat(ids).hasSize(20_000);
    }

    @Test
    void events_fall_into_every_usage_hour_and_none_outside() {
        Set<Integer> hours = new HashSet<>();
        for (long origin = 0; origin < load.events(); origin++) {
            hours.add(load.hourIndexOf(origin));
        }
        assertThat(hours).containsExactlyInAnyOrder(0, 1, 2);
    }
}
