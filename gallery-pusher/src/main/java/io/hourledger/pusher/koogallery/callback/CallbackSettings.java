package io.hourledger.pusher.koogallery.callback;

import io.hourledger.pusher.koogallery.SellerKeys;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How callbacks are taken. A callback must be answered within 5 s (koogallery.md, section 4.2).
 *
 * @param accounts the keys of each seller account, whose path is called; the path without a name is that of the first
 * @param bodyWithin how long its body may take; nobody is known before it is there
 * @param answerWithin how long after its arrival a callback is answered at the latest, whatever the database does
 * @param timestampZone the zone that {@code timeStamp} of V1.0 is told in
 * @param timestampTolerance how far {@code timeStamp} of V1.0 may lie from the machine's time, which no document says
 * @param retention how long calls are kept
 */
public record CallbackSettings(
        Map<String, SellerKeys> accounts,
        Duration bodyWithin,
        Duration answerWithin,
        ZoneId timestampZone,
        Duration timestampTolerance,
        Duration retention) {

    public CallbackSettings {
        accounts = Collections.unmodifiableMap(new LinkedHashMap<>(accounts));
    }
}
