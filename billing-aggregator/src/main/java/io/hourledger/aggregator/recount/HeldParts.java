package io.hourledger.aggregator.recount;

import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * Splits the amount of a meter that takes one event. The billable parts together are counted like an hour of their own: what they come to stands in the
 * part of the event that holds, and what is left of the hour's amount in one that is not billable. That is below zero if the life alone comes to more
 * than the whole hour, as a minimum can.
 */
final class HeldParts implements PartAmounts {

    private final boolean[] billable;

    private final Held lifeBefore;
    private final Held life;
    private final Held hourBefore;
    private final Held hour;

    /**
     * @param billable for each part
     */
    HeldParts(Meter meter, UsageHour ofHour, boolean[] billable, RoomForValues room) {
        this.billable = billable.clone();
        this.lifeBefore = new Held(meter, ofHour, room);
        this.life = new Held(meter, ofHour, room);
        this.hourBefore = new Held(meter, ofHour, room);
        this.hour = new Held(meter, ofHour, room);
    }

    /** What events came to, and the part of the last one that changed it: of a meter that takes one event, of that one. */
    private static final class Held {

        private static final int NONE = -1;

        private final RunningAmount amount;
        private int part = NONE;

        Held(Meter meter, UsageHour hour, RoomForValues room) {
            this.amount = new RunningAmount(meter, hour, room);
        }

        void take(int ofPart, BigDecimal raw, Instant at) {
            if (amount.take(raw, at)) {
                part = ofPart;
            }
        }

        boolean isEmpty() {
            return part == NONE;
        }
    }

    @Override
    public void take(int part, BigDecimal raw, Instant at) {
        hour.take(part, raw, at);
        if (billable[part]) {
            life.take(part, raw, at);
        }
    }

    @Override
    public void takeEarlier(int part, BigDecimal raw, Instant at) {
        take(part, raw, at);
        takeBefore(part, raw, at);
    }

    @Override
    public void takeNow(int part, BigDecimal raw, Instant at) {
        take(part, raw, at);
    }

    @Override
    public void takeBefore(int part, BigDecimal raw, Instant at) {
        hourBefore.take(part, raw, at);
        if (billable[part]) {
            lifeBefore.take(part, raw, at);
        }
    }

    @Override
    public List<BigDecimal> raw() {
        BigDecimal[] raw = new BigDecimal[billable.length];
        Arrays.fill(raw, BigDecimal.ZERO);
        BigDecimal ofLife = change(lifeBefore, life);
        // of an amended hour all that the life held may have been voided
        Held held = life.isEmpty() ? lifeBefore : life;
        if (!held.isEmpty()) {
            raw[held.part] = ofLife;
        }
        BigDecimal rest = change(hourBefore, hour).subtract(ofLife);
        if (rest.signum() != 0) {
            int part = partOfRest();
            raw[part] = raw[part].add(rest);
        }
        return List.of(raw);
    }

    private static BigDecimal change(Held before, Held now) {
        return now.amount.raw().subtract(before.amount.raw());
    }

    /** If the whole hour comes to another amount than the life, some of it lies outside the life. */
    private int partOfRest() {
        if (!hour.isEmpty() && !billable[hour.part]) {
            return hour.part;
        }
        for (int part = 0; part < billable.length; part++) {
            if (!billable[part]) {
                return part;
            }
        }
        throw new IllegalStateException("all parts are billable, and they do not come to the amount of the hour");
    }
}
