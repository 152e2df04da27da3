package io.hourledger.aggregator.hour;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterFilter;
import io.hourledger.contracts.usage.MeterTerms.Unique;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class UniqueValuesTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Meter ACCOUNTS = unique("accounts", "account", 1);
    private static final Meter REGIONS = unique("regions", "region", 2);
    private static final Meter LOGINS =
            new Meter("logins", "app.login", Aggregation.COUNT, null, "logins", BigDecimal.ONE);

    private final CountingRules rules =
            new CountingRules(1, Duration.ofDays(2), 48, Duration.ofHours(2), 2, 1_000_000, 1_000_000);
    private long offset;

    private static Meter unique(String name, String field, int mostValues) {
        return new Meter(
                name,
                "app.login",
                Aggregation.UNIQUE,
                field,
                name,
                BigDecimal.ONE,
                MeterFilter.ALL,
                new Unique(mostValues));
    }

    private PartitionState counting(Meter... meters) {
        return counting(rules, meters);
    }

    private static PartitionState counting(CountingRules rules, Meter... meters) {
        CatalogueVersions versions = CatalogueVersions.only(new Catalogue(1, List.of(meters), List.of()));
        return new PartitionState(0, rules, EventReader.of(versions), IdKey.fromHex(Usage.ID_KEY));
    }

    private void login(PartitionState state, String id, Instant time, String account, String region) {
        String event =
                """
                {"specversion":"1.0","id":"%s","source":"/app","type":"app.login","subject":"i","time":"%s",\
                "data":{"account":"%s","region":"%s"}}"""
                        .formatted(id, time, account, region);
        state.apply(
                offset++, TEN.toEpochMilli(), ByteBuffer.wrap(Usage.bytes("i")), ByteBuffer.wrap(Usage.bytes(event)));
    }

    private static List<String> buckets(Checkpoint checkpoint) {
        return checkpoint.buckets().stream()
                .map(bucket -> bucket.meter() + " " + bucket.rawTotal() + " of "
                        + bucket.events().eventCount() + ", " + bucket.sharedEvents() + " shared")
                .sorted()
                .toList();
    }

    @Test
    void an_event_with_one_value_too_many_is_quarantined_whatever_other_meters_read_it() {
        PartitionState state = counting(ACCOUNTS, LOGINS, REGIONS);

        login(state, "e-1", TEN, "ana", "eu");
        login(state, "e-2", TEN, "ben", "us");
        login(state, "e-3", TEN, "ana", "cn");
        login(state, "e-2", TEN, "ben", "us");

        Checkpoint checkpoint = state.takeCheckpoint();
        assertThat(buckets(checkpoint))
                .containsExactly("accounts 1 of 2, 0 shared", "logins 2 of 2, 2 shared", "regions 2 of 2, 2 shared");
        assertThat(checkpoint.quarantined())
                .extracting(QuarantinedRecord::reason)
                .containsExactly(QuarantineReason.TOO_MANY_VALUES, QuarantineReason.TOO_MANY_VALUES);
        assertThat(state.tallies()).isEqualTo(new Tallies(4, 2, 0, 2));
    }

    @Test
    void an_event_that_no_meter_has_room_for_is_quarantined_and_counts_once_there_is() {
        PartitionState state = counting(ACCOUNTS);
        login(state, "e-1", TEN, "ana", "eu");
        login(state, "e-2", TEN, "ben", "eu");
        login(state, "e-2", TEN, "ben", "eu");

        Checkpoint first = state.takeCheckpoint();
        assertThat(first.quarantined())
                .extracting(QuarantinedRecord::reason)
                .containsOnly(QuarantineReason.TOO_MANY_VALUES);
        assertThat(buckets(first)).containsExactly("accounts 1 of 1, 0 shared");

        state.endHour(UsageHour.of(TEN), offset, TEN);
        login(state, "e-2", TEN, "ben", "eu");
        login(state, "e-3", TEN, "ana", "eu");

        assertThat(buckets(state.takeCheckpoint())).containsExactly("accounts 1 of 2, 0 shared");
        assertThat(state.tallies()).isEqualTo(new Tallies(5, 3, 0, 2));
    }

    @Test
    void however_many_buckets_have_values_the_hour_is_read_up_to_its_cutoff() {
        PartitionState state =
                counting(new CountingRules(1, Duration.ofDays(2), 48, Duration.ofHours(2), 2, 400, 1_000), ACCOUNTS);
        for (int i = 0; i < 1_000; i++) {
            state.loading().uniqueValues(UsageHour.of(TEN), 0, "i-" + i, ACCOUNTS.name(), BigDecimal.ONE);
        }

        assertThat(state.hasRoomFor(300)).isTrue();
        assertThat(state.hasRoomFor(301)).isFalse();
    }

    @Test
    void five_minute_values_take_the_room_of_buckets_until_a_checkpoint_takes_them() {
        PartitionState state = counting(
                new CountingRules(1, Duration.ofDays(2), 48, Duration.ofHours(2), 2, 400, 10), Usage.BANDWIDTH);
        for (int number = 0; number < 9; number++) {
            Instant time = TEN.plusSeconds(300L * number);
            ByteBuffer key = ByteBuffer.wrap(Usage.bytes("i"));
            String event = Usage.reading(Usage.BANDWIDTH, "i", "e-" + number, time, "1");
            state.apply(offset++, TEN.toEpochMilli(), key, ByteBuffer.wrap(Usage.bytes(event)));
        }

        assertThat(state.hasRoomForBuckets(1)).isFalse();
        state.takeCheckpoint();
        assertThat(state.hasRoomForBuckets(1)).isTrue();
    }

    @Test
    void the_same_value_counts_in_each_hour() {
        PartitionState state = counting(ACCOUNTS);
        login(state, "e-1", TEN, "ana", "eu");
        login(state, "e-2", TEN.plus(Duration.ofHours(1)), "ana", "eu");

        assertThat(buckets(state.takeCheckpoint()))
                .containsExactly("accounts 1 of 1, 0 shared", "accounts 1 of 1, 0 shared");
    }

    @Test
    void a_late_value_of_a_sealed_hour_counts_only_if_the_store_does_not_have_it() {
        PartitionState state = counting(ACCOUNTS);
        UsageHour hour = UsageHour.of(TEN);
        login(state, "e-1", TEN, "ana", "eu");
        state.takeCheckpoint();
        for (int later = 0; later <= 2; later++) {
            state.endHour(UsageHour.ofNumber(hour.number() + later), offset, TEN);
        }
        state.takeCheckpoint();
        state.forget(hour.number());
        login(state, "e-2", TEN, "ana", "eu");
        login(state, "e-3", TEN, "ben", "eu");
        login(state, "e-4", TEN, "ben", "eu");
        login(state, "e-5", TEN, "cai", "eu");

        assertThat(state.undecided()).as("four events and their values").hasSize(8);
        long unknown = CheckpointStore.UNKNOWN_ID;
        state.decide(new long[] {unknown, unknown, unknown, unknown, 0, unknown, unknown, unknown});

        Checkpoint checkpoint = state.takeCheckpoint();
        assertThat(buckets(checkpoint)).containsExactly("accounts 1 of 3, 0 shared");
        assertThat(checkpoint.quarantined())
                .extracting(QuarantinedRecord::reason)
                .containsExactly(QuarantineReason.TOO_MANY_VALUES);
    }
}
