package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

@Tag("servers")
class StallWatchTest {

    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
    private static final Duration SIX_MINUTES = Duration.ofMinutes(6);

    private static final PushRig stack = new PushRig();

    /** Close to where elapsed time begins anew, as it may be on any machine. */
    private long now = Long.MAX_VALUE - Duration.ofMinutes(3).toNanos();

    private long accepted = now;
    private final StallWatch watch =
            new StallWatch(stack.jdbc, stack.transaction, FIVE_MINUTES, PushRig.SELLER, () -> now, () -> accepted);

    @BeforeEach
    void anEmptyQueue() {
        stack.clear();
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    /** Time goes by, and the queue is looked at all the while. */
    private void pass(Duration time) {
        for (Duration left = time; left.compareTo(Duration.ZERO) > 0; left = left.minusMinutes(1)) {
            now += Duration.ofMinutes(1).toNanos();
            watch.look(true);
        }
    }

    @Test
    void without_work_nothing_stands_still() {
        pass(Duration.ofHours(3));
        assertThat(watch.stall()).isEmpty();
    }

    /** Nothing is to be done about it, and its age has an alarm of its own. */
    @Test
    void records_that_wait_for_a_frozen_instance_are_not_due() {
        stack.issue(2);
        stack.jdbc
                .sql("update pusher.work set backing_off = true, not_before = 'infinity'")
                .update();
        pass(Duration.ofHours(3));
        assertThat(watch.stall()).isEmpty();
    }

    @Test
    void work_that_is_due_and_not_accepted_stands_still_after_a_while() {
        pass(Duration.ofHours(3));
        stack.issue(1);
        pass(Duration.ofMinutes(4));
        assertThat(watch.stall()).isEmpty();
        pass(Duration.ofMinutes(2));
        assertThat(watch.stall()).hasValueSatisfying(stall -> {
            assertThat(stall.seen()).isTrue();
            assertThat(stall.since()).isBetween(FIVE_MINUTES, SIX_MINUTES);
        });
    }

    @Test
    void an_accepted_call_is_progress_and_only_for_a_while() {
        stack.issue(1);
        pass(SIX_MINUTES);
        accepted = now;
        assertThat(watch.stall()).isEmpty();
        pass(SIX_MINUTES);
        assertThat(watch.stall()).isPresent();
        assertThat(watch.secondsSinceAccepted()).isEqualTo(SIX_MINUTES.toSeconds());
    }

    @Test
    void a_record_that_backs_off_is_due_all_the_same() {
        stack.issue(1);
        stack.jdbc
                .sql("update pusher.work set not_before = clock_timestamp() + interval '1 min'")
                .update();
        pass(SIX_MINUTES);
        assertThat(watch.stall()).isPresent();
    }

    @Test
    void what_is_held_or_another_pushers_does_not_stand_still() {
        stack.issue(1);
        stack.jdbc
                .sql("insert into pusher.push_suspension (who, why) values ('a person', 'to look at it')")
                .update();
        pass(SIX_MINUTES);
        assertThat(watch.stall()).isEmpty();
        stack.jdbc.sql("truncate pusher.push_suspension").update();
        now += SIX_MINUTES.toNanos();
        watch.look(false);
        assertThat(watch.stall()).isEmpty();
        pass(SIX_MINUTES);
        assertThat(watch.stall()).isPresent();
    }

    @Test
    void while_the_database_is_away_nobody_calls_it_well() {
        stack.jdbc.sql("alter table pusher.work rename to taken_away").update();
        try {
            assertThatThrownBy(() -> watch.look(true)).isInstanceOf(DataAccessException.class);
            now += SIX_MINUTES.toNanos();
            assertThat(watch.stall())
                    .hasValueSatisfying(stall -> assertThat(stall.seen()).isFalse());
            assertThat(watch.secondsSinceSeen()).isEqualTo(SIX_MINUTES.toSeconds());
        } finally {
            stack.jdbc.sql("alter table pusher.taken_away rename to work").update();
        }
    }

    /** Whoever looks has died, or hangs. */
    @Test
    void a_look_that_never_comes_is_a_stall_too() {
        stack.issue(1);
        watch.look(true);
        now += SIX_MINUTES.toNanos();
        assertThat(watch.stall()).isPresent();
    }

    @Test
    void who_has_the_account_is_not_known_while_the_database_does_not_say() {
        SellerLease mine = new SellerLease(stack.jdbc, lease("one", PushRig.LONG_LEASE));
        SellerLease theirs = new SellerLease(stack.jdbc, lease("two", Duration.ofMillis(500)));
        assertThat(theirs.isElsewhere()).isFalse();
        mine.renewOrTake();
        theirs.renewOrTake();
        assertThat(theirs.isElsewhere()).isTrue();
        assertThat(mine.isElsewhere()).isFalse();
        await().until(() -> !theirs.isElsewhere());
    }

    private static PushSettings.Lease lease(String owner, Duration length) {
        return new PushSettings.Lease(PushRig.SELLER, owner, length, Duration.ZERO);
    }
}
