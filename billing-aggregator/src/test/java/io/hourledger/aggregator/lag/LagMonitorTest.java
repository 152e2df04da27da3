package io.hourledger.aggregator.lag;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.lag.PartitionOwner.Member;
import io.hourledger.aggregator.lag.PartitionOwner.Nobody;
import io.hourledger.aggregator.lag.StoredPosition.NextCutoff;
import io.hourledger.aggregator.lag.StoredPosition.StoredHalt;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is said of a log of one partition and of a database, both told by hand. */
@Tag("fast")
class LagMonitorTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final UsageHour NINE_TO_TEN = UsageHour.of(TEN.minusSeconds(1));
    private static final UsageHour TEN_TO_ELEVEN = UsageHour.of(TEN);
    private static final PartitionOwner OWNER = new Member("aggregator-1-0", "10.0.0.7");

    private final TestClock clock = new TestClock(TEN.plus(Duration.ofMinutes(20)));
    private final List<Instant> received = new ArrayList<>();
    private PartitionOwner owner = OWNER;
    private long nextOffset;
    private @Nullable UsageHour closedThrough = NINE_TO_TEN;
    private @Nullable NextCutoff nextCutoff;
    private @Nullable StoredHalt halt;
    private String note = "";
    private boolean databaseAway;
    private boolean kafkaAway;
    private long nanos = 1;

    private final LagMonitor monitor =
            new LagMonitor(this::stored, new Log(), clock, Duration.ofMinutes(2), any -> note, () -> nanos);

    private List<StoredPosition> stored() {
        if (databaseAway) {
            throw new IllegalStateException("connection refused");
        }
        return List.of(new StoredPosition(0, nextOffset, closedThrough, nextCutoff, null, halt));
    }

    private final class Log implements UsageLogEnds {
        @Override
        public Map<Integer, Long> ends() {
            if (kafkaAway) {
                throw new IllegalStateException("no answer within 5 s");
            }
            return Map.of(0, (long) received.size());
        }

        @Override
        public Map<Integer, PartitionOwner> owners(Iterable<Integer> partitions) {
            return Map.of(0, owner);
        }

        @Override
        public Map<Integer, Instant> receivedAt(Map<Integer, Long> offsets) {
            Map<Integer, Instant> times = new HashMap<>();
            offsets.forEach((partition, offset) -> times.put(partition, received.get(offset.intValue())));
            return times;
        }

        @Override
        public void close() {}
    }

    private void append(int records) {
        for (int i = 0; i < records; i++) {
            received.add(clock.instant());
        }
    }

    /** So many minutes pass; in each of them records come, and others are read. */
    private PartitionLag minutes(int minutes, int arriving, int read) {
        PartitionLag lag = look();
        for (int minute = 0; minute < minutes; minute++) {
            append(arriving);
            nextOffset = Math.min(received.size(), nextOffset + read);
            clock.move(Duration.ofMinutes(1));
            lag = look();
        }
        return lag;
    }

    private PartitionLag look() {
        return monitor.look().partition(0).orElseThrow();
    }

    private double secondsLeft(PartitionLag lag) {
        return lag.deadline().secondsLeft();
    }

    @Test
    void what_is_read_as_it_comes_is_in_time() {
        PartitionLag lag = minutes(3, 600, 600);

        assertThat(lag.verdict()).isEqualTo(LagVerdict.IN_TIME);
        assertThat(lag.unread().lag()).isZero();
        assertThat(lag.deadline().hour()).isEqualTo(TEN);
        assertThat(lag.deadline().first()).isEqualTo(Instant.parse("2026-03-01T11:15:00Z"));
        assertThat(lag.deadline().second()).isEqualTo(Instant.parse("2026-03-01T13:00:00Z"));
        assertThat(lag.owner()).isEqualTo("aggregator-1-0 at 10.0.0.7");
    }

    @Test
    void a_pause_of_forty_minutes_turns_the_verdict_before_the_deadline_and_back() {
        minutes(10, 600, 600);

        PartitionLag paused = minutes(6, 600, 0);
        assertThat(paused.verdict()).isEqualTo(LagVerdict.AT_RISK);
        paused = minutes(34, 600, 0);

        assertThat(clock.instant()).isEqualTo(Instant.parse("2026-03-01T11:10:00Z"));
        assertThat(paused.verdict()).isEqualTo(LagVerdict.AT_RISK);
        assertThat(paused.catchUp().trend()).isEqualTo(Trend.STANDS_STILL);
        assertThat(paused.cause()).contains("24000 records wait, the oldest since 2026-03-01T10:30:00Z", "in 5 min");

        nextCutoff = new NextCutoff(TEN_TO_ELEVEN, received.size());
        nextOffset = received.size();
        closedThrough = TEN_TO_ELEVEN;
        assertThat(look().verdict()).isEqualTo(LagVerdict.IN_TIME);
    }

    @Test
    void a_rate_that_does_not_suffice_is_told_before_the_hour_is_over() {
        append(600 * 60);
        PartitionLag lag = minutes(10, 600, 700);

        assertThat(lag.catchUp().trend()).isEqualTo(Trend.CATCHING_UP);
        assertThat(lag.verdict()).isEqualTo(LagVerdict.AT_RISK);
        assertThat(lag.cause()).contains("at the present rate it closes at 2026-03-01T11:47:25Z");
        assertThat(secondsLeft(lag)).isNegative();
    }

    @Test
    void a_rate_that_suffices_is_in_time_and_says_how_long_it_takes() {
        append(6_000);
        PartitionLag lag = minutes(2, 600, 1_200);

        assertThat(lag.verdict()).isEqualTo(LagVerdict.IN_TIME);
        assertThat(lag.catchUp().trend()).isEqualTo(Trend.CATCHING_UP);
        assertThat(lag.catchUp().seconds()).isEqualTo(480.0);
        assertThat(lag.cause()).isEqualTo("catches up in 8 min");
    }

    @Test
    void more_than_is_read_is_falling_behind() {
        append(6_000);
        PartitionLag lag = minutes(2, 1_200, 600);

        assertThat(lag.catchUp().trend()).isEqualTo(Trend.FALLING_BEHIND);
        assertThat(lag.catchUp().seconds()).isNull();
    }

    @Test
    void an_hour_that_is_not_closed_by_its_deadline_is_late_until_it_is() {
        nextCutoff = new NextCutoff(TEN_TO_ELEVEN, 0);
        clock.moveTo(Instant.parse("2026-03-01T11:15:00Z"));
        assertThat(look().verdict()).isEqualTo(LagVerdict.LATE);
        assertThat(look().cause()).contains("not entered in the ledger");
        assertThat(secondsLeft(look())).isZero();

        clock.moveTo(Instant.parse("2026-03-01T13:00:00Z"));
        assertThat(look().cause()).contains("also the second");

        closedThrough = UsageHour.of(clock.instant().minusSeconds(1));
        assertThat(look().verdict()).isEqualTo(LagVerdict.IN_TIME);
    }

    @Test
    void without_usage_too_an_hour_that_nobody_ends_is_at_risk() {
        owner = new Nobody();
        clock.moveTo(Instant.parse("2026-03-01T11:06:59Z"));
        assertThat(look().verdict()).isEqualTo(LagVerdict.IN_TIME);

        clock.moveTo(Instant.parse("2026-03-01T11:07:00Z"));
        assertThat(look().verdict()).isEqualTo(LagVerdict.AT_RISK);
        assertThat(look().cause())
                .contains("nobody has recorded where hour 2026-03-01T10:00:00Z ends", "no process owns the partition");
    }

    @Test
    void the_lag_of_a_halted_partition_grows_and_the_cause_names_why() {
        note = "halted: record 5 cannot be kept";
        append(1);

        assertThat(minutes(6, 100, 0).unread().lag()).isEqualTo(601);
        PartitionLag lag = minutes(6, 100, 0);

        assertThat(lag.unread().lag()).isEqualTo(1201);
        assertThat(lag.verdict()).isEqualTo(LagVerdict.AT_RISK);
        assertThat(lag.cause()).contains("(halted: record 5 cannot be kept)");
        assertThat(lag.unread().oldestUnreadSeconds()).isEqualTo(720.0);
    }

    @Test
    void why_a_partition_is_halted_is_told_by_a_process_that_does_not_own_it() {
        halt = new StoredHalt(TEN, "record-refused", "record 5 cannot be kept");
        append(1);

        assertThat(minutes(6, 100, 0).cause())
                .contains("(halted since 2026-03-01T10:00:00Z, record-refused: record 5 cannot be kept)");
    }

    @Test
    void while_the_database_is_away_nothing_is_known_and_the_lag_grows() {
        minutes(3, 600, 600);
        databaseAway = true;

        PartitionLag lag = minutes(3, 600, 600);

        assertThat(lag.verdict()).isEqualTo(LagVerdict.UNKNOWN);
        assertThat(lag.cause()).isEqualTo("PostgreSQL does not answer: connection refused");
        assertThat(lag.unread().lag()).isEqualTo(1_800);
        databaseAway = false;
        assertThat(look().verdict()).isEqualTo(LagVerdict.IN_TIME);
    }

    @Test
    void while_kafka_is_away_nothing_is_known() {
        minutes(3, 600, 600);
        kafkaAway = true;

        assertThat(look().verdict()).isEqualTo(LagVerdict.UNKNOWN);
        assertThat(monitor.last().cause()).contains("Kafka does not answer: no answer within 5 s");
        assertThat(look().unread().logEnd()).isEqualTo(1_800);
    }

    @Test
    void before_the_first_look_and_while_one_hangs_nothing_is_known() {
        assertThat(monitor.last().verdict()).isEqualTo(LagVerdict.UNKNOWN);
        look();
        assertThat(monitor.last().verdict()).isEqualTo(LagVerdict.IN_TIME);

        nanos += Duration.ofSeconds(31).toNanos();

        assertThat(monitor.last().verdict()).isEqualTo(LagVerdict.UNKNOWN);
        assertThat(monitor.last().partition(0).orElseThrow().verdict()).isEqualTo(LagVerdict.UNKNOWN);
        assertThat(monitor.last().cause()).contains("no look has ended for 31 s");
    }

    @Test
    void a_log_that_ends_before_what_was_counted_is_not_said_to_be_read() {
        nextOffset = 5;

        assertThat(look().verdict()).isEqualTo(LagVerdict.UNKNOWN);
        assertThat(look().cause()).contains("the log ends at 0");
    }

    @Test
    void before_any_hour_was_closed_the_oldest_record_says_which_is_next() {
        closedThrough = null;
        append(1);
        clock.moveTo(Instant.parse("2026-03-01T12:30:00Z"));

        assertThat(look().verdict()).isEqualTo(LagVerdict.LATE);
        assertThat(look().deadline().hour()).isEqualTo(TEN);
    }

    @Test
    void a_record_that_has_just_come_is_no_standstill() {
        minutes(3, 0, 0);
        append(1);

        assertThat(look().verdict()).isEqualTo(LagVerdict.IN_TIME);
        assertThat(minutes(4, 0, 0).verdict()).isEqualTo(LagVerdict.IN_TIME);
        assertThat(minutes(1, 0, 0).verdict()).isEqualTo(LagVerdict.AT_RISK);
    }
}
