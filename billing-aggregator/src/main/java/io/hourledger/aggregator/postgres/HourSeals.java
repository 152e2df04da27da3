package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.closing.ClosableHour;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Seals the closed hours of one partition, the oldest first, and keeps the ids of late events few that lie beside the blocks of their hour. */
final class HourSeals {

    private static final String NEXT_TO_SEAL =
            """
            select hour, recorded_at, cutoff
              from aggregator.hour_cutoff
             where partition = ? and closed_at is not null and sealed_at is null
             order by hour
             limit 1""";

    private static final String POSITION =
            """
            select next_offset from aggregator.partition_position where partition = ?""";

    /** Hours without a cutoff of their own are sealed with the next one that has one. */
    private static final String HOURS_BESIDE =
            """
            select hour, sum(ids) as ids
              from (select hour, octet_length(ids) / 16 as ids from aggregator.counted_ids where partition = ? and hour <= ?
                     union all
                    select hour, octet_length(ids) / 16 as ids from aggregator.ids_on_disk where partition = ? and hour <= ?) as beside
             group by hour
             order by hour""";

    private static final String BEGIN =
            """
            update aggregator.hour_cutoff
               set seal_attempt = seal_attempt + 1
             where partition = ? and hour = ? and sealed_at is null
            returning seal_attempt""";

    private static final String ATTEMPT =
            """
            select seal_attempt from aggregator.hour_cutoff where partition = ? and hour = ? and sealed_at is null""";

    private static final String SEALED =
            """
            update aggregator.hour_cutoff set sealed_at = ? where partition = ? and hour = ?""";

    /** A look-up of late events reads all ids that lie beside blocks: with more they are added to the blocks before the next hour is sealed. */
    private static final int MOST_LATE_IDS_BESIDE = 50_000;

    private final Transactions transactions;
    private final int partition;

    HourSeals(Transactions transactions, int partition) {
        this.transactions = transactions;
        this.partition = partition;
    }

    /** Empty if there is none to seal. */
    Optional<ClosableHour> sealNext(Instant at) {
        Standing standing = transactions.run("say which hour is to be sealed", this::standing);
        SortedBlocks blocks = new SortedBlocks(transactions, partition);
        if (standing.next.isPresent() || standing.lateIds() > MOST_LATE_IDS_BESIDE) {
            standing.sealed().forEach(beside -> blocks.addLate(beside.hour, standing.position));
        }
        standing.next.ifPresent(hour -> blocks.seal(
                standing.toSeal(),
                standing.position,
                new Attempt(timestamp(hour.hour().start()), at)));
        return standing.next;
    }

    /** Ids of an hour that lie beside sorted blocks. */
    private record Beside(OffsetDateTime hour, long ids) {}

    /**
     * How far a partition is sealed.
     *
     * @param position whatever checkpoints have left of records before it can be seen
     */
    private record Standing(
            Optional<ClosableHour> next, OffsetDateTime sealedThrough, long position, List<Beside> beside) {

        List<Beside> sealed() {
            return beside.stream()
                    .filter(one -> !one.hour.isAfter(sealedThrough))
                    .toList();
        }

        long lateIds() {
            return sealed().stream().mapToLong(Beside::ids).sum();
        }

        List<OffsetDateTime> toSeal() {
            return beside.stream()
                    .map(Beside::hour)
                    .filter(hour -> hour.isAfter(sealedThrough))
                    .toList();
        }
    }

    private Standing standing(Connection connection) throws SQLException {
        Optional<ClosableHour> next;
        try (PreparedStatement select = connection.prepareStatement(NEXT_TO_SEAL)) {
            select.setInt(1, partition);
            next = PostgresClosingStore.overHour(partition, select);
        }
        OffsetDateTime sealedThrough = sealedThrough(connection);
        OffsetDateTime through =
                next.map(hour -> timestamp(hour.hour().start())).orElse(sealedThrough);
        return new Standing(next, sealedThrough, position(connection), beside(connection, through));
    }

    private OffsetDateTime sealedThrough(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(PostgresClosingStore.SEALED_THROUGH)) {
            select.setInt(1, partition);
            Instant hour = PostgresClosingStore.momentOf(select);
            return hour == null ? OffsetDateTime.MIN : timestamp(hour);
        }
    }

    private long position(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(POSITION)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    private List<Beside> beside(Connection connection, OffsetDateTime through) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(HOURS_BESIDE)) {
            select.setInt(1, partition);
            select.setObject(2, through);
            select.setInt(3, partition);
            select.setObject(4, through);
            List<Beside> beside = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    beside.add(new Beside(row.getObject(1, OffsetDateTime.class), row.getLong(2)));
                }
            }
            return beside;
        }
    }

    /** One attempt to seal an hour. Only the last one that began may write, so that the blocks of two are never mixed. */
    private final class Attempt implements SortedBlocks.Attempt {
        private final OffsetDateTime hour;
        private final Instant at;
        private int number;

        Attempt(OffsetDateTime hour, Instant at) {
            this.hour = hour;
            this.at = at;
        }

        @Override
        public void begin(Connection connection) throws SQLException {
            number = numberFrom(connection, BEGIN);
        }

        @Override
        public void goOn(Connection connection) throws SQLException {
            if (numberFrom(connection, ATTEMPT) != number) {
                throw new StoreUnavailableException(
                        "somebody else has begun to seal hour " + hour + " of partition " + partition);
            }
        }

        private int numberFrom(Connection connection, String query) throws SQLException {
            try (PreparedStatement ask = connection.prepareStatement(query)) {
                ask.setInt(1, partition);
                ask.setObject(2, hour);
                try (ResultSet row = ask.executeQuery()) {
                    if (!row.next()) {
                        throw new StoreUnavailableException(
                                "somebody else has sealed hour " + hour + " of partition " + partition);
                    }
                    return row.getInt(1);
                }
            }
        }

        @Override
        public void end(Connection connection) throws SQLException {
            try (PreparedStatement update = connection.prepareStatement(SEALED)) {
                update.setObject(1, timestamp(at));
                update.setInt(2, partition);
                update.setObject(3, hour);
                update.executeUpdate();
            }
        }
    }
}
