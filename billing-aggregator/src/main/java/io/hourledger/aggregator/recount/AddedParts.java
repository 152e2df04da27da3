package io.hourledger.aggregator.recount;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Adds the values of the events in each part. */
final class AddedParts implements PartAmounts {

    private final BigDecimal[] raw;

    AddedParts(int parts) {
        raw = new BigDecimal[parts];
        Arrays.fill(raw, BigDecimal.ZERO);
    }

    @Override
    public void take(int part, BigDecimal value, Instant at) {
        raw[part] = raw[part].add(value);
    }

    @Override
    public void takeEarlier(int part, BigDecimal value, Instant at) {
        // what was metered before is no part of this revision
    }

    @Override
    public void takeNow(int part, BigDecimal value, Instant at) {
        take(part, value, at);
    }

    @Override
    public void takeBefore(int part, BigDecimal value, Instant at) {
        raw[part] = raw[part].subtract(value);
    }

    @Override
    public List<BigDecimal> raw() {
        return List.of(raw);
    }
}
