package io.hourledger.aggregator.recount;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * An event as it lies in the log.
 *
 * @param recordedAt the record's timestamp: the business time of receipt
 * @param source which app it is from; an id means something only together with it
 * @param at when it happened, as the app says
 * @param quantity in the meter's unit, without zeros at its end
 * @param counted whether it counts; if not, it repeats one that does
 * @param bytes as the app sent them
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record RawEvent(
        int partition,
        long offset,
        Instant recordedAt,
        String source,
        String id,
        Instant at,
        BigDecimal quantity,
        boolean counted,
        byte[] bytes) {}
