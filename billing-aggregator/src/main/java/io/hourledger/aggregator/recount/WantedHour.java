package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.scan.EventView;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One instance's hour while it is counted again: what it comes to in each of its parts. */
final class WantedHour {

    private final HourMetered metered;
    private final Meter meter;
    private final List<Instant> edges;
    private final BigInteger[] rawTotals;

    WantedHour(HourMetered metered, SortedSet<Instant> boundaries, Meter meter) {
        this.metered = metered;
        this.meter = meter;
        UsageHour hour = new UsageHour(metered.hour());
        TreeSet<Instant> all = new TreeSet<>(boundaries);
        all.add(hour.start());
        all.add(hour.end());
        this.edges = List.copyOf(all.subSet(hour.start(), true, hour.end(), true));
        this.rawTotals = new BigInteger[edges.size() - 1];
        startAnew();
    }

    HourMetered metered() {
        return metered;
    }

    ByteBuffer key() {
        return ByteBuffer.wrap(metered.instanceId().getBytes(UTF_8));
    }

    BucketKey bucketKey() {
        return BucketKey.of(metered);
    }

    /** The log is read again from elsewhere. */
    void startAnew() {
        Arrays.fill(rawTotals, BigInteger.ZERO);
    }

    void take(EventView event) {
        Instant time = Instant.ofEpochSecond(event.epochSecond(), event.nanos());
        int part = 0;
        while (!time.isBefore(edges.get(part + 1))) {
            part++;
        }
        rawTotals[part] = rawTotals[part].add(value(event));
    }

    /** What an event is in the meter's unit. */
    BigDecimal quantity(EventView event) {
        return inUnits(value(event));
    }

    private BigDecimal inUnits(BigInteger raw) {
        BigDecimal amount =
                meter.inUnits(new BigDecimal(raw, EventView.VALUE_SCALE)).stripTrailingZeros();
        return amount.scale() < 0 ? amount.setScale(0) : amount;
    }

    private static BigInteger value(EventView event) {
        BigInteger low = BigInteger.valueOf(event.valueLow());
        if (event.valueLow() < 0) {
            low = low.add(BigInteger.ONE.shiftLeft(Long.SIZE));
        }
        return BigInteger.valueOf(event.valueHigh()).shiftLeft(Long.SIZE).add(low);
    }

    /** Each part with what it comes to in the meter's unit, also those without usage. */
    List<RecountedPart> parts() {
        List<RecountedPart> parts = new ArrayList<>();
        for (int i = 0; i < rawTotals.length; i++) {
            parts.add(new RecountedPart(edges.get(i), edges.get(i + 1), inUnits(rawTotals[i])));
        }
        return parts;
    }

    /** How what was counted again differs from what the ledger has; empty if it does not. */
    Optional<String> mismatch(@Nullable Bucket again) {
        Counted inLedger = Counted.of(metered);
        if (again == null) {
            return Optional.of(Counted.sentence(null, inLedger));
        }
        Counted inLog = Counted.of(again, meter);
        return inLog.equals(inLedger) ? Optional.empty() : Optional.of(Counted.sentence(inLog, inLedger));
    }
}
