package io.hourledger.aggregator.threshold;

import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/** What a threshold's amount is of. Days and months begin at midnight of a zone. A package has no period of its own. */
enum ThresholdPeriod {
    HOUR,
    DAY,
    MONTH,
    PACKAGE;

    /**
     * A period.
     *
     * @param from included
     * @param to excluded
     */
    record Span(Instant from, Instant to) {

        boolean contains(UsageHour hour) {
            return !hour.start().isBefore(from) && hour.start().isBefore(to);
        }
    }

    /** The period that an hour belongs to. */
    Span of(UsageHour hour, ZoneId zone) {
        LocalDate day = LocalDate.ofInstant(hour.start(), zone);
        return switch (this) {
            case HOUR -> new Span(hour.start(), hour.end());
            case DAY -> span(day, day.plusDays(1), zone);
            case MONTH -> {
                LocalDate first = day.with(TemporalAdjusters.firstDayOfMonth());
                yield span(first, first.plusMonths(1), zone);
            }
            case PACKAGE -> throw new IllegalStateException("a package is used up over any hours");
        };
    }

    private static Span span(LocalDate from, LocalDate to, ZoneId zone) {
        return new Span(
                from.atStartOfDay(zone).toInstant(), to.atStartOfDay(zone).toInstant());
    }

    String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
