package io.hourledger.aggregator.silence;

import io.hourledger.contracts.usage.UsageHour;
import java.time.OffsetDateTime;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which closed hours a meter had usage in, over all partitions and instances. */
final class MeterHours {

    /** Only hours that all partitions have closed are looked at; a day is counted back from the last one with usage. */
    private static final String LAST_USED =
            """
            select used.hour as last_used, closed.hour as closed_through,
                   (select count(distinct day.hour)
                      from aggregator.meter_hour day
                     where day.meter = :meter and day.hour > used.hour - interval '24 hours' and day.hour <= used.hour) as used_hours
              from (select min(through) as hour
                      from (select max(hour) as through
                              from aggregator.hour_cutoff
                             where closed_at is not null
                             group by partition) of_partition) closed,
                   lateral (select max(hour) as hour
                              from aggregator.meter_hour
                             where meter = :meter and hour <= closed.hour) used
             where used.hour is not null""";

    private final JdbcClient sql;

    MeterHours(DataSource database) {
        this.sql = JdbcClient.create(database);
    }

    /**
     * How a meter was used of late.
     *
     * @param lastUsed the last closed hour with usage
     * @param closedThrough the last hour that is closed
     * @param usedHours how many of the 24 hours up to {@code lastUsed} had usage
     */
    record Use(UsageHour lastUsed, UsageHour closedThrough, int usedHours) {}

    /** Empty if it was never used. */
    Optional<Use> of(String meter) {
        return sql.sql(LAST_USED)
                .param("meter", meter)
                .query((row, number) -> new Use(
                        UsageHour.of(
                                row.getObject("last_used", OffsetDateTime.class).toInstant()),
                        UsageHour.of(row.getObject("closed_through", OffsetDateTime.class)
                                .toInstant()),
                        row.getInt("used_hours")))
                .optional();
    }
}
