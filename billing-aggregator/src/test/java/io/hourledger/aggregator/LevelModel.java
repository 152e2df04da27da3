package io.hourledger.aggregator;

import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What levels come to in an hour, by the plain words of the definition: it looks at each nine seconds, and asks which level holds. */
public final class LevelModel {

    private static final Duration NINE_SECONDS = Duration.ofSeconds(9);

    private LevelModel() {}

    /** A level, as it was set. */
    public record Level(Instant time, BigDecimal value) {}

    /** When the nine seconds begin in which a moment lies. */
    public static Instant begin(Instant moment) {
        return Instant.ofEpochSecond(moment.getEpochSecond() - moment.getEpochSecond() % 9);
    }

    /**
     * In level-hours.
     *
     * @param levels in the order of the log
     */
    public static BigDecimal hour(TimeWeighted terms, UsageHour hour, List<Level> levels) {
        return between(terms, hour.start(), hour.end(), levels);
    }

    /** In level-hours, of the nine seconds that begin from one moment on and before the other. */
    public static BigDecimal between(TimeWeighted terms, Instant from, Instant to, List<Level> levels) {
        BigDecimal sum = BigDecimal.ZERO;
        Instant first = begin(from).equals(from) ? from : begin(from).plus(NINE_SECONDS);
        for (Instant now = first; now.isBefore(to); now = now.plus(NINE_SECONDS)) {
            Level holding = null;
            for (Level level : levels) {
                boolean isSet = !begin(level.time).isAfter(now);
                if (isSet && (holding == null || !level.time.isBefore(holding.time))) {
                    holding = level;
                }
            }
            if (holding != null && now.isBefore(begin(holding.time).plus(terms.holdFor()))) {
                sum = sum.add(holding.value);
            }
        }
        BigDecimal hours = sum.multiply(new BigDecimal("0.0025")).stripTrailingZeros();
        return hours.scale() < 0 ? hours.setScale(0) : hours;
    }
}
