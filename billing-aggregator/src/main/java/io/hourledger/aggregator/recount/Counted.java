package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one instance's hour came to, as the log or as the ledger has it. Equal if nothing differs, down to the first and the last offset.
 *
 * @param amount in the meter's unit, without zeros at its end
 */
public record Counted(
        BigDecimal amount, long events, Instant firstEventAt, Instant lastEventAt, long firstOffset, long lastOffset) {

    public Counted {
        BigDecimal stripped = amount.stripTrailingZeros();
        amount = stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    static Counted of(HourMetered metered) {
        return new Counted(
                metered.amount(),
                metered.events().eventCount(),
                metered.events().firstEventAt(),
                metered.events().lastEventAt(),
                metered.log().firstOffset(),
                metered.log().lastOffset());
    }

    /**
     * @param amount what the bucket adds to its hour, in the meter's unit
     */
    static Counted of(Bucket bucket, BigDecimal amount) {
        return new Counted(
                amount,
                bucket.events().eventCount(),
                bucket.events().firstEventAt(),
                bucket.events().lastEventAt(),
                bucket.firstOffset(),
                bucket.lastOffset());
    }

    static String sentence(@Nullable Counted log, @Nullable Counted ledger) {
        return "the log has " + (log == null ? "nothing" : log) + ", the ledger has "
                + (ledger == null ? "nothing" : ledger);
    }

    @Override
    public String toString() {
        return amount.toPlainString() + " in " + events + " events from " + firstEventAt + " to " + lastEventAt
                + " at offsets " + firstOffset + " to " + lastOffset;
    }
}
