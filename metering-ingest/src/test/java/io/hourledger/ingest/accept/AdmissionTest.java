package io.hourledger.ingest.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.accept.Admission.Ticket;
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private final Admission admission = new Admission(2, 100);

    @Test
    void requests_are_bounded_by_number() {
        Ticket first = admission.tryEnter(1).orElseThrow();
        assertThat(admission.tryEnter(1)).isPresent();

        assertThat(admission.tryEnter(1)).isEmpty();
        first.leave();
        assertThat(admission.tryEnter(1)).isPresent();
    }

    @Test
    void requests_are_bounded_by_bytes_and_a_refused_one_takes_nothing() {
        Ticket large = admission.tryEnter(100).orElseThrow();

        assertThat(admission.tryEnter(1)).isEmpty();
        assertThat(admission.requestsInFlight()).isEqualTo(1);
        large.leave();
        assertThat(admission.bytesInFlight()).isZero();
        assertThat(admission.tryEnter(100)).isPresent();
    }

    @Test
    void leaving_twice_is_leaving_once() {
        Ticket ticket = admission.tryEnter(40).orElseThrow();
        assertThat(admission.tryEnter(40)).isPresent();

        ticket.leave();
        ticket.leave();

        assertThat(admission.requestsInFlight()).isEqualTo(1);
        assertThat(admission.bytesInFlight()).isEqualTo(40);
    }
}
