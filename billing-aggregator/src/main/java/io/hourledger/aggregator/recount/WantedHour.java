package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.HourValue;
import io.hourledger.aggregator.scan.EventView;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.Life.Stretch;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeSet;

/** One instance's hour while it is counted again: what it comes to in each of its parts. */
final class WantedHour {

    private final HourMetered metered;
    private final Meter meter;
    private final List<Stretch> billable;
    private final List<Instant> edges;
    private PartAmounts amounts;

    WantedHour(HourMetered metered, List<Stretch> billable, Meter meter) {
        this.metered = metered;
        this.meter = meter;
        this.billable = billable;
        UsageHour hour = new UsageHour(metered.hour());
        TreeSet<Instant> all = new TreeSet<>();
        billable.forEach(stretch -> {
            all.add(stretch.from());
            all.add(stretch.to());
        });
        all.add(hour.start());
        all.add(hour.end());
        this.edges = List.copyOf(all.subSet(hour.start(), true, hour.end(), true));
        this.amounts = nothingYet();
    }

    private PartAmounts nothingYet() {
        int parts = edges.size() - 1;
        if (meter.aggregation().adds()) {
            return new AddedParts(parts);
        }
        boolean[] isBillable = new boolean[parts];
        for (int part = 0; part < parts; part++) {
            Stretch ofPart = new Stretch(edges.get(part), edges.get(part + 1));
            isBillable[part] = billable.stream()
                    .anyMatch(stretch -> !ofPart.from().isBefore(stretch.from())
                            && !ofPart.to().isAfter(stretch.to()));
        }
        return new HeldParts(meter.aggregation(), isBillable);
    }

    /** Whether its own events do not tell its amount: what was counted in earlier revisions must be read, too. */
    boolean needsEarlierRevisions() {
        return metered.revision() > 0 && !meter.aggregation().adds();
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
        amounts = nothingYet();
    }

    /**
     * Takes an event of its instance, hour and meter.
     *
     * @param raw what the meter reads in it
     * @param revision in which the event counts
     */
    void take(EventView event, BigDecimal raw, int revision) {
        if (revision > metered.revision()) {
            return;
        }
        Instant time = Instant.ofEpochSecond(event.epochSecond(), event.nanos());
        int part = 0;
        while (!time.isBefore(edges.get(part + 1))) {
            part++;
        }
        HourValue value = new HourValue(raw, time.truncatedTo(ChronoUnit.MICROS));
        if (revision == metered.revision()) {
            amounts.take(part, value);
        } else {
            amounts.takeEarlier(part, value);
        }
    }

    /** What a raw value is in the meter's unit, without zeros at its end. */
    BigDecimal inUnits(BigDecimal raw) {
        BigDecimal amount = meter.inUnits(raw).stripTrailingZeros();
        return amount.scale() < 0 ? amount.setScale(0) : amount;
    }

    /** Each part with what it comes to in the meter's unit, also those without usage. */
    List<RecountedPart> parts() {
        List<BigDecimal> raw = amounts.raw();
        List<RecountedPart> parts = new ArrayList<>();
        for (int i = 0; i < raw.size(); i++) {
            parts.add(new RecountedPart(edges.get(i), edges.get(i + 1), inUnits(raw.get(i))));
        }
        return parts;
    }

    /** How what was counted again differs from what the ledger has; empty if it does not. */
    Optional<String> mismatch(NavigableMap<BucketKey, Bucket> again) {
        Counted inLedger = Counted.of(metered);
        Bucket bucket = again.get(bucketKey());
        if (bucket == null) {
            return Optional.of(Counted.sentence(null, inLedger));
        }
        Counted inLog = Counted.of(bucket, bucketKey().earlierIn(again), meter);
        return inLog.equals(inLedger) ? Optional.empty() : Optional.of(Counted.sentence(inLog, inLedger));
    }
}
