package io.hourledger.aggregator.packages;

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
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.StoredEvent;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
                    InstanceEvent.ThresholdReached _,
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
}
