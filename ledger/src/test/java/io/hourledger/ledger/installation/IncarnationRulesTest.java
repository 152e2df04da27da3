package io.hourledger.ledger.installation;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ledger.installation.IncarnationRules.Decision;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class IncarnationRulesTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final UUID INSTALLATION = UUID.randomUUID();
    private static final UUID OURS = UUID.randomUUID();
    private static final UUID BEFORE = UUID.randomUUID();
    private static final UUID OTHERS = UUID.randomUUID();

    private static final ServerState SERVER = new ServerState("00000001", NOON);
    private static final ServerState STARTED_AGAIN = new ServerState("00000001", NOON.plusSeconds(60));
    private static final ServerState PROMOTED = new ServerState("00000002", NOON.plusSeconds(60));

    private static Draw drawn(long number, DrawReason reason, boolean journaled) {
        return new Draw(OURS, number, reason, SERVER, NOON, null, journaled, BEFORE);
    }

    private static Draw inJournal(long number) {
        return drawn(number, DrawReason.FIRST, true);
    }

    private static Incarnation entry(long number, UUID draw) {
        return entry(number, draw, DrawReason.FIRST);
    }

    private static Incarnation entry(long number, UUID draw, DrawReason reason) {
        return new Incarnation(number, draw, "00000001", reason, NOON, "host", null);
    }

    private static Decision decide(@Nullable Draw draw, ServerState now, Incarnation... all) {
        return IncarnationRules.decide(
                new InstallationRow(INSTALLATION, draw == null ? 0 : draw.number(), draw, now), List.of(all));
    }

    private static Decision anew(DrawReason reason, long number) {
        return new Decision.DrawAnew(reason, number);
    }

    private static Decision superseded(long number, Incarnation by) {
        return new Decision.Stay(new IncarnationStatus.Superseded(number, by));
    }

    @Test
    void a_new_database_draws_the_first() {
        assertThat(decide(null, SERVER)).isEqualTo(anew(DrawReason.FIRST, 1));
    }

    @Test
    void a_database_without_its_draw_was_restored() {
        assertThat(decide(null, SERVER, entry(1, OTHERS), entry(2, OURS))).isEqualTo(anew(DrawReason.RESTORED, 3));
    }

    @Test
    void a_number_only_rises_also_when_the_journal_is_empty() {
        assertThat(IncarnationRules.decide(new InstallationRow(INSTALLATION, 7, null, SERVER), List.of()))
                .isEqualTo(anew(DrawReason.FIRST, 8));
    }

    @Test
    void a_draw_that_was_never_journaled_is() {
        Draw first = drawn(1, DrawReason.FIRST, false);
        assertThat(decide(first, SERVER)).isEqualTo(new Decision.JournalDraw(first));
        Draw second = drawn(2, DrawReason.RESTARTED, false);
        assertThat(decide(second, STARTED_AGAIN, entry(1, OTHERS))).isEqualTo(new Decision.JournalDraw(second));
    }

    @Test
    void the_newest_is_in_force() {
        assertThat(decide(inJournal(2), SERVER, entry(1, OTHERS), entry(2, OURS)))
                .isEqualTo(new Decision.Stay(new IncarnationStatus.InForce(2)));
        assertThat(decide(drawn(1, DrawReason.FIRST, false), SERVER, entry(1, OURS)))
                .as("journaled by a process that could not say so in the row")
                .isEqualTo(new Decision.Stay(new IncarnationStatus.InForce(1)));
    }

    @Test
    void a_start_of_the_newest_draws_anew_since_it_may_be_a_copy() {
        assertThat(decide(inJournal(1), STARTED_AGAIN, entry(1, OURS))).isEqualTo(anew(DrawReason.RESTARTED, 2));
    }

    @Test
    void a_promotion_draws_anew_also_after_starts_that_the_standby_had_not_heard_of() {
        assertThat(decide(inJournal(1), PROMOTED, entry(1, OURS))).isEqualTo(anew(DrawReason.PROMOTED, 2));
        assertThat(decide(
                        inJournal(1),
                        PROMOTED,
                        entry(1, OURS),
                        entry(2, OTHERS, DrawReason.RESTARTED),
                        entry(3, INSTALLATION, DrawReason.RESTARTED)))
                .isEqualTo(anew(DrawReason.PROMOTED, 4));
    }

    @Test
    void an_old_primary_with_a_timeline_of_its_own_deposes_nobody() {
        for (DrawReason reason : List.of(DrawReason.PROMOTED, DrawReason.RESTORED, DrawReason.PERSON)) {
            Incarnation other = entry(2, OTHERS, reason);
            assertThat(decide(inJournal(1), PROMOTED, entry(1, OURS), other)).isEqualTo(superseded(1, other));
            Incarnation startedSince = entry(3, INSTALLATION, DrawReason.RESTARTED);
            assertThat(decide(inJournal(1), PROMOTED, entry(1, OURS), other, startedSince))
                    .isEqualTo(superseded(1, startedSince));
            assertThat(decide(drawn(2, DrawReason.PROMOTED, false), SERVER, entry(1, BEFORE), other))
                    .as("drawn at the same time")
                    .isEqualTo(superseded(2, other));
        }
    }

    @Test
    void an_older_one_is_superseded_and_stays_so_when_it_is_started_again() {
        Incarnation newest = entry(2, OTHERS);
        assertThat(decide(inJournal(1), SERVER, entry(1, OURS), newest)).isEqualTo(superseded(1, newest));
        assertThat(decide(inJournal(1), STARTED_AGAIN, entry(1, OURS), newest)).isEqualTo(superseded(1, newest));
    }

    @Test
    void of_two_that_draw_at_the_same_time_a_start_gives_way_and_a_promotion_restore_or_person_does_not() {
        Incarnation faster = entry(2, OTHERS, DrawReason.RESTARTED);
        assertThat(decide(drawn(2, DrawReason.RESTARTED, false), SERVER, entry(1, INSTALLATION), faster))
                .isEqualTo(superseded(2, faster));
        for (DrawReason reason : List.of(DrawReason.PROMOTED, DrawReason.RESTORED, DrawReason.PERSON)) {
            assertThat(decide(drawn(2, reason, false), SERVER, entry(1, INSTALLATION), faster))
                    .isEqualTo(anew(reason, 3));
        }
    }

    @Test
    void a_draw_that_the_journal_has_lost_is_for_a_person() {
        assertThat(decide(inJournal(3), SERVER)).isEqualTo(new Decision.Stay(new IncarnationStatus.JournalLost(3)));
        assertThat(decide(inJournal(3), STARTED_AGAIN, entry(2, OTHERS)))
                .isEqualTo(new Decision.Stay(new IncarnationStatus.JournalLost(3)));
    }

    @Test
    void a_draw_that_the_journal_alone_has_lost_is_journaled_again() {
        Draw second = drawn(2, DrawReason.RESTARTED, true);
        assertThat(decide(second, SERVER, entry(1, BEFORE))).isEqualTo(new Decision.JournalDraw(second));
        assertThat(decide(second, STARTED_AGAIN, entry(1, BEFORE))).isEqualTo(new Decision.JournalDraw(second));
    }

    @Test
    void every_status_but_one_says_why_nothing_is_closed_or_pushed() {
        assertThat(new IncarnationStatus.InForce(1).whyNot()).isEmpty();
        assertThat(new IncarnationStatus.NotKnown().whyNot()).isPresent();
        assertThat(new IncarnationStatus.JournalLost(3).whyNot().orElseThrow()).contains("no longer has incarnation 3");
        assertThat(new IncarnationStatus.Superseded(1, entry(2, OTHERS))
                        .whyNot()
                        .orElseThrow())
                .contains("incarnation 2 was drawn", "this database is incarnation 1", "ledger incarnation draw");
    }
}
