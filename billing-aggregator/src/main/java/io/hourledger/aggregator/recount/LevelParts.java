package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.HourLevels;
import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Splits what levels come to by the time for which they hold in each part. A step belongs to the part in which it begins. */
final class LevelParts implements HourParts {

    private final TimeWeighted terms;
    private final UsageHour hour;
    private final int[] firstSteps;
    private @Nullable HourLevels levels;

    /**
     * @param edges where the parts begin and the last one ends
     */
    LevelParts(TimeWeighted terms, UsageHour hour, List<Instant> edges) {
        this.terms = terms;
        this.hour = hour;
        this.firstSteps = edges.stream().mapToInt(this::firstStepFrom).toArray();
    }

    private int firstStepFrom(Instant edge) {
        Duration upToASecond = Duration.between(hour.start(), edge).plusNanos(999_999_999);
        return TimeWeighted.firstStepFrom(upToASecond.toSeconds());
    }

    /** The part of the event's own time says nothing: it may hold in others. */
    @Override
    public void take(int part, BigDecimal raw, Instant at) {
        HourLevels level = HourLevels.of(terms, hour, raw, at);
        levels = levels == null ? level : levels.and(level);
    }

    @Override
    public BigDecimal[] raw() {
        BigDecimal[] raw = new BigDecimal[firstSteps.length - 1];
        Arrays.fill(raw, BigDecimal.ZERO);
        HourLevels held = levels;
        if (held != null) {
            for (int part = 0; part < raw.length; part++) {
                raw[part] = held.rawWithin(firstSteps[part], firstSteps[part + 1]);
            }
        }
        return raw;
    }
}
