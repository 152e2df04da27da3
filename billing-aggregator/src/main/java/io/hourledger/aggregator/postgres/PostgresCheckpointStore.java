package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;

import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.contracts.time.BusinessTime;
import io.hourledger.contracts.usage.CatalogueVersions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import javax.sql.DataSource;

/** Checkpoints in PostgreSQL, one transaction each, with the offset first: as lock and as proof. */
public final class PostgresCheckpointStore implements CheckpointStore {

    /** Not {@code now()}, which stands still while its transaction waits. */
    private static final String CLOCK = "select clock_timestamp()";

    private static final String LEADER_EPOCH =
            "select leader_epoch from aggregator.partition_position where partition = ?";

    private final Transactions transactions;
    private final BusinessTime businessTime;
    private final String countedWith;

    /**
     * @param businessTime what business time is at a moment of the database's clock
     * @param versions what is counted with any other versions of the catalogue is not kept, see {@link #countingWith}
     */
    public PostgresCheckpointStore(DataSource database, BusinessTime businessTime, CatalogueVersions versions) {
        this(new Transactions(database), businessTime, versions.fingerprint());
    }

    private PostgresCheckpointStore(Transactions transactions, BusinessTime businessTime, String countedWith) {
        this.transactions = transactions;
        this.countedWith = countedWith;
        this.businessTime = businessTime;
    }

    @Override
    public CheckpointStore countingWith(String catalogue) {
        return new PostgresCheckpointStore(transactions, businessTime, catalogue);
    }

    @Override
    public Instant now() {
        return transactions.run("say what time it is", this::now);
    }

    private Instant now(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(CLOCK);
                ResultSet row = select.executeQuery()) {
            row.next();
            return businessTime.at(instant(row, 1));
        }
    }

    @Override
    public void load(int partition, int hoursInMemory, long roomForIds, Loading into) {
        boolean areTooMany = transactions.run(
                "say how many ids there are", connection -> IdRuns.areTooMany(connection, partition, roomForIds));
        if (areTooMany) {
            new SortedBlocks(transactions, partition).spill();
        }
        transactions.readOneMoment("hand over partition " + partition, connection -> {
            new PartitionReader(connection, partition).read(countedWith, hoursInMemory, roomForIds, into);
            return partition;
        });
    }

    @Override
    public int leaderEpoch(int partition) {
        return transactions.run("say which leader wrote what was read of partition " + partition, connection -> {
            try (PreparedStatement select = connection.prepareStatement(LEADER_EPOCH)) {
                select.setInt(1, partition);
                try (ResultSet row = select.executeQuery()) {
                    Integer epoch = row.next() ? row.getObject(1, Integer.class) : null;
                    return epoch == null ? Checkpoint.NO_EPOCH : epoch;
                }
            }
        });
    }

    @Override
    public Outcome keep(Checkpoint checkpoint, Instant notBefore) {
        return transactions.run("keep a checkpoint of partition " + checkpoint.partition(), connection -> {
            // read before anything that may wait: a wait would make the time later, and the cutoff's offset is older
            if (notBefore.isAfter(Instant.MIN) && now(connection).isBefore(notBefore)) {
                return Outcome.TOO_EARLY;
            }
            return new CheckpointWriter(connection, checkpoint).write(countedWith)
                    ? Outcome.STORED
                    : Outcome.SOMEBODY_WENT_ON;
        });
    }

    @Override
    public long[] findSealed(int partition, List<WantedId> wanted) {
        return transactions.readOneMoment(
                "look up late events of partition " + partition,
                connection -> new IdLookup(connection, partition).findSealed(wanted));
    }

    @Override
    public long[] findOnDisk(int partition, List<OnDiskId> wanted) {
        return transactions.run(
                "look up ids of partition " + partition,
                connection -> new IdLookup(connection, partition).findOnDisk(wanted));
    }
}
