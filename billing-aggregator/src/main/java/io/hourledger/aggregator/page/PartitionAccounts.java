package io.hourledger.aggregator.page;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.hourledger.ledger.store.IndexScansOnly;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Invariant 3, partition by partition, from what is kept: buckets and quarantine are added up from their own rows.
 * Duplicates and what was filtered out have no rows, and stand as the count has them. */
public final class PartitionAccounts {

    /** Hours that are closed stand in the totals; those that are not are few. */
    private static final String ACCOUNTS =
            """
            select position.partition, position.next_offset, position.consumed, position.duplicates, position.filtered_out, position.amendments,
                   closed.through as closed_through,
                   (select coalesce(sum(b.events - b.shared_events), 0)
                      from aggregator.bucket b
                     where b.partition = position.partition and b.revision = 0 and b.state = 'counted'
                       and b.hour > coalesce(closed.through, '-infinity'))
                   + (select coalesce(sum(b.events - b.shared_events), 0)
                        from aggregator.bucket b
                       where b.partition = position.partition and b.revision > 0 and b.state = 'counted'
                         and b.ends_with > coalesce(closed.through, '-infinity')) as not_closed
              from aggregator.partition_position position
             cross join lateral (select max(hour) as through
                                   from aggregator.hour_cutoff c
                                  where c.partition = position.partition and c.closed_at is not null) as closed
             order by position.partition""";

    private static final String TOTALS =
            """
            select state, events from aggregator.bucket_total where partition = ?""";

    private static final String QUARANTINED =
            """
            select reason, records as events from aggregator.quarantine_total where partition = ? order by reason""";

    private final JdbcClient database;
    private final TransactionTemplate oneMoment;

    public PartitionAccounts(DataSource database) {
        this.database = JdbcClient.create(database);
        this.oneMoment = new TransactionTemplate(new JdbcTransactionManager(database));
        oneMoment.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        oneMoment.setReadOnly(true);
    }

    /**
     * One partition's account.
     *
     * @param amendments how many of the records in its buckets correct other events
     * @param unexplained what is left of consumed: zero, or something was lost or doubled
     * @param closedThrough start of the last closed hour
     */
    public record Account(
            int partition,
            long nextOffset,
            long consumed,
            @JsonUnwrapped InBuckets buckets,
            @JsonUnwrapped NotCounted notCounted,
            long amendments,
            long unexplained,
            @Nullable Instant closedThrough) {}

    /**
     * What stands in a partition's buckets.
     *
     * @param counted events of hours that are not closed, and those that are metered
     * @param unmatched events of closed hours that no instance has yet
     * @param blocked events of closed hours whose instance cannot go on
     * @param refused events of closed hours that a rule of the ledger does not let in, or that the meter of their product does not read
     * @param dropped events of closed hours that are free: only filters without a product take them
     * @param writtenOff events of closed hours that nobody is billed for, by a person's decision
     */
    public record InBuckets(long counted, long unmatched, long blocked, long refused, long dropped, long writtenOff) {

        /** Of which nothing is written off. */
        public InBuckets(long counted, long unmatched, long blocked, long refused, long dropped) {
            this(counted, unmatched, blocked, refused, dropped, 0);
        }

        long events() {
            return counted + unmatched + blocked + refused + dropped + writtenOff;
        }
    }

    /**
     * What changed no bucket.
     *
     * @param filteredOut events that no meter reads by its filter, which are kept in the log alone
     * @param quarantined events by reason
     */
    public record NotCounted(long duplicates, long filteredOut, Map<String, Long> quarantined) {

        long events() {
            return duplicates
                    + filteredOut
                    + quarantined.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** All partitions in order, as of one moment; not only those of this process. */
    public List<Account> all() {
        return Objects.requireNonNull(oneMoment.execute(status -> {
            database.sql(IndexScansOnly.SET).query().singleRow();
            return accounts();
        }));
    }

    private List<Account> accounts() {
        return database.sql(ACCOUNTS)
                .query((row, number) -> {
                    int partition = row.getInt("partition");
                    long consumed = row.getLong("consumed");
                    InBuckets buckets = inBuckets(partition, row.getLong("not_closed"));
                    NotCounted notCounted = new NotCounted(
                            row.getLong("duplicates"), row.getLong("filtered_out"), quarantined(partition));
                    OffsetDateTime closedThrough = row.getObject("closed_through", OffsetDateTime.class);
                    return new Account(
                            partition,
                            row.getLong("next_offset"),
                            consumed,
                            buckets,
                            notCounted,
                            row.getLong("amendments"),
                            consumed - buckets.events() - notCounted.events(),
                            closedThrough == null ? null : closedThrough.toInstant());
                })
                .list();
    }

    private InBuckets inBuckets(int partition, long notClosed) {
        Map<String, Long> closed = new HashMap<>();
        database.sql(TOTALS).param(partition).query(row -> {
            closed.put(row.getString("state"), row.getLong("events"));
        });
        return new InBuckets(
                notClosed + closed.getOrDefault("metered", 0L),
                closed.getOrDefault("unmatched", 0L),
                closed.getOrDefault("blocked", 0L),
                closed.getOrDefault("refused", 0L),
                closed.getOrDefault("dropped", 0L),
                closed.getOrDefault("written-off", 0L));
    }

    private Map<String, Long> quarantined(int partition) {
        Map<String, Long> byReason = new LinkedHashMap<>();
        database.sql(QUARANTINED).param(partition).query(row -> {
            byReason.put(row.getString("reason"), row.getLong("events"));
        });
        return byReason;
    }
}
