package io.hourledger.pusher.order;

import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps what calls of the first generation say of their orders: it has no query order and no order lines. */
public final class OrdersInCalls {

    /** Stands for the line of an order that has none. */
    public static final String NO_LINE = "";

    private final JdbcClient jdbc;

    OrdersInCalls(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A product of an order.
     *
     * @param buyerId the customer who ordered; null if the call names none
     * @param chargingMode ON_DEMAND, ONE_TIME, PERIOD or ON_DEMAND_PKG; null if the call did not tell
     * @param size how much was ordered, as the call says it; null if it does not
     */
    public record Item(
            String productId, @Nullable String buyerId, @Nullable String chargingMode, @Nullable String size) {}

    /** Keeps what the first call says of a product of an order. False if an earlier call said something else, which holds. */
    public boolean keep(String orderId, Item item, Instant calledAt) {
        jdbc.sql(
                        """
                        insert into pusher.order_in_call (order_id, product_id, buyer_id, charging_mode, size, called_at)
                        values (:order, :product, :buyer, :mode, :size, :now)
                        on conflict (order_id, product_id) do nothing""")
                .param("order", orderId)
                .param("product", item.productId)
                .param("buyer", item.buyerId, Types.VARCHAR)
                .param("mode", item.chargingMode, Types.VARCHAR)
                .param("size", item.size, Types.VARCHAR)
                .param("now", calledAt.atOffset(ZoneOffset.UTC))
                .update();
        return of(orderId).contains(item);
    }

    /** What is known of an order. */
    List<Item> of(String orderId) {
        return jdbc.sql(
                        """
                        select product_id, buyer_id, charging_mode, size from pusher.order_in_call
                         where order_id = :order order by product_id""")
                .param("order", orderId)
                .query((row, n) -> new Item(
                        row.getString("product_id"),
                        row.getString("buyer_id"),
                        row.getString("charging_mode"),
                        row.getString("size")))
                .list();
    }
}
