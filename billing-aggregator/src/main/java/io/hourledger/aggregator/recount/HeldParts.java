package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.HourValue;
import io.hourledger.contracts.usage.Aggregation;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits the amount of a meter that does not add. The billable parts together are counted like an hour of their own: what they come to stands in the
 * part of the event that holds, and what is left of the hour's amount in one that is not billable. That is below zero if the life alone comes to more
 * than the whole hour, as a minimum can.
 */
final class HeldParts implements PartAmounts {

    private final Aggregation aggregation;
    private final boolean[] billable;

    private @Nullable Held lifeBefore;
    private @Nullable Held life;
    private @Nullable Held hourBefore;
    private @Nullable Held hour;

    /**
     * @param billable for each part
     */
    HeldParts(Aggregation aggregation, boolean[] billable) {
        this.aggregation = aggregation;
        this.billable = billable.clone();
    }

    /** The event that holds, and the part that it lies in. */
    private record Held(HourValue value, int part) {}

    @Override
    public void take(int part, HourValue event) {
        hour = hold(hour, part, event);
        if (billable[part]) {
            life = hold(life, part, event);
        }
    }

    @Override
    public void takeEarlier(int part, HourValue event) {
        take(part, event);
        hourBefore = hour;
        lifeBefore = life;
    }

    @Override
    public void takeNow(int part, HourValue event) {
        take(part, event);
    }

    @Override
    public void takeBefore(int part, HourValue event) {
        hourBefore = hold(hourBefore, part, event);
        if (billable[part]) {
            lifeBefore = hold(lifeBefore, part, event);
        }
    }

    private Held hold(@Nullable Held held, int part, HourValue event) {
        if (held == null) {
            return new Held(event, part);
        }
        HourValue now = held.value.and(event, aggregation);
        return now.equals(held.value) ? held : new Held(now, part);
    }

    @Override
    public List<BigDecimal> raw() {
        BigDecimal[] raw = new BigDecimal[billable.length];
        Arrays.fill(raw, BigDecimal.ZERO);
        BigDecimal ofLife = change(lifeBefore, life);
        // of an amended hour all that the life held may have been voided
        Held held = life == null ? lifeBefore : life;
        if (held != null) {
            raw[held.part] = ofLife;
        }
        BigDecimal rest = change(hourBefore, hour).subtract(ofLife);
        if (rest.signum() != 0) {
            int part = partOfRest();
            raw[part] = raw[part].add(rest);
        }
        return List.of(raw);
    }

    private static BigDecimal change(@Nullable Held before, @Nullable Held now) {
        BigDecimal raw = now == null ? BigDecimal.ZERO : now.value.raw();
        return before == null ? raw : raw.subtract(before.value.raw());
    }

    /** If the whole hour comes to another amount than the life, some of it lies outside the life. */
    private int partOfRest() {
        if (hour != null && !billable[hour.part]) {
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
