package io.hourledger.ledger.statement;

import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.marketplace.MeteringSn;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/** From a usage record back to the hours that made it and to where their events stand in the usage log. */
public final class RecordTrace {

    private static final String RECORD =
            """
            select r.*, i.buyer_id, i.meter
            from ledger.usage_record r
            join ledger.instance i using (instance_id)
            where r.metering_sn = ?
            """;

    /**
     * The record's own hour, and those before it since an earlier record: what they left was carried into this one. Of hours that were ever
     * withheld nothing was left over, but they may have records of their own.
     */
    private static final String HOURS =
            """
            select h.hour, h.revision, h.amount, h.event_count, h.partition, h.first_offset, h.last_offset,
                h.catalogue_version, h.hour = r.hour and h.revision = r.revision as own
            from ledger.usage_record r
            join ledger.metered_hour h using (instance_id)
            where r.metering_sn = ?
              and (h.withheld_reason is null or (h.hour = r.hour and h.revision = r.revision))
              and h.closed_at <= (select closed_at from ledger.metered_hour o
                  where o.instance_id = r.instance_id and o.hour = r.hour and o.revision = r.revision)
              and h.closed_at > coalesce(
                  (select max(o.closed_at)
                   from ledger.metered_hour o
                   join ledger.usage_record e using (instance_id, hour, revision)
                   where o.instance_id = r.instance_id and e.carried = 0
                     and (o.hour, o.revision) <> (r.hour, r.revision)
                     and o.closed_at < (select closed_at from ledger.metered_hour m
                         where m.instance_id = r.instance_id and m.hour = r.hour and m.revision = r.revision)),
                  '-infinity')
            order by h.closed_at desc, h.hour desc
            limit 1001
            """;

    private static final int MOST_SOURCES = 1000;

    private final Reading reading;

    public RecordTrace(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.reading = new Reading(jdbc, transactions);
    }

    /**
     * The record at the end of the trace.
     *
     * @param sources the latest hour first
     * @param moreSources whether there are more than {@value #MOST_SOURCES} hours, of which the earliest are left out
     */
    public record Traced(
            BilledInstance instance,
            Instant hour,
            int revision,
            StatedRecord record,
            List<Source> sources,
            boolean moreSources) {}

    /**
     * An hour whose amount went into the record, with the stretch of the usage log in which its events stand.
     *
     * @param own whether it is the record's own hour; the others gave only what they had left over
     */
    public record Source(
            Instant hour,
            int revision,
            BigDecimal amount,
            long eventCount,
            LogPosition log,
            int catalogueVersion,
            boolean own) {}

    /** Empty if the ledger has no such record. */
    public Optional<Traced> trace(MeteringSn meteringSn) {
        List<Source> sources = new ArrayList<>();
        reading.stream(HOURS, List.of(meteringSn.value()), row -> sources.add(source(row)));
        List<Traced> records = new ArrayList<>();
        reading.stream(RECORD, List.of(meteringSn.value()), row -> records.add(traced(row, sources)));
        return records.stream().findFirst();
    }

    private static Source source(ResultSet row) throws SQLException {
        return new Source(
                Objects.requireNonNull(Reading.moment(row, "hour")),
                row.getInt("revision"),
                row.getBigDecimal("amount"),
                row.getLong("event_count"),
                new LogPosition(row.getInt("partition"), row.getLong("first_offset"), row.getLong("last_offset")),
                row.getInt("catalogue_version"),
                row.getBoolean("own"));
    }

    private static Traced traced(ResultSet row, List<Source> sources) throws SQLException {
        return new Traced(
                BilledInstance.of(row),
                Objects.requireNonNull(Reading.moment(row, "hour")),
                row.getInt("revision"),
                StatedRecord.of(row),
                List.copyOf(sources.subList(0, Math.min(MOST_SOURCES, sources.size()))),
                sources.size() > MOST_SOURCES);
    }
}
