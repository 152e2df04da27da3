package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.scan.EventView;
import io.hourledger.aggregator.scan.Meters;

/** Works out the id and the content of the event at hand. Belongs to one thread. */
final class EventIdentifier {

    private final EventIdentity identity;
    private final long[] typeNumbers;

    EventIdentifier(Meters meters, IdKey key) {
        this.identity = new EventIdentity(key);
        this.typeNumbers = new long[meters.count()];
        for (int meter = 0; meter < typeNumbers.length; meter++) {
            typeNumbers[meter] = identity.typeNumber(meters.type(meter));
        }
    }

    /** That of the event that was asked for last; each new question changes it. */
    EventIdentity identity() {
        return identity;
    }

    void identify(EventView event) {
        identity.ofNames(
                event.bytes(),
                event.subjectOffset(),
                event.subjectLength(),
                event.sourceOffset(),
                event.sourceLength(),
                event.idOffset(),
                event.idLength());
    }

    void addContent(EventView event) {
        identity.ofContent(
                typeNumbers[event.meter()], event.epochSecond(), event.nanos(), event.valueHigh(), event.valueLow());
        for (int i = 0; i < event.further(); i++) {
            identity.andContent(event.furtherHigh(i), event.furtherLow(i));
        }
    }
}
