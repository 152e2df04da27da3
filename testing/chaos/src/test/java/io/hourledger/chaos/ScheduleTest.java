package io.hourledger.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class ScheduleTest {

    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

    @Test
    void the_same_seed_gives_the_same_schedule_and_another_seed_another() {
        assertThat(Schedule.of(7, TEN_MINUTES, all -> true)).isEqualTo(Schedule.of(7, TEN_MINUTES, all -> true));
        assertThat(Schedule.of(7, TEN_MINUTES, all -> true)).isNotEqualTo(Schedule.of(8, TEN_MINUTES, all -> true));
    }

    @Property(tries = 50)
    void ten_minutes_disturb_every_part_in_every_manner(@ForAll long seed) {
        Schedule schedule = Schedule.of(seed, TEN_MINUTES, all -> true);
        Set<KillMode> manners =
                schedule.disturbances().stream().map(PlannedFault::manner).collect(Collectors.toSet());
        Set<StackPart> parts = schedule.disturbances().stream()
                .flatMap(disturbance -> disturbance.parts().stream())
                .collect(Collectors.toSet());
        assertThat(manners).isEqualTo(EnumSet.allOf(KillMode.class));
        Set<StackPart> all = EnumSet.of(StackPart.BROKER, StackPart.DATABASE);
        all.addAll(new WholeStack(Duration.ofHours(12)).services());
        assertThat(parts).isEqualTo(all);
    }

    @Property(tries = 50)
    void ten_minutes_of_records_out_disturb_each_pusher_in_every_manner_and_nothing_else(@ForAll long seed) {
        Schedule schedule = Schedule.ofPushers(seed, TEN_MINUTES);
        assertThat(schedule).isEqualTo(Schedule.ofPushers(seed, TEN_MINUTES));
        assertThat(schedule.disturbances().stream().map(PlannedFault::manner).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(KillMode.KILL, KillMode.FREEZE, KillMode.RESTART);
        assertThat(schedule.disturbances().stream()
                        .flatMap(disturbance -> disturbance.parts().stream())
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(StackPart.PUSHER, StackPart.PUSHER_2, StackPart.PUSHER_3);
    }

    @Property(tries = 50)
    void one_minute_kills_at_least_once(@ForAll long seed) {
        assertThat(Schedule.of(seed, Duration.ofMinutes(1), all -> true).disturbances())
                .anyMatch(disturbance -> disturbance.manner() == KillMode.KILL);
    }

    @Property(tries = 50)
    void what_is_frozen_stays_so_for_longer_than_a_session_of_ten_seconds(@ForAll long seed) {
        assertThat(Schedule.of(seed, TEN_MINUTES, all -> true).disturbances())
                .filteredOn(disturbance -> disturbance.manner() == KillMode.FREEZE)
                .isNotEmpty()
                .allMatch(disturbance -> disturbance.lasts().compareTo(Duration.ofSeconds(12)) >= 0);
    }

    @Property(tries = 50)
    void both_ingests_are_never_down_at_once(@ForAll long seed) {
        var down = Schedule.of(seed, TEN_MINUTES, all -> true).disturbances().stream()
                .filter(disturbance -> disturbance.parts().stream()
                        .anyMatch(part -> part == StackPart.INGEST_1 || part == StackPart.INGEST_2))
                .toList();
        for (int i = 1; i < down.size(); i++) {
            Duration end = down.get(i - 1).at().plus(down.get(i - 1).lasts());
            assertThat(down.get(i).at()).isGreaterThan(end);
        }
    }
}
