package io.hourledger.pusher.order;

import io.hourledger.pusher.order.RequestedInstances.Requested;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which instance has each item of an order: an item is opened once, whatever calls ask for it. */
final class OrderItems {

    private final JdbcClient jdbc;

    OrderItems(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Who has an item of an order.
     *
     * @param instanceId the instance or the package
     * @param test whether a debugging call opened it
     */
    record Claimed(String instanceId, boolean test) {}

    /** The instance of this item of the order: the request's, unless there is one already. Belongs into the opening's transaction. */
    Claimed claim(Requested requested, String item) {
        jdbc.sql(
                        """
                        insert into pusher.instance_key (account, order_id, item, instance_id, test)
                        values (:account, :order, :item, :instance, :test)
                        on conflict (account, order_id, item) do nothing""")
                .param("account", requested.account())
                .param("order", requested.orderId())
                .param("item", item)
                .param("instance", requested.instanceId())
                .param("test", requested.test())
                .update();
        return jdbc.sql(
                        """
                        select instance_id, test from pusher.instance_key
                         where account = :account and order_id = :order and item = :item""")
                .param("account", requested.account())
                .param("order", requested.orderId())
                .param("item", item)
                .query((row, n) -> new Claimed(row.getString("instance_id"), row.getBoolean("test")))
                .single();
    }

    /** Whether this item of the request's order is open: for debugging if the request is, else for real. */
    boolean has(Requested requested, String item) {
        return jdbc.sql(
                        """
                        select exists (select from pusher.instance_key
                                        where account = :account and order_id = :order and item = :item and test = :test)""")
                .param("account", requested.account())
                .param("order", requested.orderId())
                .param("item", item)
                .param("test", requested.test())
                .query(Boolean.class)
                .single();
    }
}
