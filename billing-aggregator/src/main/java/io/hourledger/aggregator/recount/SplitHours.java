package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Partitioner;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceEvent.HourRecounted;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageBilled;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageWrittenOff;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.StoredEvent;
import io.hourledger.ledger.instance.WithholdReason;
import io.hourledger.ledger.statement.MeteredHours;
import io.hourledger.ledger.store.IndexScansOnly;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The mixed hours that the ledger withholds, as the feed tells of them. Reading the log takes long, and a transaction of the feed that stays
 * open holds all readers back; so the feed only notes what there is to do.
 */
public final class SplitHours implements LedgerFeed.Reader {

    private static final String NOTE =
            """
            insert into aggregator.split_hour (partition, hour, instance, revision)
            values (:partition, :hour, :instance, :revision)
                on conflict do nothing""";

    private static final String SETTLED =
            """
            delete from aggregator.split_hour
             where partition = :partition and hour = :hour and instance = :instance and revision = :revision""";

    private static final String HOURS =
            """
            select distinct hour from aggregator.split_hour where partition = :partition and state = 'to-recount' order by hour""";

    private static final String TO_RECOUNT =
            """
            select instance, revision
              from aggregator.split_hour
             where partition = :partition and hour = :hour and state = 'to-recount' and (instance, revision) > (:instance, :revision)
             order by instance, revision
             limit :limit""";

    private static final String LEFT_TO_A_PERSON =
            """
            update aggregator.split_hour set state = :state, detail = :detail
             where partition = :partition and hour = :hour and instance = :instance and revision = :revision
               and state = 'to-recount'""";

    private final DataSource database;
    private final JdbcClient sql;
    private final MeteredHours ledger;
    private final int partitions;

    /**
     * @param partitions of the usage log
     */
    public SplitHours(DataSource database, int partitions) {
        this.database = database;
        this.sql = JdbcClient.create(database);
        this.partitions = partitions;
        this.ledger = new MeteredHours(database);
    }

    /** What it wants to hear of. */
    public static final Set<Class<? extends InstanceEvent>> EVENTS =
            Set.of(UsageWithheld.class, HourRecounted.class, WithheldUsageBilled.class, WithheldUsageWrittenOff.class);

    private record Key(String instance, int revision) {}

    /** Why no recount can split an hour. */
    enum Stuck {
        LOG_GONE("log-gone"),
        DIFFERS("differs"),
        REFUSED("refused");

        private final String code;

        Stuck(String code) {
            this.code = code;
        }
    }

    @Override
    public void read(List<StoredEvent> batch) {
        for (StoredEvent stored : batch) {
            note(stored.event());
        }
    }

    private void note(InstanceEvent event) {
        switch (event) {
            case UsageWithheld withheld -> {
                if (withheld.reason().equals(WithholdReason.MIXED_HOUR)) {
                    change(NOTE, withheld.instanceId(), withheld.hour(), withheld.revision());
                }
            }
            case HourRecounted settled -> change(SETTLED, settled.instanceId(), settled.hour(), settled.revision());
            case WithheldUsageBilled settled ->
                change(SETTLED, settled.instanceId(), settled.hour(), settled.revision());
            case WithheldUsageWrittenOff settled ->
                change(SETTLED, settled.instanceId(), settled.hour(), settled.revision());
            case InstanceEvent.InstanceOpened _,
                    HourMetered _,
                    InstanceEvent.UsageRecordIssued _,
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
                    InstanceEvent.PackageAdded _,
                    InstanceEvent.PackageFrozen _,
                    InstanceEvent.PackageUnfrozen _,
                    InstanceEvent.PackageExpired _,
                    InstanceEvent.PackageRenewed _,
                    InstanceEvent.PackageWithdrawn _,
                    InstanceEvent.PackageReleased _,
                    InstanceEvent.PackageUseUpNoticed _,
                    InstanceEvent.ThresholdReached _,
                    InstanceEvent.PackageDrawnDown _,
                    InstanceEvent.PackageDrawDownReversed _,
                    InstanceEvent.PackageUsedUp _,
                    InstanceEvent.UsageRecordDisputed _,
                    InstanceEvent.UsageRecordDuplicateListed _,
                    InstanceEvent.UsageRecordReissued _,
                    InstanceEvent.UsageRecordWrittenOff _,
                    InstanceEvent.UsageRecordSettled _ -> {
                // withholds nothing, and settles nothing that was withheld
            }
        }
    }

    /** An instance's usage is counted in the partition that its events belong to, and in no other. */
    private void change(String statement, String instance, Instant hour, int revision) {
        byte[] subject = instance.getBytes(UTF_8);
        sql.sql(statement)
                .param("partition", Partitioner.partitionOf(subject, 0, subject.length, partitions))
                .param("hour", hour.atOffset(ZoneOffset.UTC))
                .param("instance", instance)
                .param("revision", revision)
                .update();
    }

    /** The hours of a partition in which something waits for a recount, the oldest first. */
    List<UsageHour> hoursToRecount(int partition) {
        List<OffsetDateTime> hours = IndexScansOnly.in(database, () -> sql.sql(HOURS)
                .param("partition", partition)
                .query(OffsetDateTime.class)
                .list());
        return hours.stream().map(hour -> new UsageHour(hour.toInstant())).toList();
    }

    /** What waits for a recount in an hour, by instance and revision, behind {@code after}. */
    List<HourMetered> toRecount(int partition, UsageHour hour, @Nullable HourMetered after, int limit) {
        List<Key> keys = IndexScansOnly.in(database, () -> sql.sql(TO_RECOUNT)
                .param("partition", partition)
                .param("hour", hour.start().atOffset(ZoneOffset.UTC))
                .param("instance", after == null ? "" : after.instanceId())
                .param("revision", after == null ? -1 : after.revision())
                .param("limit", limit)
                .query((row, number) -> new Key(Objects.requireNonNull(row.getString(1)), row.getInt(2)))
                .list());
        return keys.stream()
                .map(key -> ledger.of(new InstanceId(key.instance), hour, key.revision)
                        .orElseThrow())
                .toList();
    }

    /** The ledger has said what became of this hour. */
    void settled(HourMetered hour) {
        change(SETTLED, hour.instanceId(), hour.hour(), hour.revision());
    }

    /** No recount will split this hour. */
    void leaveToAPerson(HourMetered hour, Stuck why, String detail) {
        sql.sql(LEFT_TO_A_PERSON)
                .param("partition", hour.log().partition())
                .param("hour", hour.hour().atOffset(ZoneOffset.UTC))
                .param("instance", hour.instanceId())
                .param("revision", hour.revision())
                .param("state", why.code)
                .param("detail", detail)
                .update();
    }
}
