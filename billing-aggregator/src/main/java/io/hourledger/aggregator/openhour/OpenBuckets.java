package io.hourledger.aggregator.openhour;

import io.hourledger.aggregator.hour.HourValue;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** What instances have used in hours that the ledger does not have, as checkpoints kept it. It asks nothing of those who count. */
public final class OpenBuckets {

    /** Every hour since the partition's first is asked for by its own, so that each bucket is found by its key. */
    private static final String OPEN =
            """
            select wanted.number, b.hour, b.raw_total, b.first_event_at, b.last_event_at
              from unnest(?::text[], ?::text[], ?::bigint[]) with ordinality as wanted (instance, meter, since, number)
             cross join lateral generate_series(
                   greatest(to_timestamp(wanted.since), (select min(hour) from aggregator.bucket where partition = ?)),
                   (select max(hour) from aggregator.bucket where partition = ?), interval '1 hour') as open (hour)
              join aggregator.bucket b
                on b.partition = ? and b.hour = open.hour and b.instance = wanted.instance and b.meter = wanted.meter
             order by b.hour, b.revision""";

    private static final String CLOSED_THROUGH =
            """
            select coalesce(extract(epoch from max(hour))::bigint, 0)
              from aggregator.hour_cutoff
             where partition = ? and closed_at is not null""";

    private final JdbcTemplate jdbc;

    public OpenBuckets(DataSource database) {
        this.jdbc = new JdbcTemplate(database);
    }

    /**
     * Whose open buckets are asked for.
     *
     * @param since where the hours begin that the ledger does not have
     */
    public record Wanted(String instance, String meter, Instant since) {}

    /**
     * What an instance has used in an hour that the ledger does not have.
     *
     * @param amount in the meter's unit
     * @param meter by the version of the catalogue that rules the hour
     */
    public record OpenHour(UsageHour hour, Meter meter, BigDecimal amount, Instant firstEventAt, Instant lastEventAt) {}

    private record HourOf(int wanted, UsageHour hour) {}

    private record Counted(HourValue value, Instant firstEventAt, Instant lastEventAt) {

        Counted and(Counted later, Aggregation aggregation) {
            return new Counted(
                    value.and(later.value, aggregation),
                    firstEventAt.isBefore(later.firstEventAt) ? firstEventAt : later.firstEventAt,
                    lastEventAt.isAfter(later.lastEventAt) ? lastEventAt : later.lastEventAt);
        }
    }

    /**
     * What each instance has in kept buckets of a partition, hour by hour, from where it is asked for on. Each hour is ruled by its version of the
     * catalogue; its revisions come to what its meter makes of them. What may still become less is used when its hour is over.
     */
    public Map<String, List<OpenHour>> of(int partition, List<Wanted> wanted, CatalogueVersions versions) {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        SortedMap<HourOf, Counted> hours =
                new TreeMap<>(Comparator.comparing(HourOf::hour).thenComparingInt(HourOf::wanted));
        jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement(OPEN);
                    statement.setArray(
                            1,
                            connection.createArrayOf(
                                    "text",
                                    wanted.stream().map(Wanted::instance).toArray()));
                    statement.setArray(
                            2,
                            connection.createArrayOf(
                                    "text", wanted.stream().map(Wanted::meter).toArray()));
                    statement.setArray(
                            3,
                            connection.createArrayOf(
                                    "bigint",
                                    wanted.stream()
                                            .map(one -> one.since().getEpochSecond())
                                            .toArray()));
                    statement.setInt(4, partition);
                    statement.setInt(5, partition);
                    statement.setInt(6, partition);
                    return statement;
                },
                row -> {
                    HourOf hour = new HourOf(row.getInt(1) - 1, new UsageHour(instant(row, 2)));
                    Counted revision = new Counted(
                            new HourValue(row.getBigDecimal(3), instant(row, 5)), instant(row, 4), instant(row, 5));
                    growingMeter(wanted.get(hour.wanted), hour.hour, versions)
                            .ifPresent(meter -> hours.merge(
                                    hour, revision, (before, later) -> before.and(later, meter.aggregation())));
                });
        Map<String, List<OpenHour>> open = new LinkedHashMap<>();
        hours.forEach((hour, counted) -> {
            Wanted its = wanted.get(hour.wanted);
            Meter meter = growingMeter(its, hour.hour, versions).orElseThrow();
            open.computeIfAbsent(its.instance, any -> new ArrayList<>())
                    .add(new OpenHour(
                            hour.hour,
                            meter,
                            meter.inUnits(counted.value.raw()),
                            counted.firstEventAt,
                            counted.lastEventAt));
        });
        return open;
    }

    /** The start of the last closed hour of a partition, or the beginning of time. */
    public Instant closedThrough(int partition) {
        Long seconds = jdbc.queryForObject(CLOSED_THROUGH, Long.class, partition);
        return Instant.ofEpochSecond(Objects.requireNonNull(seconds));
    }

    private static Optional<Meter> growingMeter(Wanted wanted, UsageHour hour, CatalogueVersions versions) {
        return versions.of(hour).meter(wanted.meter).filter(meter -> meter.aggregation()
                .onlyGrows());
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
