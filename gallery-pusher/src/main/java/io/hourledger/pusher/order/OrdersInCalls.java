package io.hourledger.pusher.order;

import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
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
     * An order.
     *
     * @param test whether it is of debugging calls: what they say of an order binds no real call, which has the same order apart
     */
    public record Order(String account, String orderId, boolean test) {}

    /**
     * A product of an order.
     *
     * @param buyerId the customer who ordered; null if the call names none
     * @param chargingMode ON_DEMAND, ONE_TIME, PERIOD or ON_DEMAND_PKG; null if the call did not tell
     * @param size how much was ordered, as the call says it; null if it does not
     */
    public record Item(
            String productId, @Nullable String buyerId, @Nullable String chargingMode, @Nullable String size) {}

    /** How what a call says of an order stands to what the first one said, which holds. */
    public enum Comparison {
        AS_BEFORE,
        /** The amount or the mode, which a repeat may leave out or write otherwise. */
        TERMS_DIFFER,
        BUYER_DIFFERS
    }

    /** Keeps what the first call says of a product of an order. */
    public Comparison keep(Order order, Item item, Instant calledAt) {
        jdbc.sql(
                        """
                        insert into pusher.order_in_call (account, order_id, test, product_id, buyer_id, charging_mode, size, called_at)
                        values (:account, :order, :test, :product, :buyer, :mode, :size, :now)
                        on conflict (account, order_id, test, product_id) do nothing""")
                .param("account", order.account)
                .param("order", order.orderId)
                .param("test", order.test)
                .param("product", item.productId)
                .param("buyer", item.buyerId, Types.VARCHAR)
                .param("mode", item.chargingMode, Types.VARCHAR)
                .param("size", item.size, Types.VARCHAR)
                .param("now", calledAt.atOffset(ZoneOffset.UTC))
                .update();
        return of(order).stream()
                .filter(first -> first.productId.equals(item.productId))
                .map(first -> compared(first, item))
                .findFirst()
                .orElseThrow();
    }

    private static Comparison compared(Item first, Item later) {
        if (first.equals(later)) {
            return Comparison.AS_BEFORE;
        }
        return Objects.equals(first.buyerId, later.buyerId) ? Comparison.TERMS_DIFFER : Comparison.BUYER_DIFFERS;
    }

    /** What is known of an order. */
    List<Item> of(Order order) {
        return jdbc.sql(
                        """
                        select product_id, buyer_id, charging_mode, size from pusher.order_in_call
                         where account = :account and order_id = :order and test = :test order by product_id""")
                .param("account", order.account)
                .param("order", order.orderId)
                .param("test", order.test)
                .query((row, n) -> new Item(
                        row.getString("product_id"),
                        row.getString("buyer_id"),
                        row.getString("charging_mode"),
                        row.getString("size")))
                .list();
    }
}
