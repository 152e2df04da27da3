package io.hourledger.aggregator.silence;

import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.store.IndexScansOnly;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which closed hours a meter had usage in, over all partitions and instances. */
final class MeterHours {

    /** Null while a partition has not closed an hour yet. */
    private static final String CLOSED_THROUGH =
            """
            select case when bool_and(closed.hour is not null) then min(closed.hour) end
              from aggregator.partition_position position
              left join lateral (select hour
                                   from aggregator.hour_cutoff
                                  where partition = position.partition and closed_at is not null
                                  order by hour desc
                                  limit 1) closed on true""";

    /** A day is counted back from the last hour with usage. */
    private static final String LAST_USED =
            """
            select used.hour as last_used,
                   (select count(distinct day.hour)
                      from aggregator.meter_hour day
                     where day.meter = :meter and day.hour > used.hour - interval '24 hours' and day.hour <= used.hour) as used_hours
              from (select max(hour) as hour from aggregator.meter_hour where meter = :meter and hour <= :through) used
             where used.hour is not null""";

    private final DataSource database;
    private final JdbcClient sql;

    MeterHours(DataSource database) {
        this.database = database;
        this.sql = JdbcClient.create(database);
    }

    /** The last hour that all partitions have closed. */
    Optional<UsageHour> closedThrough() {
        Optional<OffsetDateTime> closed = IndexScansOnly.in(database, () -> sql.sql(CLOSED_THROUGH)
                .query((row, number) -> Optional.ofNullable(row.getObject(1, OffsetDateTime.class)))
                .single());
        return closed.map(hour -> UsageHour.of(hour.toInstant()));
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
    Optional<Use> of(String meter, UsageHour closedThrough) {
        return IndexScansOnly.in(database, () -> sql.sql(LAST_USED)
                .param("meter", meter)
                .param("through", closedThrough.start().atOffset(ZoneOffset.UTC))
                .query((row, number) -> new Use(
                        UsageHour.of(
                                row.getObject("last_used", OffsetDateTime.class).toInstant()),
                        closedThrough,
                        row.getInt("used_hours")))
                .optional());
    }
}
