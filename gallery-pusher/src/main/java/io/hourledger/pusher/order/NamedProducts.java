package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.DecidedBy;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps which product of an order line a person says is meant for an instance, where order and catalogue do not tell. */
final class NamedProducts {

    private final JdbcClient jdbc;

    NamedProducts(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The product; empty if nobody named one. */
    Optional<String> of(String instanceId, String orderId, String orderLineId) {
        return jdbc.sql(
                        """
                        select product_id from pusher.named_product
                         where instance_id = :instance and order_id = :order and order_line_id = :line""")
                .param("instance", instanceId)
                .param("order", orderId)
                .param("line", orderLineId)
                .query(String.class)
                .optional();
    }

    /** The latest word counts for what is not done yet. */
    void keep(OrderedProducts.Question question, String productId, DecidedBy by, Instant decidedAt) {
        jdbc.sql(
                        """
                        insert into pusher.named_product (instance_id, order_id, order_line_id, product_id, decided_by,
                                                          decided_because, decided_at)
                        values (:instance, :order, :line, :product, :who, :why, :at)
                        on conflict (instance_id, order_id, order_line_id) do update
                           set product_id = excluded.product_id, decided_by = excluded.decided_by,
                               decided_because = excluded.decided_because, decided_at = excluded.decided_at""")
                .param("instance", question.instanceId())
                .param("order", question.orderId())
                .param("line", question.orderLineId())
                .param("product", productId)
                .param("who", by.who())
                .param("why", by.why())
                .param("at", decidedAt.atOffset(ZoneOffset.UTC))
                .update();
    }
}
