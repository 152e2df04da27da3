package io.hourledger.ingest.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.accept.Admission.Ticket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class AdmissionTest {

    private final Admission admission = new Admission(2, 100);

    @Test
    void requests_that_wait_for_the_log_are_bounded_by_number() {
        Ticket first = admission.ticket();
        assertThat(first.enter()).isTrue();
        assertThat(admission.ticket().enter()).isTrue();

        assertThat(admission.full()).isTrue();
        assertThat(admission.ticket().enter()).isFalse();
        first.leave();
        assertThat(admission.full()).isFalse();
        assertThat(admission.ticket().enter()).isTrue();
    }

    @Test
    void a_body_takes_room_as_it_comes_and_gives_it_back() {
        Ticket slow = admission.ticket();
        assertThat(slow.grow(1)).isTrue();
        assertThat(admission.bytesInFlight()).isEqualTo(1);

        Ticket large = admission.ticket();
        assertThat(large.grow(99)).isTrue();
        assertThat(slow.grow(1)).isFalse();
        assertThat(admission.full()).isTrue();
        large.leave();
        assertThat(slow.grow(99)).isTrue();
    }

    @Test
    void who_only_sends_takes_no_place_of_those_that_wait_for_the_log() {
        for (int i = 0; i < 10; i++) {
            assertThat(admission.ticket().grow(1)).isTrue();
        }

        assertThat(admission.requestsInFlight()).isZero();
        assertThat(admission.ticket().enter()).isTrue();
    }

    @Test
    void leaving_twice_is_leaving_once_and_who_has_left_takes_nothing_more() {
        Ticket other = admission.ticket();
        assertThat(other.grow(40) && other.enter()).isTrue();
        Ticket ticket = admission.ticket();
        assertThat(ticket.grow(40) && ticket.enter()).isTrue();

        ticket.leave();
        ticket.leave();

        assertThat(ticket.grow(1)).isFalse();
        assertThat(admission.requestsInFlight()).isEqualTo(1);
        assertThat(admission.bytesInFlight()).isEqualTo(40);
    }
}
