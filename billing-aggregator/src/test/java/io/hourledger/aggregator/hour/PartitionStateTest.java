package io.hourledger.aggregator.hour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.hour.CheckpointStore.OnDiskId;
import io.hourledger.aggregator.ids.IdBuffer;
import io.hourledger.aggregator.ids.IdFilter;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class PartitionStateTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final CatalogueVersions EGRESS_ALONE =
            CatalogueVersions.only(new Catalogue(1, List.of(Usage.EGRESS), List.of()));
    private static final UsageHour TEN_TO_ELEVEN = new UsageHour(TEN);

    private static final int ACCEPTED_LATE_HOURS = 3;
    private static final long UNKNOWN = CheckpointStore.UNKNOWN_ID;

    private final PartitionState counter = counter(1, Long.MAX_VALUE);
    private long offset;

    private static PartitionState counter(int partitions, long mostIds) {
        CountingRules rules = new CountingRules(
                partitions,
                Duration.ofHours(72),
                ACCEPTED_LATE_HOURS,
                Duration.ofMinutes(70),
                2,
                mostIds,
                Integer.MAX_VALUE);
        PartitionState counter =
                new PartitionState(0, rules, EventReader.of(Usage.VERSIONS), IdKey.fromHex(Usage.ID_KEY));
        counter.loading().position(0, 0, Tallies.NONE, Long.MIN_VALUE, 0);
        return counter;
    }

    private void apply(String key, String value, Instant recordedAt) {
        counter.apply(offset++, recordedAt.toEpochMilli(), buffer(key), buffer(value));
    }

    private void egress(String instance, String id, Instant time, String bytes) {
        apply(instance, Usage.egress(instance, id, time, bytes), TEN.plusSeconds(1800));
    }

    private static ByteBuffer buffer(String text) {
        return text == null ? null : ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private List<QuarantineReason> reasons() {
        return counter.takeCheckpoint().quarantined().stream()
                .map(QuarantinedRecord::reason)
                .toList();
    }

    @Test
    void the_first_moment_of_an_hour_belongs_to_it_and_its_end_to_the_next() {
        egress("i", "a", TEN, "1");
        egress("i", "b", TEN.plus(Duration.ofHours(1)).minusNanos(1), "2");
        egress("i", "c", TEN.plus(Duration.ofHours(1)), "4");

        assertThat(counter.takeCheckpoint().buckets())
                .extracting(bucket -> bucket.hour() + " " + bucket.rawTotal())
                .containsExactly(TEN_TO_ELEVEN + " 3", TEN_TO_ELEVEN.next() + " 4");
    }

    @Test
    void totals_are_exact_however_large_and_however_small() {
        BigDecimal expected = BigDecimal.ZERO;
        for (int i = 0; i < 50; i++) {
            String value = i % 2 == 0 ? "999999999999999999.999999999999" : "0.000000000003";
            egress("i", "e-" + i, TEN, value);
            expected = expected.add(new BigDecimal(value));
        }

        assertThat(counter.takeCheckpoint().buckets().get(0).rawTotal()).isEqualByComparingTo(expected);
    }

    @Test
    void each_meter_of_an_event_type_counts_an_event_that_is_counted_once() {
        apply("i", Usage.call("i", "a", TEN, 5, 3), TEN);
        apply("i", Usage.call("i", "a", TEN, 5, 3), TEN);
        apply("i", Usage.call("i", "b", TEN, 7, 2), TEN);
        apply("i", Usage.call("i", "b", TEN, 8, 2), TEN);
        apply("i", Usage.call("i", "b", TEN, 7, 9), TEN);
        egress("i", "c", TEN, "11");

        Checkpoint checkpoint = counter.takeCheckpoint();

        assertThat(checkpoint.tallies()).isEqualTo(new Tallies(6, 3, 1, 2));
        assertThat(checkpoint.buckets())
                .extracting(bucket -> bucket.meter() + " " + bucket.rawTotal())
                .containsExactlyInAnyOrder("calls 2", "call-bytes 12", "call-size 3", "egress 11");
        assertThat(checkpoint.quarantined())
                .extracting(QuarantinedRecord::reason)
                .containsOnly(QuarantineReason.CONFLICT);
    }

    @Test
    void an_event_that_lacks_what_one_meter_of_its_type_reads_counts_in_the_others() {
        apply("i", Usage.call("i", "a", TEN, 5, 3).replace("largest", "least"), TEN);

        Checkpoint checkpoint = counter.takeCheckpoint();

        assertThat(checkpoint.tallies()).isEqualTo(new Tallies(1, 1, 0, 0));
        assertThat(checkpoint.buckets())
                .extracting(bucket -> bucket.meter() + " " + bucket.rawTotal() + " shares " + bucket.sharedEvents())
                .containsExactlyInAnyOrder("call-bytes 5 shares 0", "calls 1 shares 1");
    }

    @Test
    void an_event_counts_in_the_meters_whose_filters_it_matches() {
        apply("i", Usage.hit("i", "a", TEN, "eu", "gold"), TEN);
        apply("i", Usage.hit("i", "b", TEN, "eu", "free"), TEN);
        apply("i", Usage.hit("i", "c", TEN, "us", "platinum"), TEN);

        Checkpoint checkpoint = counter.takeCheckpoint();

        assertThat(checkpoint.tallies()).isEqualTo(new Tallies(3, 3, 0, 0));
        assertThat(checkpoint.buckets())
                .extracting(bucket -> bucket.meter() + " " + bucket.rawTotal() + " shares " + bucket.sharedEvents())
                .containsExactlyInAnyOrder("eu-hits 2 shares 0", "gold-bytes 20 shares 1");
    }

    @Test
    void what_no_filter_takes_is_filtered_out_and_counts_if_it_comes_mended() {
        apply("i", Usage.hit("i", "a", TEN, "us", "free"), TEN);
        apply("i", Usage.hit("i", "a", TEN, "eu", "free"), TEN);

        Checkpoint checkpoint = counter.takeCheckpoint();

        assertThat(checkpoint.tallies()).isEqualTo(new Tallies(2, 1, 0, 0, 1));
        assertThat(checkpoint.quarantined()).isEmpty();
    }

    @Test
    void an_event_that_is_filtered_out_leaves_nothing_behind_but_a_number() {
        apply("i", Usage.hit("i", "a", TEN, "us", "free"), TEN);
        apply("i", Usage.hit("i", "a", TEN, "us", "free"), TEN);

        Checkpoint checkpoint = counter.takeCheckpoint();

        assertThat(checkpoint.tallies()).isEqualTo(new Tallies(2, 0, 0, 0, 2));
        assertThat(checkpoint.buckets()).isEmpty();
        assertThat(checkpoint.newIds()).isEmpty();
        assertThat(checkpoint.quarantined()).isEmpty();
    }

    @Test
    void an_event_is_filtered_out_before_it_is_late_or_too_old() {
        Instant longAgo = TEN.minus(Duration.ofDays(4));
        apply("i", Usage.hit("i", "too old", longAgo, "us", "free"), TEN);
        endHours(0, 0);
        apply("i", Usage.hit("i", "late", TEN, "us", "free"), TEN.plusSeconds(7200));
        endHours(3, 5);
        apply("i", Usage.hit("i", "too late", TEN, "us", "free"), TEN.plusSeconds(18_000));

        assertThat(counter.tallies()).isEqualTo(new Tallies(3, 0, 0, 0, 3));
        Checkpoint checkpoint = counter.takeCheckpoint();
        assertThat(checkpoint.quarantined()).isEmpty();
        assertThat(checkpoint.lateEvents()).isZero();
    }

    @Test
    void before_the_first_cutoff_too_an_ancient_event_can_be_filtered_out() {
        counter.loading().cutoff(new Cutoff(TEN_TO_ELEVEN, 1000, TEN));
        Instant ancient = TEN.minus(Duration.ofHours(1441));
        apply("i", Usage.hit("i", "ancient", ancient, "us", "free"), ancient);

        assertThat(counter.tallies()).isEqualTo(new Tallies(1, 0, 0, 0, 1));
    }

    @Test
    void a_wrong_place_key_or_time_ahead_comes_before_being_filtered_out() {
        String event = Usage.hit("i", "a", TEN, "us", "free");
        apply("another", event, TEN);
        apply("i", event, TEN.minus(Duration.ofMinutes(71)));
        PartitionState ofTwo = counter(2, Long.MAX_VALUE);
        for (String instance : List.of("instance-0", "instance-1", "instance-2", "instance-3")) {
            String hit = Usage.hit(instance, "a", TEN, "us", "free");
            ofTwo.apply(ofTwo.nextOffset(), TEN.toEpochMilli(), buffer(instance), buffer(hit));
        }

        assertThat(reasons()).containsExactly(QuarantineReason.KEY_MISMATCH, QuarantineReason.TOO_FAR_AHEAD);
        assertThat(ofTwo.tallies().filteredOut()).isPositive().isLessThan(4);
        assertThat(ofTwo.takeCheckpoint().quarantined())
                .isNotEmpty()
                .allMatch(record -> record.reason() == QuarantineReason.WRONG_PARTITION);
    }

    @Test
    void only_the_store_knows_whether_an_event_of_a_sealed_hour_is_filtered_out() {
        endHours(0, 2);
        counter.takeCheckpoint();
        counter.forget(TEN_TO_ELEVEN.number());
        apply("i", Usage.hit("i", "a", TEN, "us", "free"), TEN);
        apply("i", Usage.hit("i", "b", TEN, "us", "free"), TEN);

        assertThat(counter.undecided()).hasSize(2);
        counter.decide(new long[] {4711, UNKNOWN});

        assertThat(counter.tallies()).isEqualTo(new Tallies(2, 0, 0, 1, 1));
        assertThat(reasons()).containsExactly(QuarantineReason.CONFLICT);
    }

    @Test
    void a_repeat_that_other_filters_take_is_a_conflict() {
        apply("i", Usage.hit("i", "a", TEN, "eu", "gold"), TEN);
        apply("i", Usage.hit("i", "a", TEN, "eu", "gold"), TEN);
        apply("i", Usage.hit("i", "a", TEN, "eu", "free"), TEN);
        apply("i", Usage.hit("i", "a", TEN, "us", "gold"), TEN);

        assertThat(counter.takeCheckpoint().tallies()).isEqualTo(new Tallies(4, 1, 1, 2));
    }

    @Test
    void a_repeat_of_a_counted_event_that_no_filter_takes_is_a_conflict() {
        apply("i", Usage.hit("i", "a", TEN, "eu", "gold"), TEN);
        apply("i", Usage.hit("i", "a", TEN, "us", "free"), TEN);
        apply("i", Usage.hit("i", "b", TEN, "us", "free"), TEN);

        assertThat(counter.tallies()).isEqualTo(new Tallies(3, 1, 0, 1, 1));
        assertThat(reasons()).containsExactly(QuarantineReason.CONFLICT);
    }

    @Test
    void the_same_event_again_is_a_duplicate_however_it_is_written() {
        egress("i", "a", TEN, "1.5");
        apply(
                "i",
                """
                {"data": {"bytes": "1.50"}, "time": "2026-03-01T11:00:00+01:00", "subject": "\\u0069", "type": "web.egress",
                 "source": "/app", "id": "a", "specversion": "1.0", "more": [1, {"a": null}]}""",
                TEN);

        assertThat(counter.tallies()).isEqualTo(new Tallies(2, 1, 1, 0));
    }

    @Test
    void a_record_with_an_absurd_timestamp_is_set_aside_whole() {
        String event = Usage.egress("i", "a", TEN, "1");
        long nanos = TEN.toEpochMilli() * 1_000_000;
        for (long timestamp : new long[] {Long.MIN_VALUE, -1, nanos, Long.MAX_VALUE}) {
            counter.apply(offset++, timestamp, buffer("i"), buffer(event));
        }
        egress("i", "a", TEN, "1");

        Checkpoint checkpoint = counter.takeCheckpoint();

        assertThat(checkpoint.tallies()).isEqualTo(new Tallies(5, 1, 0, 4));
        assertThat(checkpoint.quarantined()).allSatisfy(aside -> {
            assertThat(aside.reason()).isEqualTo(QuarantineReason.MALFORMED);
            assertThat(aside.detail()).contains("is no time in milliseconds of 1970 to 9999");
            assertThat(aside.recordedAt()).isBetween(Instant.EPOCH, Instant.parse("9999-12-31T23:59:59.999Z"));
            assertThat(aside.value()).isEqualTo(Usage.bytes(event));
        });
    }

    @Test
    void another_content_under_the_same_name_is_a_conflict_and_kept_whole() {
        egress("i", "a", TEN, "1");
        egress("i", "a", TEN, "2");
        egress("i", "a", TEN.plus(Duration.ofHours(1)), "1");

        Checkpoint checkpoint = counter.takeCheckpoint();

        assertThat(checkpoint.quarantined())
                .extracting(QuarantinedRecord::reason)
                .containsExactly(QuarantineReason.CONFLICT, QuarantineReason.CONFLICT);
        assertThat(checkpoint.quarantined().get(0).value()).isEqualTo(Usage.bytes(Usage.egress("i", "a", TEN, "2")));
        assertThat(checkpoint.buckets()).extracting(Bucket::rawTotal).containsExactly(BigDecimal.ONE);
    }

    @Test
    void the_same_id_of_another_instance_or_source_is_another_event() {
        egress("i", "a", TEN, "1");
        egress("j", "a", TEN, "1");
        apply("i", Usage.egress("i", "a", TEN, "1").replace("/app", "/other"), TEN);

        assertThat(counter.tallies()).isEqualTo(new Tallies(3, 3, 0, 0));
    }

    @Test
    void what_cannot_be_counted_is_set_aside_with_its_reason_and_stops_nothing() {
        apply("i", "{", TEN);
        apply("i", null, TEN);
        apply("k", Usage.egress("i", "a", TEN, "1"), TEN);
        apply(null, Usage.egress("i", "a", TEN, "1"), TEN);
        apply("i", Usage.egress("i", "a", TEN.plus(Duration.ofHours(2)), "1"), TEN);
        apply("i", Usage.egress("i", "a", TEN.minus(Duration.ofDays(4)), "1"), TEN);
        apply("i", Usage.egress("i", "a", TEN, "1"), TEN);

        assertThat(counter.tallies()).isEqualTo(new Tallies(7, 1, 0, 6));
        assertThat(reasons())
                .containsExactly(
                        QuarantineReason.MALFORMED,
                        QuarantineReason.MALFORMED,
                        QuarantineReason.KEY_MISMATCH,
                        QuarantineReason.KEY_MISMATCH,
                        QuarantineReason.TOO_FAR_AHEAD,
                        QuarantineReason.TOO_OLD);
    }

    @Test
    void buckets_have_room_only_if_each_record_may_add_one_for_every_meter_of_its_type() {
        PartitionState small = small(12, 6, Usage.VERSIONS);
        egress(small, 0, "i-0");

        assertThat(small.hasRoomForBuckets(1)).isTrue();
        assertThat(small.hasRoomForBuckets(2)).as("seven buckets").isFalse();
    }

    @Test
    void a_checkpoint_makes_room_for_buckets() {
        PartitionState small = small(12, 3, EGRESS_ALONE);
        egress(small, 0, "i-0");
        egress(small, 1, "i-1");
        assertThat(small.hasRoomForBuckets(2)).isFalse();
        assertThat(small.hasRoomFor(2)).as("ids have room").isTrue();

        assertThat(small.takeCheckpoint().buckets()).hasSize(2);
        small.forget(Long.MIN_VALUE);

        assertThat(small.bucketsHeld()).isZero();
        assertThat(small.hasRoomForBuckets(2)).isTrue();
        egress(small, 2, "i-1");
        assertThat(small.takeCheckpoint().buckets()).singleElement().satisfies(bucket -> assertThat(
                        bucket.events().eventCount())
                .as("what was counted since")
                .isOne());
    }

    @Test
    void ids_are_left_on_disk_if_they_have_no_room() {
        PartitionState small = small(12, 3, EGRESS_ALONE);
        for (int i = 0; i < 11; i++) {
            egress(small, i, "i-0");
        }

        assertThat(small.hasRoomFor(1)).isTrue();
        assertThat(small.canLeaveIdsOnDiskFor(1)).isFalse();
        assertThat(small.canLeaveIdsOnDiskFor(2)).isTrue();
    }

    private static PartitionState small(long mostIds, int mostBuckets, CatalogueVersions versions) {
        PartitionState small = new PartitionState(
                0,
                new CountingRules(
                        1, Duration.ofHours(72), ACCEPTED_LATE_HOURS, Duration.ofMinutes(70), 2, mostIds, mostBuckets),
                EventReader.of(versions),
                IdKey.fromHex(Usage.ID_KEY));
        small.loading().position(0, 0, Tallies.NONE, Long.MIN_VALUE, 0);
        return small;
    }

    private static void egress(PartitionState state, long offset, String instance) {
        state.apply(
                offset, TEN.toEpochMilli(), buffer(instance), buffer(Usage.egress(instance, "e-" + offset, TEN, "1")));
    }

    @Test
    void an_event_on_the_wrong_partition_is_set_aside_there() {
        PartitionState ofTwo = counter(2, Long.MAX_VALUE);
        List<String> counted = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String instance = "instance-" + i;
            ofTwo.apply(i, TEN.toEpochMilli(), buffer(instance), buffer(Usage.egress(instance, "a", TEN, "1")));
        }
        ofTwo.takeCheckpoint().buckets().forEach(bucket -> counted.add(bucket.instance()));

        assertThat(counted).isNotEmpty().hasSizeLessThan(20);
        assertThat(counted).allSatisfy(instance -> assertThat(
                        Partitioner.partitionOf(instance.getBytes(UTF_8), 0, instance.length(), 2))
                .isZero());
    }

    @Test
    void an_event_behind_the_cutoff_of_its_hour_is_late_and_one_before_it_is_not() {
        egress("i", "a", TEN, "1");
        counter.endHour(TEN_TO_ELEVEN, 3, TEN.plus(Duration.ofMinutes(62)));
        egress("i", "b", TEN, "2");
        egress("i", "c", TEN, "4");
        egress("i", "d", TEN, "8");
        egress("i", "e", TEN.plus(Duration.ofHours(1)), "16");
        egress("i", "a", TEN, "1");
        egress("i", "d", TEN, "8");
        egress("i", "d", TEN, "9");

        assertThat(counter.tallies()).isEqualTo(new Tallies(8, 5, 2, 1));
        Checkpoint checkpoint = counter.takeCheckpoint();
        assertThat(totals(checkpoint)).containsExactly("10.0 7", "10.1 8", "11.0 16");
        assertThat(checkpoint.quarantined())
                .extracting(QuarantinedRecord::reason)
                .containsExactly(QuarantineReason.CONFLICT);
    }

    private static List<String> totals(Checkpoint checkpoint) {
        return checkpoint.buckets().stream()
                .map(bucket -> bucket.hour().start().toString().substring(11, 13) + "." + bucket.revision() + " "
                        + bucket.rawTotal())
                .sorted()
                .toList();
    }

    private void endHours(int first, int last) {
        for (int number = first; number <= last; number++) {
            UsageHour hour = UsageHour.ofNumber(TEN_TO_ELEVEN.number() + number);
            counter.endHour(hour, 0, hour.end());
        }
    }

    @Test
    void late_usage_counts_in_the_revision_that_runs_until_its_hour_accepts_no_more() {
        for (int hour = 0; hour <= ACCEPTED_LATE_HOURS; hour++) {
            egress("i", "on time " + hour, TEN, "1");
            endHours(hour, hour);
        }
        egress("i", "last of ten", TEN, "1");
        egress("i", "of eleven", TEN.plus(Duration.ofHours(1)), "2");

        Checkpoint checkpoint = counter.takeCheckpoint();
        assertThat(totals(checkpoint)).containsExactly("10.0 1", "10.1 1", "10.2 1", "10.3 1", "11.3 2");
        assertThat(checkpoint.quarantined())
                .extracting(QuarantinedRecord::reason)
                .containsExactly(QuarantineReason.LATE);
        assertThat(checkpoint.quarantined().getFirst().detail()).endsWith("accepts no more late usage");
    }

    @Test
    void hours_that_end_together_accept_late_usage_by_the_hour_that_ended_last() {
        egress("i", "a", TEN, "1");
        endHours(2, 2);
        egress("i", "b", TEN, "2");
        endHours(5, 5);
        egress("i", "c", TEN, "4");
        Instant one = TEN.plus(Duration.ofHours(3));
        apply("i", Usage.egress("i", "d", one, "8"), one);

        Checkpoint checkpoint = counter.takeCheckpoint();
        assertThat(totals(checkpoint)).containsExactly("10.0 1", "10.3 2", "13.3 8");
        assertThat(checkpoint.quarantined()).hasSize(1);
    }

    @Test
    void a_cutoff_says_for_good_which_hours_accept_late_usage_whatever_the_setting_was_since() {
        endHours(0, 0);
        Cutoff accepting = counter.takeCheckpoint().cutoffs().getFirst();
        assertThat(accepting.acceptsFrom()).isEqualTo(UsageHour.ofNumber(TEN_TO_ELEVEN.number() - 2));

        PartitionState strict = accepting(0);
        strict.loading().cutoff(accepting);
        strict.apply(0, TEN.toEpochMilli(), buffer("i"), buffer(Usage.egress("i", "a", TEN, "1")));
        strict.endHour(TEN_TO_ELEVEN.next(), 0, TEN);
        strict.apply(1, TEN.toEpochMilli(), buffer("i"), buffer(Usage.egress("i", "b", TEN, "1")));
        assertThat(strict.tallies()).isEqualTo(new Tallies(2, 1, 0, 1));
        Cutoff closing = strict.takeCheckpoint().cutoffs().getFirst();

        PartitionState generous = accepting(20);
        generous.loading().cutoff(accepting);
        generous.loading().cutoff(closing);
        generous.endHour(UsageHour.ofNumber(TEN_TO_ELEVEN.number() + 2), closing.offset(), TEN);
        assertThat(generous.takeCheckpoint().cutoffs().getFirst().acceptsFrom())
                .as("what accepts no more never accepts again")
                .isEqualTo(closing.acceptsFrom());
    }

    private static PartitionState accepting(int lateHours) {
        CountingRules rules = new CountingRules(
                1, Duration.ofHours(72), lateHours, Duration.ofMinutes(70), 2, Long.MAX_VALUE, Integer.MAX_VALUE);
        PartitionState state =
                new PartitionState(0, rules, EventReader.of(Usage.VERSIONS), IdKey.fromHex(Usage.ID_KEY));
        state.loading().position(0, 0, Tallies.NONE, Long.MIN_VALUE, 0);
        return state;
    }

    @Test
    void an_id_of_an_hour_near_now_is_a_conflict_for_late_usage_too() {
        egress("i", "a", TEN.plus(Duration.ofHours(1)), "1");
        endHours(0, 0);
        egress("i", "a", TEN, "1");
        egress("i", "b", TEN, "1");
        egress("i", "b", TEN.plus(Duration.ofHours(1)), "1");

        assertThat(counter.tallies()).isEqualTo(new Tallies(4, 2, 0, 2));
        assertThat(reasons()).containsExactly(QuarantineReason.CONFLICT, QuarantineReason.CONFLICT);
    }

    @Test
    void late_usage_of_a_sealed_hour_counts_once_though_only_the_store_knows_its_id() {
        egress("i", "a", TEN, "1");
        long content = Integer.toUnsignedLong(
                IdBuffer.contentAt(counter.takeCheckpoint().newIds().get(0).ids(), 0));
        endHours(0, 2);
        counter.takeCheckpoint();
        counter.forget(TEN_TO_ELEVEN.number());
        egress("i", "a", TEN, "1");
        egress("i", "new", TEN, "2");
        egress("i", "new", TEN, "2");
        egress("i", "new", TEN, "3");
        endHours(3, 3);
        egress("i", "too late", TEN, "4");

        assertThat(counter.undecided()).hasSize(5);
        counter.decide(new long[] {content, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN});

        assertThat(counter.tallies()).isEqualTo(new Tallies(6, 2, 2, 2));
        Checkpoint checkpoint = counter.takeCheckpoint();
        assertThat(totals(checkpoint)).containsExactly("10.3 2");
        assertThat(checkpoint.newIds()).hasSize(1);
        assertThat(checkpoint.quarantined())
                .extracting(QuarantinedRecord::reason)
                .containsExactly(QuarantineReason.CONFLICT, QuarantineReason.LATE);
    }

    @Test
    void an_hour_ends_no_earlier_than_what_was_already_counted_in_it() {
        egress("i", "a", TEN, "1");
        egress("i", "b", TEN, "1");
        counter.endHour(TEN_TO_ELEVEN, 1, TEN.plus(Duration.ofMinutes(62)));

        assertThat(counter.takeCheckpoint().cutoffs())
                .extracting(Cutoff::offset)
                .containsExactly(2L);
    }

    @Test
    void gaps_in_the_log_are_passed_over() {
        egress("i", "a", TEN, "1");
        counter.endHour(TEN_TO_ELEVEN, 10, TEN.plus(Duration.ofMinutes(62)));
        assertThat(counter.hasReachedCutoff()).isFalse();
        counter.takeCheckpoint();

        counter.skipTo(10);

        assertThat(counter.hasReachedCutoff()).isTrue();
        assertThat(counter.takeCheckpoint().nextOffset()).isEqualTo(10);
    }

    @Test
    void ids_beyond_the_bound_are_not_taken_and_none_is_forgotten() {
        PartitionState bounded = counter(1, 3);
        bounded.apply(0, TEN.toEpochMilli(), buffer("i"), buffer(Usage.egress("i", "a", TEN, "1")));

        assertThat(bounded.hasRoomFor(2)).isTrue();
        assertThat(bounded.hasRoomFor(3)).isFalse();
    }

    @Test
    void an_id_on_disk_is_as_good_as_one_in_memory_and_one_that_only_may_be_there_is_new() {
        egress("i", "a", TEN, "1");
        IdFilter filter = new IdFilter(1);
        byte[] counted = counter.takeCheckpoint().newIds().get(0).ids();
        filter.addAll(counted);
        PartitionState other = counter(1, Long.MAX_VALUE);
        other.loading().onDisk(TEN_TO_ELEVEN, 5, 1, filter);
        ByteBuffer repeat = buffer(Usage.egress("i", "a", TEN, "1"));
        ByteBuffer stranger = buffer(Usage.egress("i", "b", TEN, "1"));

        assertThatThrownBy(() -> other.apply(0, TEN.toEpochMilli(), buffer("i"), repeat.duplicate()))
                .hasMessageContaining("looked ahead");

        List<OnDiskId> wanted = other.lookAhead().wanted(Arrays.asList(repeat.duplicate(), null, stranger.duplicate()));
        assertThat(wanted).hasSize(1);
        assertThat(wanted.get(0).run()).isEqualTo(5);
        long content = Integer.toUnsignedLong(IdBuffer.contentAt(counted, 0));
        other.lookAhead().answer(wanted, new long[] {content});
        other.apply(1, TEN.toEpochMilli(), buffer("i"), repeat.duplicate());
        other.apply(2, TEN.toEpochMilli(), buffer("i"), stranger.duplicate());
        assertThat(other.tallies().duplicates()).isEqualTo(1);
        assertThat(other.tallies().counted()).isEqualTo(1);

        other.lookAhead().answer(wanted, new long[] {content ^ 1});
        other.apply(3, TEN.toEpochMilli(), buffer("i"), repeat.duplicate());
        assertThat(other.tallies().quarantined()).isEqualTo(1);

        other.lookAhead().answer(wanted, new long[] {CheckpointStore.UNKNOWN_ID});
        other.apply(4, TEN.toEpochMilli(), buffer("i"), repeat.duplicate());
        assertThat(other.tallies().counted()).isEqualTo(2);
    }

    @Test
    void ids_leave_memory_only_when_their_hour_is_sealed_and_far_enough_behind() {
        egress("i", "a", TEN, "1");
        for (int hours = 0; hours < 4; hours++) {
            UsageHour hour = UsageHour.ofNumber(TEN_TO_ELEVEN.number() + hours);
            counter.endHour(hour, 0, hour.end());
            counter.takeCheckpoint();
            counter.forget(Long.MIN_VALUE);
        }
        assertThat(counter.idsHeld()).as("not sealed").isEqualTo(1);

        counter.forget(TEN_TO_ELEVEN.number());
        assertThat(counter.idsHeld()).isZero();

        egress("i", "b", TEN, "1");
        assertThat(counter.undecided()).hasSize(1);
        assertThatThrownBy(counter::takeCheckpoint).isInstanceOf(IllegalStateException.class);
        counter.decide(new long[] {CheckpointStore.UNKNOWN_ID});
        assertThat(reasons()).containsExactly(QuarantineReason.LATE);
    }

    @Test
    void records_that_come_again_are_refused_and_not_counted_again() {
        egress("i", "a", TEN, "1");
        offset = 0;
        assertThatThrownBy(() -> egress("i", "b", TEN, "1")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_producer_that_stamps_records_itself_opens_no_hour_far_ahead() {
        counter.loading().cutoff(new Cutoff(TEN_TO_ELEVEN, 0, TEN));
        Instant last = TEN.plus(Duration.ofHours(1440));
        Instant beyond = last.plus(Duration.ofHours(1));
        apply("i", Usage.egress("i", "within", last, "1"), last);
        apply("i", Usage.egress("i", "beyond", beyond, "2"), beyond);

        Checkpoint checkpoint = counter.takeCheckpoint();

        assertThat(checkpoint.tallies()).isEqualTo(new Tallies(2, 1, 0, 1));
        assertThat(checkpoint.quarantined()).singleElement().satisfies(ahead -> {
            assertThat(ahead.reason()).isEqualTo(QuarantineReason.TOO_FAR_AHEAD);
            assertThat(ahead.detail()).contains("1441 hours after", TEN_TO_ELEVEN.toString());
        });
    }

    @Test
    void before_the_first_cutoff_hours_far_from_it_are_not_counted() {
        counter.loading().cutoff(new Cutoff(TEN_TO_ELEVEN, 1000, TEN));
        Instant ancient = TEN.minus(Duration.ofHours(1441));
        Instant distant = TEN.plus(Duration.ofHours(1441));
        apply("i", Usage.egress("i", "old", ancient, "1"), ancient);
        apply("i", Usage.egress("i", "ahead", distant, "1"), distant);
        apply("i", Usage.egress("i", "near", TEN, "1"), TEN);

        Checkpoint checkpoint = counter.takeCheckpoint();

        assertThat(checkpoint.tallies()).isEqualTo(new Tallies(3, 1, 0, 2));
        assertThat(checkpoint.quarantined())
                .extracting(QuarantinedRecord::reason)
                .containsExactly(QuarantineReason.TOO_OLD, QuarantineReason.TOO_FAR_AHEAD);
    }

    @Test
    void no_event_of_an_hour_that_is_closed_for_good_counts_not_even_when_the_log_is_read_from_its_begin() {
        counter.loading().closedForGood(TEN_TO_ELEVEN);
        counter.loading().cutoff(new Cutoff(TEN_TO_ELEVEN.next(), 1000, TEN));
        egress("i", "old", TEN, "1");
        egress("i", "new", TEN.plus(Duration.ofHours(1)), "2");

        Checkpoint checkpoint = counter.takeCheckpoint();

        assertThat(checkpoint.buckets()).singleElement().satisfies(bucket -> assertThat(bucket.hour())
                .isEqualTo(TEN_TO_ELEVEN.next()));
        assertThat(checkpoint.quarantined()).singleElement().satisfies(old -> {
            assertThat(old.reason()).isEqualTo(QuarantineReason.LATE);
            assertThat(old.detail()).contains("closed for good");
        });
    }

    @Test
    void a_cutoff_of_the_journal_that_was_dropped_from_the_database_is_not_recorded_again() {
        counter.loading().closedForGood(TEN_TO_ELEVEN);
        counter.loading().cutoff(new Cutoff(TEN_TO_ELEVEN.next(), 0, TEN));

        counter.endHourAsBefore(new Cutoff(TEN_TO_ELEVEN, 0, TEN));

        assertThat(counter.takeCheckpoint().cutoffs()).isEmpty();
    }

    @Test
    void ids_of_more_than_a_thousand_hours_are_counted_once_also_after_a_restart() {
        int hours = 1_100;
        for (int round = 0; round < 2; round++) {
            for (int hour = 0; hour < hours; hour++) {
                Instant time = TEN.minus(Duration.ofHours(hour));
                apply("i", Usage.egress("i", "e-" + hour, time, "1"), time);
            }
        }
        assertThat(counter.tallies()).isEqualTo(new Tallies(2 * hours, hours, hours, 0));

        PartitionState restarted = counter(1, Long.MAX_VALUE);
        counter.takeCheckpoint().newIds().forEach(ids -> restarted.loading().ids(ids.hour(), ids.ids()));
        for (int hour = 0; hour < hours; hour++) {
            Instant time = TEN.minus(Duration.ofHours(hour));
            restarted.apply(hour, time.toEpochMilli(), buffer("i"), buffer(Usage.egress("i", "e-" + hour, time, "1")));
        }

        assertThat(restarted.tallies()).isEqualTo(new Tallies(hours, 0, hours, 0));
        assertThat(restarted.idsHeld()).isEqualTo(hours);
    }
}
