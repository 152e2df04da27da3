package io.hourledger.aggregator.page;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Invariant 3, partition by partition, from what is kept: each part is added up from its own rows, not taken from the tally of the whole. */
public final class PartitionAccounts {

    private static final String ACCOUNTS =
            """
            select position.partition, position.next_offset, position.consumed, position.duplicates,
                   coalesce(b.counted, 0) as counted, coalesce(b.waiting, 0) as waiting,
                   coalesce(b.blocked, 0) as blocked, coalesce(b.refused, 0) as refused,
                   (select max(hour) from aggregator.hour_cutoff c
                     where c.partition = position.partition and c.closed_at is not null) as closed_through
              from aggregator.partition_position position
              left join (select partition,
                                sum(events) filter (where state not in ('waiting', 'blocked')) as counted,
                                sum(events) filter (where state = 'waiting') as waiting,
                                sum(events) filter (where state = 'blocked') as blocked,
                                count(*) filter (where state = 'refused') as refused
                           from aggregator.bucket
                          group by partition) as b on b.partition = position.partition
             order by position.partition""";

    private static final String QUARANTINED =
            """
            select reason, count(*) as events from aggregator.quarantine where partition = ? group by reason order by reason""";

    private final JdbcClient database;

    public PartitionAccounts(JdbcClient database) {
        this.database = database;
    }

    /**
     * One partition's account.
     *
     * @param quarantined events by reason
     * @param unexplained what is left of consumed: zero, or something was lost or doubled
     * @param closedThrough start of the last closed hour
     */
    public record Account(
            int partition,
            long nextOffset,
            long consumed,
            @JsonUnwrapped InBuckets buckets,
            long duplicates,
            Map<String, Long> quarantined,
            long unexplained,
            @Nullable Instant closedThrough) {}

    /**
     * What stands in a partition's buckets.
     *
     * @param counted events, but for those that are waiting or blocked
     * @param waiting events of closed hours whose instance nobody knows yet
     * @param blocked events of closed hours whose instance cannot go on
     * @param refusedBuckets hours of instances that the ledger refused
     */
    public record InBuckets(long counted, long waiting, long blocked, long refusedBuckets) {

        long events() {
            return counted + waiting + blocked;
        }
    }

    /** All partitions in order; not only those of this process. */
    public List<Account> all() {
        return database.sql(ACCOUNTS)
                .query((row, number) -> {
                    int partition = row.getInt("partition");
                    Map<String, Long> quarantined = quarantined(partition);
                    long consumed = row.getLong("consumed");
                    InBuckets buckets = new InBuckets(
                            row.getLong("counted"),
                            row.getLong("waiting"),
                            row.getLong("blocked"),
                            row.getLong("refused"));
                    long duplicates = row.getLong("duplicates");
                    long aside = quarantined.values().stream()
                            .mapToLong(Long::longValue)
                            .sum();
                    OffsetDateTime closedThrough = row.getObject("closed_through", OffsetDateTime.class);
                    return new Account(
                            partition,
                            row.getLong("next_offset"),
                            consumed,
                            buckets,
                            duplicates,
                            quarantined,
                            consumed - buckets.events() - duplicates - aside,
                            closedThrough == null ? null : closedThrough.toInstant());
                })
                .list();
    }

    private Map<String, Long> quarantined(int partition) {
        Map<String, Long> byReason = new LinkedHashMap<>();
        database.sql(QUARANTINED).param(partition).query(row -> {
            byReason.put(row.getString("reason"), row.getLong("events"));
        });
        return byReason;
    }
}
