package io.hourledger.aggregator.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.simulation.LogRecord.Said;
import io.hourledger.contracts.usage.Meter;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.utils.Utils;

/** A log that grows by a script: ordinary usage, repeats, conflicts, and everything that must be set aside. With gaps in its offsets. */
final class ScriptedLog {

    /** Half of the usage adds up. The readings of the others are of few moments, so that some are equal. */
    private static final List<Meter> METERS = List.of(
            Usage.REQUESTS,
            Usage.EGRESS,
            Usage.EGRESS,
            Usage.PEAK,
            Usage.FLOOR,
            Usage.SIZE,
            Usage.ACCOUNTS,
            Usage.ACCOUNTS,
            Usage.BANDWIDTH,
            Usage.MEDIAN_LEVEL,
            Usage.DISK_HOURS,
            Usage.CALL_BYTES,
            Usage.GOLD_BYTES,
            Usage.GOLD_BYTES,
            Usage.GOLD_BYTES);

    /** What filters look at. A third of what they look at is filtered out. */
    private static final List<String> REGIONS = List.of("eu", "us", "");

    private static final List<String> TIERS = List.of("gold", "trial", "none", "");

    /** What is sent again is one of so many last events. */
    private static final int RECENT = 60;

    private final Random random;
    private final List<List<LogRecord>> partitions = new ArrayList<>();
    private final List<String> instances;
    private final long[] ends;
    private final List<Said> said = new ArrayList<>();
    private int nextId;

    ScriptedLog(Random random, WorldSize size) {
        this.random = random;
        this.instances = size.instances();
        this.ends = new long[size.partitions()];
        for (int i = 0; i < size.partitions(); i++) {
            partitions.add(new ArrayList<>());
        }
    }

    private int partitionOf(String instance) {
        return Utils.toPositive(Utils.murmur2(instance.getBytes(UTF_8))) % ends.length;
    }

    List<LogRecord> records(int partition) {
        return partitions.get(partition);
    }

    /** At most so many records from this offset on. */
    List<LogRecord> next(int partition, long from, int limit) {
        List<LogRecord> all = partitions.get(partition);
        int first = all.size();
        while (first > 0 && all.get(first - 1).offset() >= from) {
            first--;
        }
        return List.copyOf(all.subList(first, Math.min(all.size(), first + limit)));
    }

    long end(int partition) {
        return ends[partition];
    }

    void append(Instant now) {
        Said says = random.nextInt(4) == 0 && !said.isEmpty() ? again(now) : fresh(now);
        int partition = partitionOf(says.instance());
        int dice = random.nextInt(40);
        if (dice == 0) {
            add(partition, now, says.instance(), "no event".getBytes(UTF_8), null, false, false);
        } else if (dice == 1) {
            add(partition, now, says.instance(), null, null, false, false);
        } else if (dice == 2) {
            add((partition + 1) % ends.length, now, says.instance(), json(says), says, true, false);
        } else if (dice == 3) {
            add(partition, now, says.instance() + "x", json(says), says, false, true);
        } else {
            said.add(says);
            add(partition, now, says.instance(), json(says), says, false, false);
        }
        if (random.nextInt(10) == 0) {
            ends[partition]++;
        }
    }

    /** Somebody sends all of the last events of a partition once more. */
    void repeatLast(int partition, Instant now) {
        for (Said says : said.subList(Math.max(0, said.size() - RECENT), said.size())) {
            if (partitionOf(says.instance()) == partition) {
                add(partition, now, says.instance(), json(says), says, false, false);
            }
        }
    }

    private void add(
            int partition, Instant now, String key, byte[] value, Said says, boolean misplaced, boolean wrongKey) {
        partitions
                .get(partition)
                .add(new LogRecord(ends[partition]++, now, key.getBytes(UTF_8), value, says, misplaced, wrongKey));
    }

    private Said fresh(Instant now) {
        String instance = instances.get(random.nextInt(instances.size()));
        Meter meter = METERS.get(random.nextInt(METERS.size()));
        Instant time = timeNear(now);
        return new Said(
                instance,
                "/app",
                "e-" + nextId++,
                meter.name(),
                meter.aggregation().addsByRevision()
                        ? time
                        : time.truncatedTo(ChronoUnit.HOURS)
                                .plusSeconds(random.nextInt(4))
                                .plus(Duration.ofMinutes(
                                        meter.aggregation().needsTimedValues() ? 5L * random.nextInt(4) : 0)),
                valueOf(meter).setScale(2),
                REGIONS.get(random.nextInt(REGIONS.size())),
                TIERS.get(random.nextInt(TIERS.size())));
    }

    /** A unique count has so few that some are equal, and so many that some are more than it takes. */
    private BigDecimal valueOf(Meter meter) {
        return switch (meter.aggregation()) {
            case COUNT -> BigDecimal.ONE;
            case UNIQUE -> new BigDecimal(random.nextInt(7));
            case SUM, MIN, MAX, LATEST, PERCENTILE, TIME_WEIGHTED_SUM ->
                new BigDecimal(random.nextInt(5) == 0 ? "0.25" : "" + random.nextInt(1000));
        };
    }

    private Instant timeNear(Instant now) {
        return switch (random.nextInt(20)) {
            case 0 -> now.minus(Duration.ofHours(1 + random.nextInt(8)));
            case 1 -> now.minus(Duration.ofDays(1 + random.nextInt(2)));
            case 2 -> now.plus(Duration.ofHours(2));
            case 3 -> now.plusSeconds(random.nextInt(3600));
            case 4, 5 -> now.minus(Duration.ofMinutes(10 + random.nextInt(170)));
            default -> now.minusSeconds(random.nextInt(1200));
        };
    }

    /** The same event again, or another one under its name. */
    private Said again(Instant now) {
        Said before = said.get(said.size() - 1 - random.nextInt(Math.min(said.size(), RECENT)));
        return switch (random.nextInt(6)) {
            case 0 -> named(before, "egress", before.time(), new BigDecimal("4711.00"));
            case 1 -> named(before, before.meter(), timeNear(now), before.value());
            case 2 -> before.with(REGIONS.get(random.nextInt(REGIONS.size())), TIERS.get(random.nextInt(TIERS.size())));
            default -> before;
        };
    }

    private static Said named(Said before, String meter, Instant time, BigDecimal value) {
        return new Said(
                before.instance(), before.source(), before.id(), meter, time, value, before.region(), before.tier());
    }

    private byte[] json(Said says) {
        String id = random.nextInt(4) == 0 ? "\\u0065" + says.id().substring(1) : says.id();
        Meter meter = Usage.CATALOGUE.meter(says.meter()).orElseThrow();
        String field = meter.valueField() == null ? "bytes" : meter.valueField();
        return """
                {"specversion":"1.0","id":"%s","source":"%s","type":"%s","subject":"%s","time":"%s","data":{"%s":%s,"largest":%s%s%s}}"""
                .formatted(
                        id,
                        says.source(),
                        meter.eventType(),
                        says.instance(),
                        says.time(),
                        field,
                        says.value(),
                        says.value(),
                        member("region", says.region()),
                        member("tier", says.tier()))
                .getBytes(UTF_8);
    }

    private static String member(String name, String value) {
        return value.isEmpty() ? "" : ",\"" + name + "\":\"" + value + "\"";
    }
}
