package io.hourledger.ledger.statement;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What became of one revision of one instance's hour by one meter: what it came to, in which usage records it is, what of it is withheld. From
 * the projections.
 */
public final class HourOutcome {

    private static final String HOUR =
            """
            select amount, event_count, withheld, withheld_reason
              from ledger.metered_hour
             where instance_id = :instance and hour = :hour and revision = :revision and meter = :meter""";

    private static final String RECORDS =
            """
            select metering_sn, begin_at, end_at, amount, state, reported_at
              from ledger.usage_record
             where instance_id = :instance and hour = :hour and revision = :revision
             order by begin_at, end_at""";

    private final JdbcClient sql;

    public HourOutcome(DataSource ledger) {
        this.sql = JdbcClient.create(ledger);
    }

    /**
     * An hour that was metered.
     *
     * @param withheld what of it is withheld; zero if nothing is
     * @param withheldReason why; null if nothing ever was
     * @param records the usage records issued for the hour, with what was carried into them
     */
    public record Metered(
            BigDecimal amount,
            long events,
            BigDecimal withheld,
            @Nullable String withheldReason,
            List<IssuedRecord> records) {}

    /**
     * A usage record.
     *
     * @param state the label of the account it is in, such as {@code in-flight}
     * @param reportedAt when the marketplace accepted it; null if it has not
     */
    public record IssuedRecord(
            String meteringSn,
            Instant begin,
            Instant end,
            BigDecimal amount,
            String state,
            @Nullable Instant reportedAt) {}

    /** Empty while the hour is not metered by this meter, or the projections do not have it yet. */
    public Optional<Metered> of(InstanceId instance, UsageHour hour, int revision, String meter) {
        OffsetDateTime start = hour.start().atOffset(ZoneOffset.UTC);
        List<IssuedRecord> records = sql.sql(RECORDS)
                .param("instance", instance.value())
                .param("hour", start)
                .param("revision", revision)
                .query(HourOutcome::issued)
                .list();
        return sql.sql(HOUR)
                .param("instance", instance.value())
                .param("hour", start)
                .param("revision", revision)
                .param("meter", meter)
                .query((row, number) -> new Metered(
                        row.getBigDecimal("amount"),
                        row.getLong("event_count"),
                        row.getBigDecimal("withheld"),
                        row.getString("withheld_reason"),
                        records))
                .optional();
    }

    private static IssuedRecord issued(ResultSet row, int number) throws SQLException {
        OffsetDateTime reportedAt = row.getObject("reported_at", OffsetDateTime.class);
        return new IssuedRecord(
                row.getString("metering_sn"),
                row.getObject("begin_at", OffsetDateTime.class).toInstant(),
                row.getObject("end_at", OffsetDateTime.class).toInstant(),
                row.getBigDecimal("amount"),
                row.getString("state"),
                reportedAt == null ? null : reportedAt.toInstant());
    }
}
