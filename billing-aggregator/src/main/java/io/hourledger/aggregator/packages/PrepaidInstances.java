package io.hourledger.aggregator.packages;

import io.hourledger.aggregator.hour.HourValue;
import io.hourledger.aggregator.packages.UsageAtBoundaries.Boundary;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.InstanceExpired;
import io.hourledger.contracts.instance.InstanceEvent.InstanceFrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceReleased;
import io.hourledger.contracts.instance.InstanceEvent.InstanceRenewed;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUpgraded;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceEvent.PackageExpired;
import io.hourledger.contracts.instance.InstanceEvent.PackageFrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageReleased;
import io.hourledger.contracts.instance.InstanceEvent.PackageRenewed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUnfrozen;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.StoredEvent;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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
            select wanted.number, b.hour, b.raw_total, b.first_event_at, b.last_event_at
              from unnest(?::text[], ?::text[], ?::bigint[]) with ordinality as wanted (instance, meter, since, number)
             cross join lateral generate_series(
                   greatest(to_timestamp(wanted.since), (select min(hour) from aggregator.bucket where partition = ?)),
                   (select max(hour) from aggregator.bucket where partition = ?), interval '1 hour') as open (hour)
              join aggregator.bucket b
                on b.partition = ? and b.hour = open.hour and b.instance = wanted.instance and b.meter = wanted.meter
             order by b.hour, b.revision""";

    private static final String PREPAID =
            "select instance from aggregator.prepaid_instance where instance = any (?::text[])";

    /** What it wants to hear of. */
    public static final Set<Class<? extends InstanceEvent>> EVENTS = Set.of(
            PackageAdded.class,
            PackageFrozen.class,
            PackageUnfrozen.class,
            PackageExpired.class,
            PackageRenewed.class,
            PackageReleased.class,
            InstanceFrozen.class,
            InstanceUnfrozen.class,
            InstanceExpired.class,
            InstanceRenewed.class,
            InstanceUpgraded.class,
            InstanceReleased.class);

    private final JdbcTemplate jdbc;
    private final UsageAtBoundaries atBoundaries;

    /**
     * @param partitions of the usage log
     */
    public PrepaidInstances(DataSource database, int partitions) {
        this.jdbc = new JdbcTemplate(database);
        this.atBoundaries = new UsageAtBoundaries(jdbc, partitions);
    }

    @Override
    public void read(List<StoredEvent> batch) {
        List<Change> changes = batch.stream()
                .flatMap(stored -> change(stored.event()).stream())
                .toList();
        List<Boundary> ofPackages =
                changes.stream().filter(Change::ofPackage).map(Change::boundary).toList();
        List<Boundary> ofLives = changes.stream()
                .filter(change -> !change.ofPackage())
                .map(Change::boundary)
                .toList();
        if (!ofPackages.isEmpty()) {
            jdbc.update(NOTE, statement -> statement.setArray(1, instances(statement.getConnection(), ofPackages)));
        }
        List<Boundary> boundaries = new ArrayList<>(ofPackages);
        if (!ofLives.isEmpty()) {
            Set<String> prepaid = new HashSet<>();
            jdbc.query(
                    PREPAID, statement -> statement.setArray(1, instances(statement.getConnection(), ofLives)), row -> {
                        prepaid.add(row.getString(1));
                    });
            ofLives.stream()
                    .filter(boundary -> prepaid.contains(boundary.instance()))
                    .forEach(boundaries::add);
        }
        if (!boundaries.isEmpty()) {
            atBoundaries.note(boundaries);
        }
    }

    private static Array instances(Connection connection, List<Boundary> boundaries) throws SQLException {
        return connection.createArrayOf(
                "text", boundaries.stream().map(Boundary::instance).distinct().toArray());
    }

    /** A moment from which on usage is told apart, and whether it makes its instance prepaid. */
    private record Change(Boundary boundary, boolean ofPackage) {

        static Optional<Change> ofPackage(String instance, Instant at) {
            return Optional.of(new Change(new Boundary(instance, at), true));
        }

        /** Usage is billable from then on, or is not, or is another product's. */
        static Optional<Change> ofLife(String instance, Instant at) {
            return Optional.of(new Change(new Boundary(instance, at), false));
        }
    }

    private static Optional<Change> change(InstanceEvent event) {
        return switch (event) {
            case PackageAdded added -> Change.ofPackage(added.instanceId(), added.addedAt());
            case PackageFrozen frozen -> Change.ofPackage(frozen.instanceId(), frozen.frozenAt());
            case PackageUnfrozen unfrozen -> Change.ofPackage(unfrozen.instanceId(), unfrozen.unfrozenAt());
            case PackageExpired expired -> Change.ofPackage(expired.instanceId(), expired.expiredAt());
            case PackageRenewed renewed -> Change.ofPackage(renewed.instanceId(), renewed.renewedAt());
            case PackageReleased released -> Change.ofPackage(released.instanceId(), released.releasedAt());
            case InstanceFrozen frozen -> Change.ofLife(frozen.instanceId(), frozen.frozenAt());
            case InstanceUnfrozen unfrozen -> Change.ofLife(unfrozen.instanceId(), unfrozen.unfrozenAt());
            case InstanceExpired expired -> Change.ofLife(expired.instanceId(), expired.expiredAt());
            case InstanceRenewed renewed -> Change.ofLife(renewed.instanceId(), renewed.renewedAt());
            case InstanceUpgraded upgraded -> Change.ofLife(upgraded.instanceId(), upgraded.upgradedAt());
            case InstanceReleased released -> Change.ofLife(released.instanceId(), released.releasedAt());
            case InstanceEvent.InstanceOpened _,
                    InstanceEvent.HourMetered _,
                    InstanceEvent.UsageRecordIssued _,
                    InstanceEvent.UsageWithheld _,
                    InstanceEvent.UsageRecordReported _,
                    InstanceEvent.UsageRecordRefused _,
                    InstanceEvent.UsageRecordOutcomeUnknown _,
                    InstanceEvent.RemainderWrittenOff _,
                    InstanceEvent.PackageUseUpNoticed _,
                    InstanceEvent.PackageDrawnDown _,
                    InstanceEvent.PackageDrawDownReversed _,
                    InstanceEvent.PackageWithdrawn _,
                    InstanceEvent.PackageUsedUp _,
                    InstanceEvent.HourRecounted _,
                    InstanceEvent.WithheldUsageBilled _,
                    InstanceEvent.WithheldUsageWrittenOff _,
                    InstanceEvent.UsageRecordDisputed _,
                    InstanceEvent.UsageRecordDuplicateListed _,
                    InstanceEvent.UsageRecordReissued _,
                    InstanceEvent.UsageRecordWrittenOff _,
                    InstanceEvent.UsageRecordSettled _ -> Optional.empty();
        };
    }

    /** What was counted when other packages began to pay. */
    UsageAtBoundaries atBoundaries() {
        return atBoundaries;
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

    /**
     * What an instance has used in an hour that the ledger does not have.
     *
     * @param amount in the meter's unit
     * @param meter by the version of the catalogue that rules the hour
     */
    record OpenHour(UsageHour hour, Meter meter, BigDecimal amount, Instant firstEventAt, Instant lastEventAt) {}

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
    Map<String, List<OpenHour>> openHours(int partition, List<Wanted> wanted, CatalogueVersions versions) {
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

    private static Optional<Meter> growingMeter(Wanted wanted, UsageHour hour, CatalogueVersions versions) {
        return versions.of(hour).meter(wanted.meter).filter(meter -> meter.aggregation()
                .onlyGrows());
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
