package io.hourledger.pusher.order;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The ordered instances that are not open yet, for a person. */
public final class UnopenedInstances {

    private static final String OLDEST =
            """
            select account, order_id, order_line_id, instance_id, state, reason, first_called_at
              from pusher.requested_instance where state in ('waiting', 'needs-review')
             order by first_called_at, order_id, order_line_id limit :most""";

    private static final String FIND =
            """
            select account, order_id, order_line_id, instance_id, state, reason, first_called_at
              from pusher.requested_instance where state in ('waiting', 'needs-review') and instance_id = :instance
             limit 1""";

    private final JdbcClient jdbc;

    UnopenedInstances(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * One of them.
     *
     * @param account the seller account that was called
     * @param state waiting = tried again by itself; needs-review = a person must look
     */
    public record HeldInstance(
            String account,
            String orderId,
            String orderLineId,
            String instanceId,
            String state,
            String reason,
            String firstCalledAt) {}

    public List<HeldInstance> oldest(int most) {
        return jdbc.sql(OLDEST)
                .param("most", most)
                .query(UnopenedInstances::one)
                .list();
    }

    /** One that waits under this instance id; empty if it is open, or unknown. */
    public Optional<HeldInstance> find(String instanceId) {
        return jdbc.sql(FIND)
                .param("instance", instanceId)
                .query(UnopenedInstances::one)
                .optional();
    }

    private static HeldInstance one(ResultSet row, int number) throws SQLException {
        return new HeldInstance(
                row.getString("account"),
                row.getString("order_id"),
                row.getString("order_line_id"),
                row.getString("instance_id"),
                row.getString("state"),
                row.getString("reason"),
                row.getObject("first_called_at", OffsetDateTime.class)
                        .toInstant()
                        .toString());
    }
}
