package io.hourledger.aggregator.packages;

import io.hourledger.aggregator.packages.UsageAtBoundaries.Boundary;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceEvent.PackageFrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageReleased;
import io.hourledger.contracts.instance.InstanceEvent.PackageUnfrozen;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.StoredEvent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
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

    /** What it wants to hear of. */
    public static final Set<Class<? extends InstanceEvent>> EVENTS =
            Set.of(PackageAdded.class, PackageFrozen.class, PackageUnfrozen.class, PackageReleased.class);

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
        List<Boundary> boundaries = batch.stream()
                .flatMap(stored -> boundary(stored.event()).stream())
                .toList();
        if (!boundaries.isEmpty()) {
            Set<String> prepaid = new LinkedHashSet<>();
            boundaries.forEach(boundary -> prepaid.add(boundary.instance()));
            jdbc.update(connection -> {
                var statement = connection.prepareStatement(NOTE);
                statement.setArray(1, connection.createArrayOf("text", prepaid.toArray()));
                return statement;
            });
            atBoundaries.note(boundaries);
        }
    }

    /** The moment from which on other packages pay. */
    private static Optional<Boundary> boundary(InstanceEvent event) {
        return switch (event) {
            case PackageAdded added -> Optional.of(new Boundary(added.instanceId(), added.addedAt()));
            case PackageFrozen frozen -> Optional.of(new Boundary(frozen.instanceId(), frozen.frozenAt()));
            case PackageUnfrozen unfrozen -> Optional.of(new Boundary(unfrozen.instanceId(), unfrozen.unfrozenAt()));
            case PackageReleased released -> Optional.of(new Boundary(released.instanceId(), released.releasedAt()));
            case InstanceEvent.InstanceOpened _,
                    InstanceEvent.HourMetered _,
                    InstanceEvent.UsageRecordIssued _,
                    InstanceEvent.UsageWithheld _,
                    InstanceEvent.UsageRecordReported _,
                    InstanceEvent.UsageRecordRefused _,
                    InstanceEvent.UsageRecordOutcomeUnknown _,
                    InstanceEvent.RemainderWrittenOff _,
                    InstanceEvent.InstanceReleased _,
                    InstanceEvent.InstanceRenewed _,
                    InstanceEvent.InstanceUpgraded _,
                    InstanceEvent.InstanceFrozen _,
                    InstanceEvent.InstanceUnfrozen _,
                    InstanceEvent.InstanceExpired _,
                    InstanceEvent.PackageUseUpNoticed _,
                    InstanceEvent.ThresholdReached _,
                    InstanceEvent.PackageDrawnDown _,
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
