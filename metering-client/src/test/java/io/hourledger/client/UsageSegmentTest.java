package io.hourledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.client.UsageSegment.Left;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class UsageSegmentTest {

    private static final int BYTES = 4096;
    private static final SummedMeter EGRESS = SummedMeter.of("web.egress", "bytes");

    /** What was written, and where each record ends in the file. */
    private record Written(byte[] file, List<String> events, List<Integer> ends) {}

    @Property(tries = 100)
    void cut_at_any_byte_the_whole_records_before_the_cut_are_there(
            @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 0, max = 1_000_000) Integer> amounts,
            @ForAll @IntRange(min = UsageSegment.HEADER_BYTES, max = BYTES) int cut) {
        Written written = write(amounts);

        Left left = recover(Arrays.copyOf(written.file(), cut)).orElseThrow();

        assertThat(events(left)).isEqualTo(before(cut, written));
    }

    @Property(tries = 100)
    void what_never_reached_the_disk_hides_no_whole_record(
            @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 0, max = 1_000_000) Integer> amounts,
            @ForAll @IntRange(min = UsageSegment.HEADER_BYTES, max = BYTES - 1) int from,
            @ForAll @IntRange(min = 1, max = 600) int length) {
        Written written = write(amounts);
        byte[] file = written.file().clone();
        Arrays.fill(file, from, Math.min(file.length, from + length), (byte) 0);

        Left left = recover(file).orElseThrow();

        List<String> found = events(left);
        assertThat(written.events()).containsAll(found);
        assertThat(found).containsAll(untouched(written, file));
    }

    @Property(tries = 100)
    void no_changed_byte_makes_a_usage_that_nobody_recorded(
            @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 0, max = 1_000_000) Integer> amounts,
            @ForAll @IntRange(min = 0, max = BYTES - 1) int at,
            @ForAll byte value) {
        Written written = write(amounts);
        Assume.that(written.file()[at] != value);
        byte[] file = written.file().clone();
        file[at] = value;

        Optional<Left> left = recover(file);

        assertThat(written.events())
                .containsAll(left.map(UsageSegmentTest::events).orElse(List.of()));
    }

    @Property(tries = 50)
    void a_usage_with_its_answer_is_not_there_again(@ForAll @Size(min = 1, max = 20) List<Boolean> answered) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        UsageSegment segment = UsageSegment.create(bytes, UUID.randomUUID(), "/shop");
        Set<String> open = new TreeSet<>();
        for (int i = 0; i < answered.size(); i++) {
            segment.append(payload("i-" + i, i));
            BufferedUsage usage = segment.read(i).orElseThrow();
            if (answered.get(i)) {
                segment.markDone(usage.place());
            } else {
                open.add(usage.event());
            }
        }

        Left left = recover(bytes.array()).orElseThrow();

        assertThat(left.segment().waiting()).isEqualTo(open.size());
        assertThat(events(left)).containsExactlyInAnyOrderElementsOf(open);
        assertThat(left.damaged()).isFalse();
    }

    @Property(tries = 50)
    void any_instance_is_read_back_as_it_was(@ForAll @StringLength(min = 1, max = 64) String instance) {
        Assume.that(isValid(instance));
        UsageSegment segment = UsageSegment.create(ByteBuffer.allocate(BYTES), UUID.randomUUID(), "/shop");
        segment.append(payload(instance, 1));

        String event = segment.read(1).orElseThrow().event();

        assertThat(tools.jackson.databind.json.JsonMapper.shared()
                        .readTree(event)
                        .get("subject")
                        .asString())
                .isEqualTo(instance);
    }

    /** The process that read it may have sent it, and nobody knows the answer. */
    @Test
    void usage_that_a_process_read_before_it_ended_may_be_taken() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        UsageSegment segment = UsageSegment.create(bytes, UUID.randomUUID(), "/shop");
        segment.append(payload("read", 1));
        segment.append(payload("never-read", 2));
        assertThat(segment.read(1).orElseThrow().mayBeTaken()).isFalse();

        UsageSegment left = recover(bytes.array()).orElseThrow().segment();

        assertThat(left.read(1).orElseThrow().mayBeTaken()).isTrue();
        assertThat(left.read(2).orElseThrow().mayBeTaken()).isFalse();
    }

    /** A kill leaves records in the system's memory; only a force by whoever comes next brings them to the disk. */
    @Test
    void what_a_process_has_left_is_not_taken_for_forced() {
        Written written = write(List.of(1, 2));

        assertThat(recover(written.file()).orElseThrow().segment().isForced()).isFalse();
    }

    @Test
    void a_call_that_never_returned_is_no_damage_and_no_usage() {
        Written written = write(List.of(1, 2));
        byte[] file = written.file().clone();
        int last = written.ends().get(0);
        Arrays.fill(file, last, last + Integer.BYTES, (byte) 0); // the length, which is written last

        Left left = recover(file).orElseThrow();

        assertThat(events(left)).isEqualTo(written.events().subList(0, 1));
        assertThat(left.damaged()).isFalse();
    }

    @Test
    void a_hole_before_a_whole_record_is_damage_that_is_told() {
        Written written = write(List.of(1, 2, 3));
        byte[] file = written.file().clone();
        Arrays.fill(file, written.ends().get(0), written.ends().get(1), (byte) 0);

        Left left = recover(file).orElseThrow();

        assertThat(events(left))
                .containsExactly(written.events().get(0), written.events().get(2));
        assertThat(left.damaged()).isTrue();
    }

    @Test
    void a_record_of_another_file_is_none_here() {
        Written one = write(List.of(1));
        byte[] other = write(List.of(2)).file().clone();
        System.arraycopy(
                one.file(),
                UsageSegment.HEADER_BYTES,
                other,
                UsageSegment.HEADER_BYTES,
                BYTES - UsageSegment.HEADER_BYTES);

        assertThat(events(recover(other).orElseThrow())).isEmpty();
    }

    private static Written write(List<Integer> amounts) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        UsageSegment segment = UsageSegment.create(bytes, UUID.randomUUID(), "/shop");
        List<String> events = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int amount : amounts) {
            if (segment.append(payload("i-" + amount, amount))) {
                BufferedUsage usage = segment.read(1).orElseThrow();
                events.add(usage.event());
                places.add(usage.place());
            }
        }
        List<Integer> ends = new ArrayList<>(places.subList(1, places.size()));
        int last = places.get(places.size() - 1);
        ends.add(last + (12 + bytes.getInt(last) + 7) / 8 * 8);
        return new Written(bytes.array(), events, ends);
    }

    /** The padding behind a record's last byte is no part of it. */
    private static List<String> before(int cut, Written written) {
        List<String> events = new ArrayList<>();
        int start = UsageSegment.HEADER_BYTES;
        for (int i = 0; i < written.events().size(); i++) {
            int lastByte = start + 12 + ByteBuffer.wrap(written.file()).getInt(start);
            if (lastByte <= cut) {
                events.add(written.events().get(i));
            }
            start = written.ends().get(i);
        }
        return events;
    }

    private static List<String> untouched(Written written, byte[] file) {
        List<String> events = new ArrayList<>();
        int start = UsageSegment.HEADER_BYTES;
        for (int i = 0; i < written.events().size(); i++) {
            int end = written.ends().get(i);
            if (Arrays.equals(written.file(), start, end, file, start, end)) {
                events.add(written.events().get(i));
            }
            start = end;
        }
        return events;
    }

    private static Optional<Left> recover(byte[] file) {
        return UsageSegment.recover(ByteBuffer.wrap(file));
    }

    private static List<String> events(Left left) {
        List<String> events = new ArrayList<>();
        for (Optional<BufferedUsage> next = left.segment().read(1);
                next.isPresent();
                next = left.segment().read(1)) {
            events.add(next.get().event());
        }
        return events;
    }

    private static byte[] payload(String instance, int amount) {
        return UsageCodec.encode(
                Instant.parse("2026-11-24T13:05:00Z"), EGRESS.encoded(), instance, Integer.toString(amount));
    }

    private static boolean isValid(String instance) {
        try {
            CallChecks.instance(instance);
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }
}
