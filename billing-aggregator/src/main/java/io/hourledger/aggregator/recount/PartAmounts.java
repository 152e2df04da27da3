package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.HourValue;
import java.math.BigDecimal;
import java.util.List;

/** Adds up what a recount finds in each part of an hour, so that the amounts of the parts come to that of the hour's revision. */
sealed interface PartAmounts permits AddedParts, HeldParts {

    /** An event that lies in this part and counts in the revision that is recounted. */
    void take(int part, HourValue event);

    /** An event that counts in an earlier revision. */
    void takeEarlier(int part, HourValue event);

    /** An event of an amended hour, as it stands at the end of the revision that is recounted. */
    void takeNow(int part, HourValue event);

    /** An event of an amended hour, as it stood at the end of the revision before. */
    void takeBefore(int part, HourValue event);

    /** The raw amount of each part. */
    List<BigDecimal> raw();
}
