package io.hourledger.aggregator.recount;

import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterTerms.Percentile;
import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** Adds up what a recount finds in each part of an hour, so that the amounts of the parts come to that of the hour's revision. */
sealed interface PartAmounts permits AddedParts, ChangedParts, HeldParts {

    /**
     * The parts of an hour without an event.
     *
     * @param edges where the parts begin and the last one ends
     * @param billable for each part
     */
    static PartAmounts of(Meter meter, List<Instant> edges, boolean[] billable, RoomForValues room) {
        UsageHour hour = UsageHour.of(edges.getFirst());
        return switch (meter.aggregation()) {
            case COUNT, SUM -> new AddedParts(billable.length);
            case MIN, MAX, LATEST -> new HeldParts(meter, hour, billable, room);
            case UNIQUE -> new ChangedParts(() -> new UniqueParts(billable, room));
            case TIME_WEIGHTED_SUM -> new ChangedParts(() -> new LevelParts((TimeWeighted) meter.terms(), hour, edges));
            case PERCENTILE -> new ChangedParts(() -> new PercentileParts((Percentile) meter.terms(), billable));
        };
    }

    /**
     * An event that lies in this part and counts in the revision that is recounted.
     *
     * @param raw what the meter reads in it
     * @param at when it happened, to the microsecond
     */
    void take(int part, BigDecimal raw, Instant at);

    /** An event that counts in an earlier revision. */
    void takeEarlier(int part, BigDecimal raw, Instant at);

    /** An event of an amended hour, as it stands at the end of the revision that is recounted. */
    void takeNow(int part, BigDecimal raw, Instant at);

    /** An event of an amended hour, as it stood at the end of the revision before. */
    void takeBefore(int part, BigDecimal raw, Instant at);

    /** The raw amount of each part. */
    List<BigDecimal> raw();
}
