package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.scan.Meters;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * Works out what the hours of amended instances come to in each revision, while their events go by a second time. All amendments are known by
 * then, so an event is taken at once as it stands in each revision, and no event is held in memory. That is right for every kind of meter,
 * whether it adds or not.
 */
final class AmendedAmounts implements StretchRecount.Listener {

    private final HourAmendments amendments;
    private final NavigableMap<BucketKey, Bucket> buckets;
    private final Map<String, List<Wanted>> byInstance = new HashMap<>();
    private final Map<BucketKey, RunningAmount> amounts = new HashMap<>();

    private final RoomForValues room;

    private final Meters meters;

    private record Wanted(BucketKey key, UsageHour hour, Meter meter) {}

    AmendedAmounts(
            HourAmendments amendments, NavigableMap<BucketKey, Bucket> buckets, Meters meters, RoomForValues room) {
        this.meters = meters;
        this.room = room;
        this.amendments = amendments;
        this.buckets = buckets;
        buckets.forEach((key, bucket) -> {
            if (amendments.areOf(key.instance())) {
                int number = meters.numberOf(key.meter(), bucket.hour());
                byInstance
                        .computeIfAbsent(key.instance(), instance -> new ArrayList<>())
                        .add(new Wanted(key, bucket.hour(), meters.meter(number)));
            }
        });
    }

    @Override
    public void counted(LogRecord record, EventView event, int revision) {
        String instance = StretchRecount.instanceOf(record);
        for (Wanted wanted : byInstance.getOrDefault(instance, List.of())) {
            int number = meters.numberReaching(wanted.key.meter(), event.epochSecond(), wanted.hour);
            if (number >= 0 && revision <= wanted.key.revision()) {
                BigDecimal raw = amendments.value(event, wanted.key.meter(), number, wanted.key.revision());
                if (raw != null) {
                    amounts.computeIfAbsent(wanted.key, key -> new RunningAmount(wanted.meter, wanted.hour, room))
                            .take(raw, timeOf(event));
                }
            }
        }
    }

    static Instant timeOf(EventView event) {
        return Instant.ofEpochSecond(event.epochSecond(), event.nanos()).truncatedTo(ChronoUnit.MICROS);
    }

    /** By how much each revision of an amended instance changes what its hour came to before. */
    Map<BucketKey, BigDecimal> changes() {
        Map<BucketKey, BigDecimal> changes = new HashMap<>();
        byInstance
                .values()
                .forEach(ofInstance -> ofInstance.forEach(wanted -> {
                    Bucket before = null;
                    for (Bucket earlier : wanted.key.earlierIn(buckets)) {
                        before = earlier;
                    }
                    BigDecimal raw = raw(amounts.get(wanted.key));
                    BigDecimal rawBefore = before == null ? BigDecimal.ZERO : raw(amounts.get(BucketKey.of(before)));
                    changes.put(wanted.key, wanted.meter.inUnits(raw.subtract(rawBefore)));
                }));
        return changes;
    }

    private static BigDecimal raw(@Nullable RunningAmount amount) {
        return amount == null ? BigDecimal.ZERO : amount.raw();
    }
}
