package io.hourledger.aggregator.recount;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * What a meter makes of some events of an hour in each part of it. It follows from what the events are, and never from the order in which they
 * came.
 */
sealed interface HourParts permits LevelParts, PercentileParts, UniqueParts {

    /**
     * Takes one event more.
     *
     * @param raw what the meter reads in it
     */
    void take(int part, BigDecimal raw, Instant at);

    /** The raw amount of each part. */
    BigDecimal[] raw();
}
