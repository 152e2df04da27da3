package io.hourledger.ingest.accept;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.accept.LineIntake.Stop;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.ingest.accept.UsageLog.Stored;
import io.hourledger.ingest.accept.UsageLog.Unconfirmed;
import io.hourledger.service.BodyStream.End;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class LineIntakeTest {

    private static final int MOST_EVENTS = 5_000;
    private static final long MOST_BYTES = 4L << 20;
    private static final int ROOM = 8 << 20;
    private static final byte[] LINE = ("x".repeat(1023) + "\n").getBytes(UTF_8);
    private static final Stored STORED = new Stored("usage-events", 0, 7);

    private final Admission admission = new Admission(10, ROOM);
    private final Deque<PendingAnswers> handedOver = new ArrayDeque<>();
    private final List<Stop> stops = new ArrayList<>();
    private final AtomicInteger resumed = new AtomicInteger();
    private final AtomicInteger settled = new AtomicInteger();
    private final LineIntake intake =
            new LineIntake(this::log, admission.ticket("shop", 0), MOST_EVENTS, MOST_BYTES, Runnable::run);

    LineIntakeTest() {
        intake.tell(resumed::incrementAndGet, stops::add);
    }

    private PendingAnswers log(byte[] body, List<Slice> items) {
        PendingAnswers answers = new PendingAnswers(items.size());
        for (int i = 0; i < items.size(); i++) {
            answers.expect(i, "id");
        }
        handedOver.add(answers);
        return answers;
    }

    private void confirm() {
        handedOver.remove().tell(0, STORED);
    }

    private boolean take() {
        return intake.take(LINE, LINE.length);
    }

    @Test
    void a_line_is_handed_over_before_the_body_ends() {
        assertThat(take()).isTrue();

        assertThat(handedOver).hasSize(1);
        assertThat(stops).isEmpty();
    }

    @Test
    void while_much_waits_for_the_log_no_more_is_read_and_no_more_room_is_taken() {
        int taken = 1;
        while (take()) {
            taken++;
        }
        assertThat(taken).isEqualTo(LineIntake.MOST_WAITING_BYTES / 1023 + 1);
        assertThat(admission.bytesInFlight()).isLessThan(2 * LineIntake.MOST_WAITING_BYTES);

        while (resumed.get() == 0) {
            confirm();
        }

        assertThat(handedOver.size()).isBetween(taken / 2 - 2, taken / 2 + 2);
        assertThat(take()).isTrue();
    }

    @Test
    void all_is_settled_when_all_is_read_and_the_log_has_confirmed_the_last() {
        take();
        take();
        intake.ended(End.WHOLE);
        intake.whenSettled(settled::incrementAndGet);
        confirm();
        assertThat(settled).hasValue(0);

        confirm();

        assertThat(settled).hasValue(1);
        assertThat(stops).containsExactly(Stop.WHOLE);
        assertThat(intake.now()).extracting(ItemAnswer::status).containsOnly(ItemAnswer.Status.ACCEPTED);
        assertThat(intake.items()).extracting(Slice::line).containsExactly(1, 2);
    }

    @Test
    void once_an_event_is_not_confirmed_nothing_more_is_read() {
        take();
        handedOver.remove().tell(0, new Unconfirmed("time is over"));

        assertThat(take()).isFalse();
        assertThat(handedOver).isEmpty();
        assertThat(stops).containsExactly(Stop.UNCONFIRMED);
        intake.whenSettled(settled::incrementAndGet);
        assertThat(settled).hasValue(1);
    }

    @Test
    void what_came_before_a_body_broke_off_has_its_answers() {
        take();
        intake.ended(End.BROKEN_OFF);
        intake.whenSettled(settled::incrementAndGet);
        confirm();

        assertThat(stops).containsExactly(Stop.BROKEN_OFF);
        assertThat(settled).hasValue(1);
        assertThat(intake.now()).hasSize(1);
    }

    @Test
    void no_more_events_are_taken_than_a_request_may_have() {
        byte[] lines = "a\n".repeat(MOST_EVENTS + 1).getBytes(UTF_8);

        assertThat(intake.take(lines, lines.length)).isFalse();

        assertThat(stops).containsExactly(Stop.TOO_MANY);
        assertThat(intake.items()).hasSize(MOST_EVENTS);
    }

    @Test
    void no_more_bytes_are_read_than_the_key_may_send() {
        while (take() || !handedOver.isEmpty()) {
            confirm();
        }

        assertThat(stops).containsExactly(Stop.TOO_LARGE);
        assertThat(intake.items()).hasSize((int) MOST_BYTES / LINE.length);
    }

    /** Else many requests of small events, each held open, would take memory that nobody counts. */
    @Test
    void what_is_known_of_answered_events_takes_room_until_all_are_answered() {
        take();
        confirm();

        assertThat(admission.bytesInFlight()).isPositive();
    }

    @Test
    void without_room_nothing_more_is_read() {
        Admission.Ticket other = admission.ticket("other", 0);
        assertThat(other.grow(ROOM - 500)).isTrue();

        assertThat(take()).isFalse();
        assertThat(stops).containsExactly(Stop.NO_ROOM);
        assertThat(handedOver).isEmpty();
    }
}
