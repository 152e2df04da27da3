package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.pusher.push.PushOutcome.Again;
import io.hourledger.pusher.push.PushOutcome.Grouping;
import io.hourledger.pusher.push.PushOutcome.Pause;
import io.hourledger.pusher.push.PushOutcome.Reported;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class PartSizeTest {

    private static final UsageWindow NINE =
            new UsageWindow(Instant.parse("2026-11-24T09:00:00Z"), Instant.parse("2026-11-24T10:00:00Z"));

    private static final PushOutcome TAKEN = new Reported(false);
    private static final PushOutcome REFUSED = again(Grouping.SUSPECT);
    private static final PushOutcome TOO_MUCH = again(Grouping.AMONG_PARTS);

    private final PartSize size = new PartSize(1000);

    private static PushOutcome again(Grouping grouping) {
        return new Again(DeliveryCertainty.AS_PART, grouping, Pause.GROWING);
    }

    private static List<PendingRecord> records(int count, boolean part, @Nullable Long set) {
        return Collections.nCopies(
                count, new PendingRecord("sn", "i", NINE, new byte[0], DeliveryCertainty.NEVER, 0, part, set));
    }

    private void whole(int count, PushOutcome outcome) {
        size.learn(records(count, false, null), Collections.nCopies(count, outcome));
    }

    private void parts(int count, PushOutcome outcome) {
        size.learn(records(count, true, null), Collections.nCopies(count, outcome));
    }

    private void suspects(int count, PushOutcome outcome) {
        size.learn(records(count, true, 7L), Collections.nCopies(count, outcome));
    }

    @Test
    void a_call_that_was_not_taken_halves_the_size_down_to_one() {
        parts(1000, REFUSED);
        assertThat(size.most()).isEqualTo(500);
        for (int i = 0; i < 20; i++) {
            parts(size.most(), i % 2 == 0 ? REFUSED : TOO_MUCH);
        }
        assertThat(size.most()).isOne();
    }

    @Test
    void parts_that_are_taken_raise_it_up_to_the_ceiling_and_no_further() {
        parts(100, REFUSED);
        parts(50, TAKEN);
        assertThat(size.most()).isEqualTo(150);
        for (int i = 0; i < 20; i++) {
            parts(50, TAKEN);
        }
        assertThat(size.most()).isEqualTo(1000);
    }

    /** A key that was revoked, say, refuses every call. */
    @Test
    void what_was_never_a_part_changes_nothing() {
        parts(100, REFUSED);
        whole(1000, TAKEN);
        assertThat(size.most()).isEqualTo(50);
        whole(60, REFUSED);
        whole(60, TOO_MUCH);
        assertThat(size.most()).isEqualTo(50);
        whole(20, REFUSED);
        whole(20, TOO_MUCH);
        assertThat(size.most()).isEqualTo(50);
    }

    /** That one of them is at fault was known before. */
    @Test
    void a_refusal_of_suspects_says_nothing_of_other_parts() {
        suspects(4, REFUSED);
        assertThat(size.most()).isEqualTo(1000);
        suspects(4, TOO_MUCH);
        assertThat(size.most()).isEqualTo(2);
    }

    @Test
    void a_record_alone_and_an_answer_about_something_else_change_nothing() {
        parts(1, REFUSED);
        parts(600, again(Grouping.UNCHANGED));
        assertThat(size.most()).isEqualTo(1000);
    }
}
