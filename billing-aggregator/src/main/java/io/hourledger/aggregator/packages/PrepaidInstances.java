package io.hourledger.aggregator.packages;

import io.hourledger.aggregator.hour.HourValue;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.StoredEvent;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Which instances draw their usage from packages, as the feed tells; and what they have in buckets that the ledger does not have yet. */
public final class PrepaidInstances implements LedgerFeed.Reader {

    private static final String NOTE =
            """
            insert into aggregator.prepaid_instance (instance)
            select unnest(?::text[])
                on conflict (instance) do update set change = default""";

    private static final String NEW =
            """
            select instance, change from aggregator.prepaid_instance where change > ? order by change limit ?""";

    private static final String WITH_OPEN_BUCKETS =
            """
            select distinct prepaid.instance
              from aggregator.bucket b
              join aggregator.prepaid_instance prepaid on prepaid.instance = b.instance
             where b.partition = ?
               and b.hour > coalesce((select max(hour) from aggregator.hour_cutoff where partition = ? and closed_at is not null), '-infinity')""";

    private static final String CLOSED_THROUGH =
            """
            select coalesce(extract(epoch from max(hour))::bigint, 0)
              from aggregator.hour_cutoff
             where partition = ? and closed_at is not null""";

    /** Every hour since the partition's first is asked for by its own, so that each bucket is found by its key. */
    private static final String OPEN =
            """
            select wanted.number, b.hour, b.raw_total, b.last_event_at
              from unnest(?::text[], ?::text[], ?::bigint[]) with ordinality as wanted (instance, meter, since, number)
             cross join lateral generate_series(
                   greatest(to_timestamp(wanted.since), (select min(hour) from aggregator.bucket where partition = ?)),
                   (select max(hour) from aggregator.bucket where partition = ?), interval '1 hour') as open (hour)
              join aggregator.bucket b
                on b.partition = ? and b.hour = open.hour and b.instance = wanted.instance and b.meter = wanted.meter
             order by b.hour, b.revision""";

    /** What it wants to hear of. */
    public static final Set<Class<? extends InstanceEvent>> EVENTS = Set.of(PackageAdded.class);

    private final JdbcTemplate jdbc;

    public PrepaidInstances(DataSource database) {
        this.jdbc = new JdbcTemplate(database);
    }

    @Override
    public void read(List<StoredEvent> batch) {
        Set<String> prepaid = new LinkedHashSet<>();
        for (StoredEvent stored : batch) {
            if (stored.event() instanceof PackageAdded added) {
                prepaid.add(added.instanceId());
            }
        }
        if (!prepaid.isEmpty()) {
            jdbc.update(connection -> {
                var statement = connection.prepareStatement(NOTE);
                statement.setArray(1, connection.createArrayOf("text", prepaid.toArray()));
                return statement;
            });
        }
    }

    /**
     * Instances that got a package behind {@code change}, the first of them.
     *
     * @param reached is told the change of the last of them
     */
    List<String> newSince(long change, int limit, LongConsumer reached) {
        List<String> instances = new ArrayList<>();
        jdbc.query(
                NEW,
                row -> {
                    instances.add(row.getString(1));
                    reached.accept(row.getLong(2));
                },
                change,
                limit);
        return instances;
    }

    /** Those that have usage in hours of the partition that are not closed. */
    List<String> withOpenBuckets(int partition) {
        return jdbc.queryForList(WITH_OPEN_BUCKETS, String.class, partition, partition);
    }

    /** The start of the last closed hour of a partition, or the beginning of time. */
    Instant closedThrough(int partition) {
        Long seconds = jdbc.queryForObject(CLOSED_THROUGH, Long.class, partition);
        return Instant.ofEpochSecond(Objects.requireNonNull(seconds));
    }

    /**
     * Whose open buckets are asked for.
     *
     * @param since where the hours begin that the ledger does not have
     */
    record Wanted(String instance, String meter, Instant since) {}

    private record OpenHour(Wanted wanted, UsageHour hour) {

        Optional<Meter> meter(CatalogueVersions versions) {
            return versions.of(hour).meter(wanted.meter);
        }
    }

    /**
     * What each instance's kept buckets of a partition come to, in the meter's unit, from where it is asked for on. Hours add up, each by the version
     * of the catalogue that rules it; the revisions of one hour come to what its meter makes of them. What may still become less is used when its
     * hour is over.
     */
    Map<String, BigDecimal> openAmounts(int partition, List<Wanted> wanted, CatalogueVersions versions) {
        Map<OpenHour, HourValue> hours = new LinkedHashMap<>();
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
                    Wanted its = wanted.get(row.getInt(1) - 1);
                    HourValue revision = new HourValue(row.getBigDecimal(3), instant(row, 4));
                    OpenHour hour = new OpenHour(its, new UsageHour(instant(row, 2)));
                    hour.meter(versions)
                            .filter(meter -> meter.aggregation().onlyGrows())
                            .ifPresent(meter -> hours.merge(
                                    hour, revision, (before, later) -> before.and(later, meter.aggregation())));
                });
        Map<String, BigDecimal> totals = new LinkedHashMap<>();
        hours.forEach((open, value) -> totals.merge(
                open.wanted.instance, open.meter(versions).orElseThrow().inUnits(value.raw()), BigDecimal::add));
        return totals;
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
