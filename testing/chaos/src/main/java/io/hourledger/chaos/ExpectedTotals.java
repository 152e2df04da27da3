package io.hourledger.chaos;

import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What the load got acknowledged, each id once. */
final class ExpectedTotals {

    private final LoadEvents events;
    private final List<LoadInstance> instances;
    private final Map<UsageHour, long[]> amounts = new HashMap<>();
    private final Map<UsageHour, long[]> counts = new HashMap<>();
    private final BitSet acknowledged = new BitSet();
    private long[] times = new long[1 << 16];
    private long highest = -1;

    ExpectedTotals(LoadEvents events, List<LoadInstance> instances) {
        this.events = events;
        this.instances = List.copyOf(instances);
    }

    /** Takes an acknowledgement; one of an id that was acknowledged before changes nothing. */
    synchronized void acknowledge(long number, Instant time) {
        int index = Math.toIntExact(number);
        if (acknowledged.get(index)) {
            return;
        }
        acknowledged.set(index);
        if (index >= times.length) {
            times = Arrays.copyOf(times, Math.max(2 * times.length, index + 1));
        }
        times[index] = time.toEpochMilli();
        highest = Math.max(highest, number);
        UsageHour hour = LoadEvents.hourOf(time);
        int instance = events.instanceOf(number);
        amounts.computeIfAbsent(hour, absent -> new long[instances.size()])[instance] += events.amountOf(number);
        counts.computeIfAbsent(hour, absent -> new long[instances.size()])[instance]++;
    }

    synchronized long acknowledged() {
        return acknowledged.cardinality();
    }

    /** An event that was acknowledged and is to be told again, or null while there is none. */
    synchronized @Nullable Told drawAgain(Random random, Instant notBefore, int within) {
        for (int tries = 0; tries < 20 && highest > 0; tries++) {
            long number = highest - random.nextLong(Math.min(within, highest));
            Instant time = Instant.ofEpochMilli(number < times.length ? times[(int) number] : 0);
            if (acknowledged.get((int) number) && !time.isBefore(notBefore)) {
                return new Told(number, time);
            }
        }
        return null;
    }

    /** An event and the time it was given when it was told first. */
    record Told(long number, Instant time) {}

    synchronized HourAmounts amounts() {
        HourAmounts all = new HourAmounts();
        amounts.forEach((hour, perInstance) -> {
            long[] perInstanceCount = counts.getOrDefault(hour, new long[instances.size()]);
            for (int i = 0; i < perInstance.length; i++) {
                if (perInstanceCount[i] > 0) {
                    all.add(
                            instances.get(i).instanceId(),
                            hour,
                            BigDecimal.valueOf(perInstance[i], 4),
                            perInstanceCount[i]);
                }
            }
        });
        return all;
    }
}
