package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.lag.StoredPosition;
import io.hourledger.aggregator.lag.StoredPosition.NextCutoff;
import io.hourledger.aggregator.lag.StoredPosition.StoredHalt;
import io.hourledger.aggregator.lag.StoredPositions;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Reads how far all partitions are counted and closed; each value is the first of an index. */
public final class PostgresStoredPositions implements StoredPositions {

    private static final String POSITIONS =
            """
            select position.partition, position.next_offset,
                   (select max(hour) from aggregator.hour_cutoff cutoff
                     where cutoff.partition = position.partition and cutoff.closed_at is not null) as closed_through,
                   next.hour as next_hour, next.cutoff as next_cutoff,
                   (select min(hour) from aggregator.bucket bucket
                     where bucket.partition = position.partition) as first_bucket,
                   halt.halted_at, halt.reason, halt.detail
              from aggregator.partition_position position
              left join aggregator.partition_halt halt on halt.partition = position.partition
              left join lateral (select hour, cutoff
                                   from aggregator.hour_cutoff cutoff
                                  where cutoff.partition = position.partition and cutoff.closed_at is null
                                  order by hour
                                  limit 1) as next on true
             order by position.partition""";

    private final Transactions transactions;

    public PostgresStoredPositions(DataSource database) {
        this.transactions = new Transactions(database);
    }

    @Override
    public List<StoredPosition> all() {
        return transactions.run("say how far partitions are counted", PostgresStoredPositions::all);
    }

    private static List<StoredPosition> all(Connection connection) throws SQLException {
        List<StoredPosition> all = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(POSITIONS);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                UsageHour next = hour(row, "next_hour");
                all.add(new StoredPosition(
                        row.getInt("partition"),
                        row.getLong("next_offset"),
                        hour(row, "closed_through"),
                        next == null ? null : new NextCutoff(next, row.getLong("next_cutoff")),
                        hour(row, "first_bucket"),
                        halt(row)));
            }
        }
        return all;
    }

    private static @Nullable StoredHalt halt(ResultSet row) throws SQLException {
        OffsetDateTime since = row.getObject("halted_at", OffsetDateTime.class);
        return since == null
                ? null
                : new StoredHalt(since.toInstant(), row.getString("reason"), row.getString("detail"));
    }

    private static @Nullable UsageHour hour(ResultSet row, String column) throws SQLException {
        OffsetDateTime start = row.getObject(column, OffsetDateTime.class);
        return start == null ? null : new UsageHour(start.toInstant());
    }
}
