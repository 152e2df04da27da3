package io.hourledger.pusher.order;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps the renewals and upgrades of open instances that could not be done, for a person, until the marketplace calls again and they can. */
public final class UndoneChanges {

    private final JdbcClient jdbc;

    UndoneChanges(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * One of them.
     *
     * @param orderLineId empty if the call named none
     * @param kind renew or upgrade
     */
    public record UndoneChange(
            String instanceId, String orderId, String orderLineId, String kind, String reason, String firstCalledAt) {}

    /** Nothing was done. A change that no order asks for is only in the log. */
    public void keep(String instanceId, DeferredChange change, String reason) {
        if (change.orderId() == null) {
            return;
        }
        jdbc.sql(
                        """
                        insert into pusher.undone_change (instance_id, order_id, order_line_id, kind, reason, first_called_at)
                        values (:instance, :order, :line, :kind, :reason, :at)
                        on conflict (instance_id, order_id, kind) do update
                           set order_line_id = excluded.order_line_id, reason = excluded.reason""")
                .param("instance", instanceId)
                .param("order", change.orderId())
                .param("line", Objects.requireNonNullElse(change.orderLineId(), OrdersInCalls.NO_LINE))
                .param("kind", change.kind().name().toLowerCase(Locale.ROOT))
                .param("reason", reason)
                .param("at", change.arrivedAt().atOffset(ZoneOffset.UTC))
                .update();
    }

    /** It was done after all. */
    public void done(String instanceId, DeferredChange change) {
        if (change.orderId() == null) {
            return;
        }
        jdbc.sql(
                        """
                        delete from pusher.undone_change
                         where instance_id = :instance and order_id = :order and kind = :kind""")
                .param("instance", instanceId)
                .param("order", change.orderId())
                .param("kind", change.kind().name().toLowerCase(Locale.ROOT))
                .update();
    }

    List<UndoneChange> of(String instanceId) {
        return jdbc.sql(
                        """
                        select instance_id, order_id, order_line_id, kind, reason, first_called_at from pusher.undone_change
                         where instance_id = :instance order by order_id, kind""")
                .param("instance", instanceId)
                .query((row, n) -> undone(row))
                .list();
    }

    public List<UndoneChange> oldest(int most) {
        return jdbc.sql(
                        """
                        select instance_id, order_id, order_line_id, kind, reason, first_called_at from pusher.undone_change
                         order by first_called_at, instance_id, order_id limit :most""")
                .param("most", most)
                .query((row, n) -> undone(row))
                .list();
    }

    private static UndoneChange undone(ResultSet row) throws SQLException {
        return new UndoneChange(
                row.getString("instance_id"),
                row.getString("order_id"),
                row.getString("order_line_id"),
                row.getString("kind"),
                row.getString("reason"),
                row.getObject("first_called_at", OffsetDateTime.class)
                        .toInstant()
                        .toString());
    }
}
