package io.hourledger.aggregator.postgres;

import static java.util.stream.Collectors.toMap;

import io.hourledger.aggregator.consumer.ProductDecisions;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.DatabaseFailure;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.store.StateQueries;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Products from the ledger's states, and decisions from where checkpoints keep them. */
public final class PostgresProductDecisions implements ProductDecisions {

    private static final String DECIDED_BEFORE =
            "select decided_before from aggregator.partition_position where partition = ?";

    private static final String FORBIDDEN =
            """
            select log_offset, detail
              from aggregator.forbidden_record
             where partition = ? and log_offset >= ? and log_offset < ?""";

    private final LedgerQueries ledger;
    private final Transactions transactions;

    public PostgresProductDecisions(DataSource database) {
        this.ledger = new StateQueries(new JdbcTemplate(database));
        this.transactions = new Transactions(database);
    }

    @Override
    public Map<String, String> productsOf(Collection<String> instances) {
        List<InstanceId> possible = instances.stream()
                .filter(PostgresProductDecisions::canBeInstance)
                .map(InstanceId::new)
                .toList();
        try {
            return ledger.products(possible).entrySet().stream()
                    .collect(toMap(product -> product.getKey().value(), Map.Entry::getValue));
        } catch (RuntimeException failed) {
            throw switch (DatabaseFailure.of(failed)) {
                case DATA_OR_BUG -> failed;
                case OUTAGE, LOST_RACE ->
                    new StoreUnavailableException("PostgreSQL did not say of which products instances are", failed);
            };
        }
    }

    /** The key of a record may be any text, and the database could not even be asked for some. */
    private static boolean canBeInstance(String key) {
        return !key.isBlank() && key.length() <= InstanceId.MAX_CHARS && key.indexOf('\0') < 0;
    }

    @Override
    public Decided decided(int partition, long from, long to) {
        return transactions.run("say which records were forbidden", connection -> {
            long before = 0;
            try (PreparedStatement select = connection.prepareStatement(DECIDED_BEFORE)) {
                select.setInt(1, partition);
                try (ResultSet row = select.executeQuery()) {
                    before = row.next() ? row.getLong(1) : 0;
                }
            }
            Map<Long, String> forbidden = new HashMap<>();
            if (from < before) {
                try (PreparedStatement select = connection.prepareStatement(FORBIDDEN)) {
                    select.setInt(1, partition);
                    select.setLong(2, from);
                    select.setLong(3, Math.min(to, before));
                    try (ResultSet row = select.executeQuery()) {
                        while (row.next()) {
                            forbidden.put(row.getLong(1), row.getString(2));
                        }
                    }
                }
            }
            return new Decided(before, forbidden);
        });
    }
}
