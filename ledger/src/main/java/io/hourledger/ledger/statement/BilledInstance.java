package io.hourledger.ledger.statement;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Names an instance as finance asks for it: whose it is, and what its meter counts. */
public record BilledInstance(String buyerId, String meter, String instanceId) {

    static BilledInstance of(ResultSet row) throws SQLException {
        return new BilledInstance(row.getString("buyer_id"), row.getString("meter"), row.getString("instance_id"));
    }
}
