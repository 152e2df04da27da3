package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;
import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.resume.LogGap;
import io.hourledger.aggregator.resume.PartitionPositions;
import io.hourledger.aggregator.resume.PartitionStanding;
import io.hourledger.aggregator.resume.PartitionStanding.StoredHalt;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;

/** Positions, halts and gaps in PostgreSQL. A position moves by compare-and-set, as in a checkpoint. */
public final class PostgresPartitionPositions implements PartitionPositions {

    private static final String STANDINGS =
            """
            select position.partition, position.checkpoint, position.next_offset,
                   (select cutoff.accepts_from from aggregator.hour_cutoff cutoff
                     where cutoff.partition = position.partition and cutoff.cutoff <= position.next_offset
                     order by cutoff.hour desc limit 1),
                   halt.reason, halt.detail, halt.halted_at
              from aggregator.partition_position position
              left join aggregator.partition_halt halt on halt.partition = position.partition
             order by position.partition""";

    private static final String ACCEPTS_FROM =
            "select accepts_from from aggregator.hour_cutoff where partition = ? order by hour desc limit 1";

    private static final String TAKE_HALT =
            "delete from aggregator.partition_halt where partition = ? and reason = ? and detail = ?";

    private static final String RESUMED =
            """
            insert into aggregator.partition_resumption
                   (partition, resumed_at, reason, detail, from_offset, to_offset, decided_by, why)
            values (?, ?, ?, ?, ?, ?, ?, ?)""";

    /** Who counts a partition anew has checkpoint 0, and still begins anew behind records that are skipped. */
    private static final String MOVE =
            """
            update aggregator.partition_position
               set checkpoint = case when checkpoint = 0 then 0 else checkpoint + 1 end, next_offset = ?
             where partition = ? and checkpoint = ? and next_offset = ?""";

    private static final String KEEP_GAP =
            """
            insert into aggregator.log_gap
                   (partition, from_offset, to_offset, first_hour, last_hour, decided_at, decided_by, why)
            values (?, ?, ?, ?, ?, ?, ?, ?)""";

    private static final String GAPS =
            """
            select partition, from_offset, to_offset, first_hour, last_hour, decided_at, decided_by, why
              from aggregator.log_gap
             order by partition, from_offset""";

    private final Transactions transactions;

    public PostgresPartitionPositions(DataSource database) {
        this.transactions = new Transactions(database);
    }

    @Override
    public List<PartitionStanding> all() {
        return transactions.run("say how partitions stand", connection -> {
            List<PartitionStanding> all = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(STANDINGS);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    all.add(standing(row));
                }
            }
            return all;
        });
    }

    private static PartitionStanding standing(ResultSet row) throws SQLException {
        String reason = row.getString(5);
        return new PartitionStanding(
                row.getInt(1),
                row.getLong(2),
                row.getLong(3),
                row.getObject(4) == null ? null : new UsageHour(instant(row, 4)),
                reason == null ? null : new StoredHalt(reason, row.getString(6), instant(row, 7)));
    }

    @Override
    public Optional<PartitionStanding> of(int partition) {
        return all().stream().filter(one -> one.partition() == partition).findFirst();
    }

    /** The first hour of a partition that still accepts what is appended from now on; empty if no hour has ended. */
    public Optional<UsageHour> acceptsFrom(int partition) {
        return transactions.run("say which hours of partition " + partition + " accept usage", connection -> {
            try (PreparedStatement select = connection.prepareStatement(ACCEPTS_FROM)) {
                select.setInt(1, partition);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(new UsageHour(instant(row, 1))) : Optional.empty();
                }
            }
        });
    }

    @Override
    public boolean tryAgain(PartitionStanding standing, DecidedBy by, Instant at) {
        return transactions.run(
                "let partition " + standing.partition() + " go on",
                connection ->
                        takeHalt(connection, standing) && resumed(connection, standing, standing.nextOffset(), by, at));
    }

    @Override
    public boolean skip(PartitionStanding standing, LogGap gap) {
        return transactions.run("move the position of partition " + standing.partition(), connection -> {
            // the position first: as lock and as proof, as in a checkpoint
            if (!move(connection, standing, gap)) {
                return false;
            }
            takeHalt(connection, standing);
            keep(connection, gap);
            return resumed(connection, standing, gap.to(), gap.decidedBy(), gap.decidedAt());
        });
    }

    private static boolean takeHalt(Connection connection, PartitionStanding standing) throws SQLException {
        StoredHalt halted = Objects.requireNonNull(standing.halted());
        try (PreparedStatement delete = connection.prepareStatement(TAKE_HALT)) {
            delete.setInt(1, standing.partition());
            delete.setString(2, halted.reason());
            delete.setString(3, halted.detail());
            return delete.executeUpdate() == 1;
        }
    }

    private static boolean move(Connection connection, PartitionStanding standing, LogGap gap) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(MOVE)) {
            update.setLong(1, gap.to());
            update.setInt(2, standing.partition());
            update.setLong(3, standing.checkpoint());
            update.setLong(4, gap.from());
            return update.executeUpdate() == 1;
        }
    }

    private static void keep(Connection connection, LogGap gap) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(KEEP_GAP)) {
            UsageHour first = gap.firstHour();
            insert.setInt(1, gap.partition());
            insert.setLong(2, gap.from());
            insert.setLong(3, gap.to());
            insert.setObject(4, first == null ? null : timestamp(first.start()));
            insert.setObject(5, timestamp(gap.lastHour().start()));
            insert.setObject(6, timestamp(gap.decidedAt()));
            insert.setString(7, gap.decidedBy().who());
            insert.setString(8, gap.decidedBy().why());
            insert.executeUpdate();
        }
    }

    private static boolean resumed(Connection connection, PartitionStanding standing, long to, DecidedBy by, Instant at)
            throws SQLException {
        StoredHalt halted = Objects.requireNonNull(standing.halted());
        try (PreparedStatement insert = connection.prepareStatement(RESUMED)) {
            insert.setInt(1, standing.partition());
            insert.setObject(2, timestamp(at));
            insert.setString(3, halted.reason());
            insert.setString(4, halted.detail());
            insert.setLong(5, standing.nextOffset());
            insert.setLong(6, to);
            insert.setString(7, by.who());
            insert.setString(8, by.why());
            return insert.executeUpdate() == 1;
        }
    }

    @Override
    public List<LogGap> gaps() {
        return transactions.run("say what was skipped", connection -> {
            List<LogGap> gaps = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(GAPS);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    gaps.add(new LogGap(
                            row.getInt(1),
                            row.getLong(2),
                            row.getLong(3),
                            row.getObject(4) == null ? null : new UsageHour(instant(row, 4)),
                            new UsageHour(instant(row, 5)),
                            instant(row, 6),
                            new DecidedBy(row.getString(7), row.getString(8))));
                }
            }
            return gaps;
        });
    }
}
