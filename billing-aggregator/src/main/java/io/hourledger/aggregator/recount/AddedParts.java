package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.HourValue;
import java.math.BigDecimal;
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
    public void take(int part, HourValue event) {
        raw[part] = raw[part].add(event.raw());
    }

    @Override
    public void takeEarlier(int part, HourValue event) {
        // what was metered before is no part of this revision
    }

    @Override
    public void takeNow(int part, HourValue event) {
        take(part, event);
    }

    @Override
    public void takeBefore(int part, HourValue event) {
        raw[part] = raw[part].subtract(event.raw());
    }

    @Override
    public List<BigDecimal> raw() {
        return List.of(raw);
    }
}
