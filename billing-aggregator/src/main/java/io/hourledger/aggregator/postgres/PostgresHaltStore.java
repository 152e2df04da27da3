package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.consumer.HaltStore;
import io.hourledger.aggregator.hour.HaltReason;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import javax.sql.DataSource;

/** Halts in PostgreSQL, one row a halted partition. */
public final class PostgresHaltStore implements HaltStore {

    private static final String HALTED =
            """
            insert into aggregator.partition_halt as halt (partition, halted_at, reason, detail)
            values (?, ?, ?, ?)
                on conflict (partition) do update
               set halted_at = case when halt.reason = excluded.reason then halt.halted_at else excluded.halted_at end,
                   reason = excluded.reason, detail = excluded.detail""";

    private static final String IS_HALTED = "select 1 from aggregator.partition_halt where partition = ?";

    private static final String GOES_ON = "delete from aggregator.partition_halt where partition = ?";

    private static final String ALL_GO_ON = "delete from aggregator.partition_halt where reason = ?";

    private final Transactions transactions;

    public PostgresHaltStore(DataSource database) {
        this.transactions = new Transactions(database);
    }

    @Override
    public void halted(int partition, Halt halt) {
        transactions.run("store that partition " + partition + " is halted", connection -> {
            try (PreparedStatement insert = connection.prepareStatement(HALTED)) {
                insert.setInt(1, partition);
                insert.setObject(2, timestamp(halt.since()));
                insert.setString(3, halt.reason().code());
                insert.setString(4, halt.detail().replace('\0', '?'));
                return insert.executeUpdate();
            }
        });
    }

    @Override
    public boolean isHalted(int partition) {
        return transactions.run("say whether partition " + partition + " is halted", connection -> {
            try (PreparedStatement select = connection.prepareStatement(IS_HALTED)) {
                select.setInt(1, partition);
                try (ResultSet row = select.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    @Override
    public void goesOn(int partition) {
        transactions.run("let partition " + partition + " go on", connection -> {
            try (PreparedStatement delete = connection.prepareStatement(GOES_ON)) {
                delete.setInt(1, partition);
                return delete.executeUpdate();
            }
        });
    }

    @Override
    public void allGoOn(HaltReason reason) {
        transactions.run("let the partitions go on that are halted as " + reason.code(), connection -> {
            try (PreparedStatement delete = connection.prepareStatement(ALL_GO_ON)) {
                delete.setString(1, reason.code());
                return delete.executeUpdate();
            }
        });
    }
}
