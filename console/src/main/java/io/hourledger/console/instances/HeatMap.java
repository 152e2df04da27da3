package io.hourledger.console.instances;

import io.hourledger.ledger.statement.InstanceOverview.Hour;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The hours of a month as a table: a row for each day, a column for each hour, all UTC. The deeper the colour, the more was metered. */
record HeatMap(List<Day> days) {

    private static final int HOURS = 24;
    private static final int SHADES = 4;
    private static final MathContext FOUR_DIGITS = new MathContext(4, RoundingMode.HALF_UP);

    /** A day with its 24 hours. */
    record Day(LocalDate date, List<Cell> cells) {}

    /**
     * An hour.
     *
     * @param amount rounded to four digits; null if nothing was metered
     * @param shade 0 for nothing, 1 to {@value #SHADES} by its part of the month's largest amount
     * @param withheld whether something of it is withheld
     */
    record Cell(@Nullable BigDecimal amount, int shade, boolean withheld) {

        static final Cell EMPTY = new Cell(null, 0, false);

        /** For the style sheet. */
        public String style() {
            return "h" + shade + (withheld ? " held" : "");
        }
    }

    static HeatMap of(YearMonth month, List<Hour> hours) {
        BigDecimal most = hours.stream().map(Hour::amount).reduce(BigDecimal.ZERO, BigDecimal::max);
        Map<Instant, Cell> cells = new HashMap<>();
        hours.forEach(hour -> cells.put(hour.start(), cell(hour, most)));
        List<Day> days = new ArrayList<>();
        for (int day = 1; day <= month.lengthOfMonth(); day++) {
            LocalDate date = month.atDay(day);
            Instant start = date.atStartOfDay(ZoneOffset.UTC).toInstant();
            List<Cell> row = new ArrayList<>();
            for (int hour = 0; hour < HOURS; hour++) {
                row.add(cells.getOrDefault(start.plusSeconds(3600L * hour), Cell.EMPTY));
            }
            days.add(new Day(date, row));
        }
        return new HeatMap(days);
    }

    private static Cell cell(Hour hour, BigDecimal most) {
        return new Cell(
                hour.amount().round(FOUR_DIGITS),
                shade(hour.amount(), most),
                hour.withheld().signum() != 0);
    }

    private static int shade(BigDecimal amount, BigDecimal most) {
        return amount.signum() <= 0
                ? 0
                : Math.max(
                        1,
                        amount.multiply(BigDecimal.valueOf(SHADES))
                                .divide(most, 0, RoundingMode.CEILING)
                                .intValueExact());
    }
}
