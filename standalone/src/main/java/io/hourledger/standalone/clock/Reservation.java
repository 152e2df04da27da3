package io.hourledger.standalone.clock;

import java.time.Instant;

/** Keeps how far business time may have come, so that a clock that is built again after a crash starts no earlier. */
@FunctionalInterface
public interface Reservation {

    /** For a clock whose stack is thrown away with it. */
    Reservation NONE = moment -> {};

    /** Returns only when {@code moment} is kept: from then on the clock may show any time up to it. */
    void reserve(Instant moment);
}
