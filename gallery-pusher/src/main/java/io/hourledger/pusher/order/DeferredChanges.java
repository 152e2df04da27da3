package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.order.DeferredChange.Kind;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps what the marketplace says of an instance that is not open yet, so that its opening can do it. */
public final class DeferredChanges {

    /** The row lock orders a call against the opening: whichever comes second sees what the first one did. */
    private static final String KEEP_UNLESS_OPEN =
            """
            with not_open as (
                select instance_id from pusher.requested_instance asked
                 where instance_id = :instance and state in ('waiting', 'needs-review')
                   and not exists (select from pusher.requested_instance opened
                                    where opened.instance_id = asked.instance_id and opened.state = 'open')
                 limit 1
                   for update)
            insert into pusher.deferred_change (instance_id, kind, order_id, order_line_id, product_id, expires_at,
                                                may_end_freeze, arrived_at)
            select instance_id, :kind, :order, :line, :product, :expires, :ends, :arrived from not_open""";

    /** The same lock: an opening that has read a change does it before a person can dismiss it, and then it is not open any more. */
    private static final String DISMISS =
            """
            with not_open as (
                select instance_id from pusher.requested_instance
                 where instance_id = :instance and state in ('waiting', 'needs-review')
                 limit 1
                   for update)
            update pusher.deferred_change change
               set dismissed_at = clock_timestamp(), dismissed_by = :who, dismissed_because = :why
              from not_open
             where change.instance_id = not_open.instance_id and change.order_id = :order
               and change.applied_at is null and change.dismissed_at is null""";

    private static final Logger LOG = LoggerFactory.getLogger(DeferredChanges.class);

    private final JdbcClient jdbc;

    DeferredChanges(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** True if the instance is asked for and not open yet, by whatever call: the change is kept then, and the opening will do it. */
    public boolean keepUnlessOpen(String instanceId, DeferredChange change) {
        return jdbc.sql(KEEP_UNLESS_OPEN)
                        .param("instance", instanceId)
                        .param("kind", change.kind().stored())
                        .param("order", change.orderId(), Types.VARCHAR)
                        .param("line", change.orderLineId(), Types.VARCHAR)
                        .param("product", change.productId(), Types.VARCHAR)
                        .param("expires", utc(change.expiresAt()), Types.TIMESTAMP_WITH_TIMEZONE)
                        .param("ends", change.mayEndFreeze())
                        .param("arrived", utc(change.arrivedAt()))
                        .update()
                > 0;
    }

    /** What is kept for an instance, in the order of the calls. */
    List<DeferredChange> of(String instanceId) {
        return jdbc.sql(
                        """
                        select kind, order_id, order_line_id, product_id, expires_at, may_end_freeze, arrived_at
                          from pusher.deferred_change
                         where instance_id = :instance and applied_at is null and dismissed_at is null order by id""")
                .param("instance", instanceId)
                .query((row, n) -> new DeferredChange(
                        Kind.ofStored(row.getString("kind")),
                        row.getString("order_id"),
                        row.getString("order_line_id"),
                        row.getString("product_id"),
                        instant(row.getObject("expires_at", OffsetDateTime.class)),
                        row.getBoolean("may_end_freeze"),
                        row.getObject("arrived_at", OffsetDateTime.class).toInstant()))
                .list();
    }

    /** All that is kept for an instance was done. Belongs into the opening's transaction. */
    void applied(String instanceId) {
        jdbc.sql(
                        """
                        update pusher.deferred_change set applied_at = clock_timestamp()
                         where instance_id = :instance and applied_at is null and dismissed_at is null""")
                .param("instance", instanceId)
                .update();
    }

    /** A person says that the opening shall not do what this order asks for. False if nothing of this order is kept. */
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
                    .log("a change that was kept for the opening is dismissed");
        }
        return dismissed > 0;
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant moment) {
        return moment == null ? null : moment.atOffset(ZoneOffset.UTC);
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime moment) {
        return moment == null ? null : moment.toInstant();
    }
}
