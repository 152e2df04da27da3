package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.DecidedBy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps the renewals and upgrades of open instances that could not be done, for a person, until the marketplace calls again and they can. */
public final class UndoneChanges {

    private static final Logger LOG = LoggerFactory.getLogger(UndoneChanges.class);

    /** It is kept who said so. Should the marketplace call again, it waits for a person anew. */
    private static final String DISMISS =
            """
            with gone as (
                delete from pusher.undone_change where instance_id = :instance and order_id = :order returning *)
            insert into pusher.dismissed_change (instance_id, order_id, kind, dismissed_by, dismissed_because)
            select instance_id, order_id, kind, :who, :why from gone""";

    private static final String SELECT =
            """
            select (select account from pusher.requested_instance asked
                     where asked.instance_id = undone.instance_id limit 1) as account,
                   instance_id, order_id, order_line_id, kind, reason, first_called_at
              from pusher.undone_change undone""";

    private final JdbcClient jdbc;

    UndoneChanges(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * One of them.
     *
     * @param account the seller account of the instance; null if it was not ordered from one
     * @param orderLineId empty if the call named none
     * @param kind renew or upgrade
     */
    public record UndoneChange(
            @Nullable String account,
            String instanceId,
            String orderId,
            String orderLineId,
            String kind,
            String reason,
            String firstCalledAt) {}

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

    /** The instance has ended, so none of its changes can be done any more. */
    public void ended(String instanceId) {
        jdbc.sql("delete from pusher.undone_change where instance_id = :instance")
                .param("instance", instanceId)
                .update();
    }

    /** A person says that it will not be done. False if none of this order waits. */
    boolean dismiss(String instanceId, String orderId, DecidedBy by) {
        int dismissed = jdbc.sql(DISMISS)
                .param("instance", instanceId)
                .param("order", orderId)
                .param("who", by.who())
                .param("why", by.why())
                .update();
        if (dismissed > 0) {
            LOG.atWarn()
                    .addKeyValue("instance", instanceId)
                    .addKeyValue("order", orderId)
                    .addKeyValue("who", by.who())
                    .addKeyValue("why", by.why())
                    .log("a change that was not done is dismissed");
        }
        return dismissed > 0;
    }

    /** A person empties the table, so it is small. */
    long count() {
        return jdbc.sql("select count(*) from pusher.undone_change")
                .query(Long.class)
                .single();
    }

    List<UndoneChange> of(String instanceId) {
        return jdbc.sql(
                        """
                        %s
                         where instance_id = :instance order by order_id, kind"""
                                .formatted(SELECT))
                .param("instance", instanceId)
                .query((row, n) -> undone(row))
                .list();
    }

    public List<UndoneChange> oldest(int most) {
        return jdbc.sql(
                        """
                        %s
                         order by first_called_at, instance_id, order_id limit :most"""
                                .formatted(SELECT))
                .param("most", most)
                .query((row, n) -> undone(row))
                .list();
    }

    private static UndoneChange undone(ResultSet row) throws SQLException {
        return new UndoneChange(
                row.getString("account"),
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
