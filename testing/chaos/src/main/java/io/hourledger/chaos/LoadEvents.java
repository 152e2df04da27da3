package io.hourledger.chaos;

import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The events of the load. All of an event but its time follows from seed and number, so that it can be told again at any later moment,
 * byte for byte, from those two and its time.
 */
final class LoadEvents {

    /** Amounts are counted in these: the gallery's 4 decimals. */
    static final int UNITS_PER_ONE = 10_000;

    /** Most values are small; a value never is zero. */
    private static final int LARGEST_VALUE = 5_000_000;

    /** One of four events is told long after its moment, the others soon. */
    private static final Duration LONG_DISORDER = Duration.ofHours(1);

    private static final Duration SHORT_DISORDER = Duration.ofMinutes(5);

    /** One of 64 events is told so much later that its hour is over, grace included, and before it accepts no more. */
    private static final int LATE_OF = 64;

    private static final Duration LATE_FROM = Duration.ofHours(14);
    private static final Duration LATE_UNTIL = Duration.ofHours(30);

    /** One of 64 events carries a time that lies ahead, as from an app whose clock is fast. */
    private static final int EARLY_OF = 64;

    private static final Duration EARLY_UNTIL = Duration.ofMinutes(10);

    private static final int ACCOUNTS = 40;

    private static final int LARGEST_LEVEL = 500;

    /** Where ingest writes, and where an app may write itself. */
    static final String TOPIC = "usage-events";

    /** What every source of the load begins with. */
    static final String SOURCES = "urn:hourledger:chaos:";

    private final long seed;
    private final List<LoadInstance> instances;
    private final Instant from;

    /**
     * @param from no event lies before it; all instances are open by then
     */
    LoadEvents(long seed, List<LoadInstance> instances, Instant from) {
        this.seed = seed;
        this.instances = List.copyOf(instances);
        this.from = from;
    }

    /** The longest time between an event and its telling. */
    static Duration longestDisorder() {
        return LATE_UNTIL;
    }

    /** How far an event may lie ahead of its telling. */
    static Duration longestAhead() {
        return EARLY_UNTIL;
    }

    /** When event {@code number} happened, if it is told at {@code now}: a little or a lot earlier, too late for its hour, or ahead. */
    Instant timeOf(long number, Instant now) {
        long draw = draw(number, 1);
        if (Math.floorMod(draw, EARLY_OF) == 1) {
            return now.plusMillis(Math.floorMod(draw >>> 6, EARLY_UNTIL.toMillis()))
                    .truncatedTo(ChronoUnit.MILLIS);
        }
        Duration most = (draw & 3) == 0 ? LONG_DISORDER : SHORT_DISORDER;
        Instant time = Math.floorMod(draw, LATE_OF) == LATE_OF - 1
                ? now.minus(LATE_FROM)
                        .minusMillis(Math.floorMod(
                                draw >>> 6, LATE_UNTIL.minus(LATE_FROM).toMillis()))
                : now.minusMillis(Math.floorMod(draw >>> 2, most.toMillis()));
        return Instant.ofEpochMilli((time.isBefore(from) ? from : time).toEpochMilli());
    }

    int instanceOf(long number) {
        return (int) Math.floorMod(draw(number, 2), (long) instances.size());
    }

    String subjectOf(long number) {
        return instances.get(instanceOf(number)).instanceId();
    }

    LoadMeter meterOf(long number) {
        return instances.get(instanceOf(number)).meter();
    }

    /** Where the event happened. Half of what a filter looks at no version takes; what no filter looks at is of one region. */
    Region regionOf(long number) {
        if (meterOf(number) != LoadMeter.HITS) {
            return Region.EU;
        }
        return switch ((int) Math.floorMod(draw(number, 4), 4L)) {
            case 0 -> Region.EU;
            case 1 -> Region.US;
            default -> Region.AP;
        };
    }

    /** In units of 1/{@value #UNITS_PER_ONE}. */
    long amountOf(long number) {
        if (!meterOf(number).readsAmounts()) {
            return UNITS_PER_ONE;
        }
        if (meterOf(number) == LoadMeter.LEVELS) {
            return levelOf(instanceOf(number)) * UNITS_PER_ONE;
        }
        return 1 + Math.floorMod(draw(number, 3), (long) LARGEST_VALUE);
    }

    /** The one level that an instance has: whole, so that times 1/400 hours it has four decimals. */
    long levelOf(int instance) {
        return 1 + Math.floorMod(draw(instance, 6), (long) LARGEST_LEVEL);
    }

    /** Which account an event is of: so few that most hours see some of them again. */
    int accountOf(long number) {
        return (int) Math.floorMod(draw(number, 5), (long) ACCOUNTS);
    }

    static UsageHour hourOf(Instant time) {
        return UsageHour.of(time);
    }

    /** Appends the event as a CloudEvent. */
    void append(StringBuilder json, long number, Instant time) {
        append(json, number, time, amountOf(number), regionOf(number));
    }

    /** Appends the event with another amount or region than its own. */
    void append(StringBuilder json, long number, Instant time, long amount, Region region) {
        LoadMeter meter = meterOf(number);
        appendHead(json, idOf(number), meter.eventType(), subjectOf(number), time);
        json.append("{");
        if (meter.readsAmounts()) {
            json.append('"').append(ChaosCatalogue.VALUE_FIELD).append("\":");
            appendDecimal(json, amount);
        }
        if (meter == LoadMeter.ACCOUNTS) {
            json.append('"').append(ChaosCatalogue.ACCOUNT_FIELD).append("\":\"account-");
            json.append(accountOf(number)).append('"');
        }
        if (meter == LoadMeter.HITS) {
            json.append(",\"").append(ChaosCatalogue.REGION_FIELD).append("\":\"");
            json.append(region.word()).append('"');
        }
        json.append("}}");
    }

    /** An event outside the numbers, which counts as one. */
    String call(String id, String subject, Instant time) {
        StringBuilder json = new StringBuilder();
        appendHead(json, id, LoadMeter.CALLS.eventType(), subject, time);
        return json.append("{}}").toString();
    }

    private void appendHead(StringBuilder json, String id, String type, String subject, Instant time) {
        json.append("{\"specversion\":\"1.0\",\"id\":\"").append(id);
        json.append("\",\"source\":\"").append(source());
        json.append("\",\"type\":\"").append(type);
        json.append("\",\"subject\":\"").append(subject);
        json.append("\",\"time\":\"").append(time);
        json.append("\",\"datacontenttype\":\"application/json\",\"data\":");
    }

    String source() {
        return SOURCES + seed;
    }

    static String idOf(long number) {
        return "e-" + number;
    }

    private static void appendDecimal(StringBuilder json, long amount) {
        json.append(amount / UNITS_PER_ONE).append('.');
        String decimals = Long.toString(amount % UNITS_PER_ONE);
        json.append("0".repeat(4 - decimals.length())).append(decimals);
    }

    /** Spreads seed, number and purpose over all longs (SplitMix64). */
    private long draw(long number, int purpose) {
        long mixed = seed * 0x9E3779B97F4A7C15L + number * 0xD1B54A32D192ED03L + purpose;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
