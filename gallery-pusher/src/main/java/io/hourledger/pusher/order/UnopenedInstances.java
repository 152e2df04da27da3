package io.hourledger.pusher.order;

import java.time.OffsetDateTime;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The ordered instances that are not open yet, for a person. */
public final class UnopenedInstances {

    private final JdbcClient jdbc;

    UnopenedInstances(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * One of them.
     *
     * @param state waiting = tried again by itself; needs-review = a person must look
     */
    public record HeldInstance(
            String orderId, String orderLineId, String instanceId, String state, String reason, String firstCalledAt) {}

    public List<HeldInstance> oldest(int most) {
        return jdbc.sql(
                        """
                        select order_id, order_line_id, instance_id, state, reason, first_called_at
                          from pusher.requested_instance where state in ('waiting', 'needs-review')
                         order by first_called_at, order_id, order_line_id limit :most""")
                .param("most", most)
                .query((row, n) -> new HeldInstance(
                        row.getString("order_id"),
                        row.getString("order_line_id"),
                        row.getString("instance_id"),
                        row.getString("state"),
                        row.getString("reason"),
                        row.getObject("first_called_at", OffsetDateTime.class)
                                .toInstant()
                                .toString()))
                .list();
    }
}
