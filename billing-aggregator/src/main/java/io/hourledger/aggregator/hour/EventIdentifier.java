package io.hourledger.aggregator.hour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.scan.Meters;
import io.hourledger.contracts.usage.UsageAmendment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Works out the id and the content of the event at hand. Belongs to one thread. */
final class EventIdentifier {

    private final EventIdentity identity;
    private final EventIdentity identityOfValues;
    private final long[] typeNumbers;
    private final long[] nameNumbers;

    EventIdentifier(Meters meters, IdKey key) {
        this.identity = new EventIdentity(key);
        this.identityOfValues = new EventIdentity(key);
        this.typeNumbers = new long[meters.count()];
        this.nameNumbers = new long[meters.count()];
        for (int meter = 0; meter < typeNumbers.length; meter++) {
            typeNumbers[meter] = identity.numberOf(meters.type(meter));
            nameNumbers[meter] = identity.numberOf(meters.meter(meter).name().getBytes(UTF_8));
        }
    }

    /** That of the event that was asked for last; each new question changes it. */
    EventIdentity identity() {
        return identity;
    }

    /** That of the value that was asked for last. */
    EventIdentity identityOfValues() {
        return identityOfValues;
    }

    /** Works out the id of what a unique count reads, which is another one for each instance, meter and hour. */
    void identifyValue(EventView event, int meter, long hour) {
        identityOfValues.ofUniqueValue(
                event.bytes(),
                event.subjectOffset(),
                event.subjectLength(),
                nameNumbers[meter],
                hour,
                event.highFor(meter),
                event.lowFor(meter));
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
        if (event.isAmendment()) {
            identity.ofContent(numberOf(event.amendment()), event.epochSecond(), event.nanos(), 0, 0);
            return;
        }
        if (event.isFilteredOut()) {
            identity.ofContent(0, event.epochSecond(), event.nanos(), 0, 0);
            return;
        }
        identity.ofContent(
                typeNumbers[event.meter()], event.epochSecond(), event.nanos(), event.valueHigh(), event.valueLow());
        if (!event.isAlone()) {
            addReadings(event);
        }
    }

    /** Its reason may be long, so what is hashed with the key is a digest. */
    private long numberOf(UsageAmendment amendment) {
        try {
            return identity.numberOf(MessageDigest.getInstance("SHA-256")
                    .digest(amendment.content().getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** Which meters read it, and what. */
    private void addReadings(EventView event) {
        identity.andContent(nameNumbers[event.meter()], event.valueHigh(), event.valueLow());
        for (int i = 0; i < event.further(); i++) {
            identity.andContent(nameNumbers[event.furtherMeter(i)], event.furtherHigh(i), event.furtherLow(i));
        }
    }
}
