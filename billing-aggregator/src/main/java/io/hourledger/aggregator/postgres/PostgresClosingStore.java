package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;
import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.closing.ClosableHour;
import io.hourledger.aggregator.closing.ClosingStore;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Closing on PostgreSQL. Reads nothing that a checkpoint has not committed. */
public final class PostgresClosingStore implements ClosingStore {

    private static final String NEXT_TO_CLOSE =
            """
            select over.hour, over.recorded_at, over.cutoff
              from aggregator.hour_cutoff over
              join aggregator.partition_position position on position.partition = over.partition
             where over.partition = ? and over.closed_at is null and over.cutoff <= position.next_offset
             order by over.hour
             limit 1""";

    private static final String CUTOFFS_THROUGH =
            """
            select hour, recorded_at, cutoff, accepts_from from aggregator.hour_cutoff where partition = ? and hour <= ? order by hour""";

    static final String SEALED_THROUGH =
            """
            select max(hour) from aggregator.hour_cutoff where partition = ? and sealed_at is not null""";

    private static final String CLOSED_THROUGH =
            """
            select max(hour) from aggregator.hour_cutoff where partition = ? and closed_at is not null""";

    private final Transactions transactions;

    public PostgresClosingStore(DataSource database) {
        this.transactions = new Transactions(database);
    }

    @Override
    public Optional<ClosableHour> nextToClose(int partition) {
        return transactions.run("say which hour is over", connection -> {
            try (PreparedStatement select = connection.prepareStatement(NEXT_TO_CLOSE)) {
                select.setInt(1, partition);
                return overHour(partition, select);
            }
        });
    }

    static Optional<ClosableHour> overHour(int partition, PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            return row.next()
                    ? Optional.of(new ClosableHour(
                            partition, new UsageHour(instant(row, 1)), instant(row, 2), row.getLong(3)))
                    : Optional.empty();
        }
    }

    @Override
    public List<Cutoff> cutoffsThrough(ClosableHour hour) {
        return transactions.run("say where hours end", connection -> {
            try (PreparedStatement select = connection.prepareStatement(CUTOFFS_THROUGH)) {
                select.setInt(1, hour.partition());
                select.setObject(2, timestamp(hour.hour().start()));
                List<Cutoff> cutoffs = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        cutoffs.add(new Cutoff(
                                new UsageHour(instant(row, 1)),
                                row.getLong(3),
                                instant(row, 2),
                                new UsageHour(instant(row, 4))));
                    }
                }
                return cutoffs;
            }
        });
    }

    @Override
    public List<Bucket> nextBuckets(ClosableHour hour, int limit) {
        return transactions.run("hand over buckets to close", connection -> {
            List<Bucket> buckets = new HourBuckets(connection, hour).next(limit);
            return buckets;
        });
    }

    static @Nullable Instant momentOf(PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            row.next();
            OffsetDateTime moment = row.getObject(1, OffsetDateTime.class);
            return moment == null ? null : moment.toInstant();
        }
    }

    @Override
    public Map<Bucket, List<Bucket>> earlierRevisions(int partition, Collection<Bucket> buckets) {
        return transactions.run(
                "hand over earlier revisions", connection -> new EarlierRevisions(connection, partition).of(buckets));
    }

    @Override
    public void entered(ClosableHour hour, List<Bucket> buckets, List<Fate> fates, Instant at) {
        transactions.run("keep what became of buckets", connection -> {
            new HourBuckets(connection, hour).entered(buckets, fates, at);
            return hour;
        });
    }

    @Override
    public void closed(ClosableHour hour, Instant at) {
        transactions.run("keep that an hour is closed", connection -> {
            new HourBuckets(connection, hour).closed(at);
            return hour;
        });
    }

    @Override
    public List<String> unmatched(int partition, String afterSubject, int limit) {
        return transactions.run(
                "say which subjects are unmatched",
                connection -> new WaitingBuckets(connection, partition).unmatched(afterSubject, limit));
    }

    @Override
    public Set<String> opened(int partition, int limit) {
        return transactions.run(
                "say which instances were opened",
                connection -> new WaitingBuckets(connection, partition).opened(limit));
    }

    @Override
    public void forgetOpened(int partition, Collection<String> instances) {
        transactions.run(
                "keep which opened instances were looked at",
                connection -> new WaitingBuckets(connection, partition).forgetOpened(instances));
    }

    @Override
    public List<WaitingBucket> unmatchedOf(int partition, Collection<String> instances, int limit) {
        return transactions.run("hand over unmatched buckets", connection -> {
            List<WaitingBucket> unmatched = new WaitingBuckets(connection, partition).unmatchedOf(instances, limit);
            return unmatched;
        });
    }

    @Override
    public List<WaitingBucket> blocked(int partition, String afterInstance, int limit) {
        return transactions.run("hand over blocked buckets", connection -> {
            List<WaitingBucket> blocked = new WaitingBuckets(connection, partition).blocked(afterInstance, limit);
            return blocked;
        });
    }

    @Override
    public Map<String, State> waitingAmong(int partition, Collection<String> instances) {
        return transactions.run(
                "say which instances are unmatched or blocked",
                connection -> new WaitingBuckets(connection, partition).among(instances));
    }

    @Override
    public void waitedFor(int partition, List<Fate> fates, Instant at) {
        transactions.run("keep what became of unmatched and blocked buckets", connection -> {
            BucketStates states = new BucketStates(connection, partition);
            states.mark(fates, List.of(State.UNMATCHED.code(), State.BLOCKED.code()), at);
            // what the ledger has taken is metered, though a person has written it off in the same moment
            List<Fate> metered = fates.stream()
                    .filter(fate -> fate.state() == State.METERED && fate.ofRest() == State.METERED)
                    .toList();
            states.mark(metered, List.of(State.WRITTEN_OFF.code()), at);
            states.takeBackWriteOffs(metered);
            return fates;
        });
    }

    @Override
    public Blocked blocked(int partition) {
        return transactions.run(
                "say which instances are blocked",
                connection -> new WaitingBuckets(connection, partition).howManyBlocked());
    }

    @Override
    public Optional<ClosableHour> sealNext(int partition, Instant at) {
        return new HourSeals(transactions, partition).sealNext(at);
    }

    @Override
    public OptionalLong sealedThrough(int partition) {
        return lastHour("say which hours are sealed", SEALED_THROUGH, partition);
    }

    @Override
    public OptionalLong closedThrough(int partition) {
        return lastHour("say which hours are closed", CLOSED_THROUGH, partition);
    }

    private OptionalLong lastHour(String what, String query, int partition) {
        return transactions.run(what, connection -> {
            try (PreparedStatement select = connection.prepareStatement(query)) {
                select.setInt(1, partition);
                Instant hour = momentOf(select);
                return hour == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(UsageHour.of(hour).number());
            }
        });
    }
}
