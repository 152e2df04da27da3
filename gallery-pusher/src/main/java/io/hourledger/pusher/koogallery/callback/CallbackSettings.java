package io.hourledger.pusher.koogallery.callback;

import java.time.Duration;
import java.time.ZoneId;

/**
 * How callbacks are taken. A callback must be answered within 5 s (koogallery.md, section 4.2).
 *
 * @param account the seller account whose key they are verified with
 * @param bodyWithin how long its body may take; nobody is known before it is there
 * @param answerWithin how long after its arrival a callback is answered at the latest, whatever the database does
 * @param timestampZone the zone that {@code timeStamp} of V1.0 is told in
 * @param timestampTolerance how far {@code timeStamp} of V1.0 may lie from the machine's time, which no document says
 * @param retention how long calls are kept
 */
public record CallbackSettings(
        String account,
        Duration bodyWithin,
        Duration answerWithin,
        ZoneId timestampZone,
        Duration timestampTolerance,
        Duration retention) {}
