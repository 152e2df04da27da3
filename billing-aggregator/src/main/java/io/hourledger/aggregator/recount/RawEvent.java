package io.hourledger.aggregator.recount;

import io.hourledger.contracts.usage.UsageAmendment;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event as it lies in the log.
 *
 * @param source which app it is from; an id means something only together with it
 * @param at when it happened, as the app says
 * @param quantity in the meter's unit, without zeros at its end
 * @param counted whether it counts; if not, it repeats one that does
 * @param bytes as the app sent them
 * @param amendment how it corrects another event; null if it is usage itself
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record RawEvent(
        Place place,
        String source,
        String id,
        Instant at,
        BigDecimal quantity,
        boolean counted,
        byte[] bytes,
        @Nullable UsageAmendment amendment) {

    /**
     * Where an event lies in the log.
     *
     * @param recordedAt the record's timestamp: the business time of receipt
     */
    public record Place(int partition, long offset, Instant recordedAt) {}

    public long offset() {
        return place.offset;
    }

    public Instant recordedAt() {
        return place.recordedAt;
    }
}
