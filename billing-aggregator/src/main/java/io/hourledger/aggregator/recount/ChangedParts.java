package io.hourledger.aggregator.recount;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Says by how much a revision changes each part: what it comes to with the revision, less what it came to before. So the revisions of an hour
 * together give each part what it would have if all events had come on time.
 */
final class ChangedParts implements PartAmounts {

    private final HourParts before;
    private final HourParts now;

    /**
     * @param nothingYet the parts without an event
     */
    ChangedParts(Supplier<HourParts> nothingYet) {
        this.before = nothingYet.get();
        this.now = nothingYet.get();
    }

    @Override
    public void take(int part, BigDecimal raw, Instant at) {
        now.take(part, raw, at);
    }

    @Override
    public void takeEarlier(int part, BigDecimal raw, Instant at) {
        now.take(part, raw, at);
        before.take(part, raw, at);
    }

    @Override
    public void takeNow(int part, BigDecimal raw, Instant at) {
        now.take(part, raw, at);
    }

    @Override
    public void takeBefore(int part, BigDecimal raw, Instant at) {
        before.take(part, raw, at);
    }

    @Override
    public List<BigDecimal> raw() {
        BigDecimal[] ofNow = now.raw();
        BigDecimal[] ofBefore = before.raw();
        List<BigDecimal> changes = new ArrayList<>();
        for (int part = 0; part < ofNow.length; part++) {
            changes.add(ofNow[part].subtract(ofBefore[part]));
        }
        return List.copyOf(changes);
    }
}
