package io.hourledger.ingest.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.accept.Admission.Room;
import io.hourledger.ingest.accept.Admission.Ticket;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class AdmissionTest {

    private final Admission admission = new Admission(6, 120);

    @Test
    void requests_that_wait_for_the_log_are_bounded_by_number() {
        Ticket first = admission.ticket("a", 0);
        assertThat(first.enter()).isTrue();
        assertThat(admission.ticket("a", 0).enter()).isTrue();
        assertThat(admission.ticket("a", 0).enter()).isTrue();
        assertThat(admission.room("a", 0)).isEqualTo(Room.SENDER_HAS_ITS_SHARE);
        assertThat(admission.ticket("a", 0).enter()).isFalse();

        first.leave();

        assertThat(admission.room("a", 0)).isEqualTo(Room.TAKEN);
        assertThat(admission.ticket("a", 0).enter()).isTrue();
    }

    @Test
    void a_body_takes_room_as_it_comes_and_gives_it_back() {
        Ticket slow = admission.ticket("a", 0);
        assertThat(slow.grow(1)).isTrue();
        assertThat(admission.bytesInFlight()).isEqualTo(1);

        Ticket large = admission.ticket("a", 0);
        assertThat(large.grow(59)).isTrue();
        assertThat(slow.grow(1)).isFalse();
        assertThat(slow.last()).isEqualTo(Room.SENDER_HAS_ITS_SHARE);
        large.leave();
        assertThat(slow.grow(59)).isTrue();
    }

    /** Its sender would repeat it for ever if it were told to wait. */
    @Test
    void a_request_that_alone_is_larger_than_its_keys_share_is_not_told_to_wait() {
        Ticket ticket = admission.ticket("a", 10);
        assertThat(ticket.grow(10)).isTrue();
        assertThat(ticket.grow(3)).isFalse();
        assertThat(ticket.last()).isEqualTo(Room.REQUEST_EXCEEDS_SHARE);

        Ticket second = admission.ticket("a", 10);
        assertThat(second.grow(3)).isFalse();
        assertThat(second.last()).isEqualTo(Room.SENDER_HAS_ITS_SHARE);
    }

    @Test
    void a_sender_that_takes_all_it_can_leaves_room_for_the_others() {
        IntStream.range(0, 1_000).forEach(i -> admission.ticket("greedy", 0).grow(1));
        IntStream.range(0, 1_000).forEach(i -> admission.ticket("greedy", 0).enter());
        assertThat(admission.bytesInFlight()).isEqualTo(60);
        assertThat(admission.requestsInFlight()).isEqualTo(3);

        Ticket other = admission.ticket("other", 0);
        assertThat(admission.room("other", 0)).isEqualTo(Room.TAKEN);
        assertThat(other.grow(30) && other.enter()).isTrue();

        Ticket third = admission.ticket("third", 0);
        assertThat(third.grow(15) && third.enter()).isTrue();
    }

    @Test
    void when_all_is_taken_it_is_nobodys_share_that_is_used_up() {
        for (String sender : new String[] {"a", "b", "c", "d", "e", "f"}) {
            assertThat(admission.ticket(sender, 0).enter()).isTrue();
        }

        assertThat(admission.room("a", 0)).isEqualTo(Room.FULL);
        assertThat(admission.room("new", 0)).isEqualTo(Room.FULL);
    }

    @Test
    void who_only_sends_takes_no_place_of_those_that_wait_for_the_log() {
        for (int i = 0; i < 10; i++) {
            assertThat(admission.ticket("a", 0).grow(1)).isTrue();
        }

        assertThat(admission.requestsInFlight()).isZero();
        assertThat(admission.ticket("a", 0).enter()).isTrue();
    }

    @Test
    void leaving_twice_is_leaving_once_and_who_has_left_takes_nothing_more() {
        Ticket other = admission.ticket("a", 0);
        assertThat(other.grow(20) && other.enter()).isTrue();
        Ticket ticket = admission.ticket("a", 0);
        assertThat(ticket.grow(20) && ticket.enter()).isTrue();

        ticket.leave();
        ticket.leave();

        assertThat(ticket.grow(1)).isFalse();
        assertThat(admission.requestsInFlight()).isEqualTo(1);
        assertThat(admission.bytesInFlight()).isEqualTo(20);
    }
}
