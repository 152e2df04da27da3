package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageEvent.Reading;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.Life.Stretch;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** One instance's hour while it is counted again: what it comes to in each of its parts. */
final class WantedHour {

    private final HourMetered metered;
    private final Meter meter;
    private final boolean isAmended;
    private final List<Stretch> billable;
    private final List<Instant> edges;
    private PartAmounts amounts;

    /**
     * @param isAmended whether what counts in its instance's hour has amendments
     */
    WantedHour(HourMetered metered, List<Stretch> billable, Meter meter, boolean isAmended, CountingRules rules) {
        this.metered = metered;
        this.meter = meter;
        this.isAmended = isAmended;
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
        this.amounts = nothingYet(new RoomForValues(rules));
    }

    private PartAmounts nothingYet(RoomForValues room) {
        boolean[] isBillable = new boolean[edges.size() - 1];
        for (int part = 0; part < isBillable.length; part++) {
            Stretch ofPart = new Stretch(edges.get(part), edges.get(part + 1));
            isBillable[part] = billable.stream()
                    .anyMatch(stretch -> !ofPart.from().isBefore(stretch.from())
                            && !ofPart.to().isAfter(stretch.to()));
        }
        return PartAmounts.of(meter, edges, isBillable, room);
    }

    /** Whether its own events do not tell its amount: what was counted in earlier revisions must be read, too. */
    boolean needsEarlierRevisions() {
        return metered.revision() > 0 && (isAmended || !meter.aggregation().adds());
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

    /**
     * The log is read again from elsewhere.
     *
     * @param room of all hours that are counted in the reading
     */
    void startAnew(RoomForValues room) {
        amounts = nothingYet(room);
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
        if (revision == metered.revision()) {
            amounts.take(partOf(event), raw, AmendedAmounts.timeOf(event));
        } else {
            amounts.takeEarlier(partOf(event), raw, AmendedAmounts.timeOf(event));
        }
    }

    private int partOf(EventView event) {
        Instant time = Instant.ofEpochSecond(event.epochSecond(), event.nanos());
        int part = 0;
        while (!time.isBefore(edges.get(part + 1))) {
            part++;
        }
        return part;
    }

    /**
     * Takes an event of its instance and hour once more, as its amendments make it.
     *
     * @param number of its meter in the event's view
     * @param revision in which the event counts
     */
    void takeAmended(EventView event, HourAmendments amendments, int number, int revision) {
        int own = metered.revision();
        BigDecimal now = revision > own ? null : amendments.value(event, meter.name(), number, own);
        BigDecimal before = revision >= own ? null : amendments.value(event, meter.name(), number, own - 1);
        if (now != null) {
            amounts.takeNow(partOf(event), now, AmendedAmounts.timeOf(event));
        }
        if (before != null) {
            amounts.takeBefore(partOf(event), before, AmendedAmounts.timeOf(event));
        }
    }

    /** Whether its meter reads events of this type: an amendment of one stands in its bucket, since it may have read the event, or reads it now. */
    boolean isOfType(String eventType) {
        return eventType.equals(meter.eventType());
    }

    /** Of a unique count what an event reads is no amount: it stands for a value. */
    boolean countsUnique() {
        return meter.aggregation() == Aggregation.UNIQUE;
    }

    /** What its meter reads in the event from then on. */
    BigDecimal readingOf(UsageAmendment amendment) {
        return amendment.readings().stream()
                .filter(reading -> reading.meter().name().equals(meter.name()))
                .map(Reading::value)
                .findFirst()
                .orElse(BigDecimal.ZERO);
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
    Optional<String> mismatch(RecountedHour again) {
        Counted inLedger = Counted.of(metered);
        Bucket bucket = again.buckets().get(bucketKey());
        if (bucket == null) {
            return Optional.of(Counted.sentence(null, inLedger));
        }
        Counted inLog = again.counted(bucket, meter);
        return inLog.equals(inLedger) ? Optional.empty() : Optional.of(Counted.sentence(inLog, inLedger));
    }
}
