package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.FiveMinuteValues;
import io.hourledger.contracts.usage.MeterTerms.Percentile;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives what the billable parts come to together to the one of them in which the five minutes begin that hold the rank. What is left of the hour's
 * amount stands in a part that is not billable.
 */
final class PercentileParts implements HourParts {

    private final Percentile terms;
    private final boolean[] billable;

    /** The first billable part with an event of five minutes, by their number. */
    private final Map<Integer, Integer> firstPart = new HashMap<>();

    private @Nullable FiveMinuteValues life;
    private @Nullable FiveMinuteValues hour;

    /**
     * @param billable for each part
     */
    PercentileParts(Percentile terms, boolean[] billable) {
        this.terms = terms;
        this.billable = billable.clone();
    }

    @Override
    public void take(int part, BigDecimal raw, Instant at) {
        FiveMinuteValues event = FiveMinuteValues.of(terms, raw, at);
        hour = hour == null ? event : hour.and(event);
        if (billable[part]) {
            life = life == null ? event : life.and(event);
            firstPart.merge(event.holding(), part, Math::min);
        }
    }

    @Override
    public BigDecimal[] raw() {
        BigDecimal[] raw = new BigDecimal[billable.length];
        Arrays.fill(raw, BigDecimal.ZERO);
        BigDecimal ofLife = BigDecimal.ZERO;
        if (life != null) {
            ofLife = life.raw();
            raw[Objects.requireNonNull(firstPart.get(life.holding()))] = ofLife;
        }
        BigDecimal rest = hour == null ? BigDecimal.ZERO : hour.raw().subtract(ofLife);
        if (rest.signum() != 0) {
            raw[notBillable()] = rest;
        }
        return raw;
    }

    /** If the whole hour comes to another amount than the life, some of it lies outside the life. */
    private int notBillable() {
        for (int part = 0; part < billable.length; part++) {
            if (!billable[part]) {
                return part;
            }
        }
        throw new IllegalStateException("all parts are billable, and they do not come to the amount of the hour");
    }
}
