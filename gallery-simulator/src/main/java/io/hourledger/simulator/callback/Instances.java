package io.hourledger.simulator.callback;

import static io.hourledger.simulator.callback.CallbackStore.utc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The instances that the seller opened, and what became of them. */
@Component
class Instances {

    /** Product and buyer are those of the order line. */
    private static final String OPEN =
            """
            insert into gallery.instance (instance_id, order_line_id, order_id, buyer_id, product_id, charging_mode,
                                          stop_when_used_up, package_for, contained, test, started_at, answered_at)
            select :instanceId, l.order_line_id, l.order_id, o.buyer_id, l.products -> 0 ->> 'productId', l.charging_mode,
                   l.stop_when_used_up, l.package_for,
                   case when l.stop_when_used_up and jsonb_array_length(l.products) = 1
                        then (l.products -> 0 ->> 'linearValue')::numeric end,
                   o.test, :startedAt, :answeredAt
              from gallery.order_line l
              join gallery.purchase_order o using (order_id)
             where l.order_line_id = :orderLineId
                on conflict do nothing""";

    private static final String FIND = "select * from gallery.instance where instance_id = :instanceId";
    private static final String OF_LINE = "select * from gallery.instance where order_line_id = :orderLineId";
    private static final String RELEASE =
            "update gallery.instance set released_at = :at where instance_id = :instanceId and released_at is null";
    private static final String FREEZE =
            """
            insert into gallery.frozen_span (instance_id, from_at)
            select :instanceId, :at
             where not exists (select 1 from gallery.frozen_span where instance_id = :instanceId and to_at is null)
                on conflict (instance_id, from_at) do update set to_at = null""";
    private static final String UNFREEZE =
            """
            update gallery.frozen_span set to_at = greatest(:at, from_at)
             where instance_id = :instanceId and to_at is null""";
    private static final String CHANGE_PRODUCT =
            """
            update gallery.instance i set product_id = l.products -> 0 ->> 'productId'
              from gallery.order_line l
             where i.instance_id = :instanceId and l.order_line_id = :orderLineId""";
    private static final String LAY_DOWN =
            """
            insert into gallery.instance (instance_id, order_line_id, order_id, buyer_id, product_id, charging_mode,
                                          stop_when_used_up, test, started_at, answered_at)
            select id, id, 'laid-down', buyer, product, 'ON_DEMAND', false, false, to_timestamp(started_s),
                   to_timestamp(started_s)
              from unnest(:ids::text[], :buyers::text[], :products::text[], :started::bigint[])
                   as i (id, buyer, product, started_s)
                on conflict do nothing""";

    private final JdbcClient database;

    Instances(JdbcClient database) {
        this.database = database;
    }

    /** The order line that an instance was opened for. */
    record Ordered(String orderLineId, String orderId, String buyerId) {}

    /** An instance. */
    record Instance(
            String instanceId,
            Ordered ordered,
            String productId,
            String chargingMode,
            boolean test,
            Instant startedAt,
            @Nullable Instant releasedAt) {

        /** A pay-per-use instance that no order line asked for. */
        static Instance laidDown(String instanceId, String buyerId, String productId, Instant startedAt) {
            Ordered ordered = new Ordered(instanceId, "laid-down", buyerId);
            return new Instance(instanceId, ordered, productId, "ON_DEMAND", false, startedAt, null);
        }
    }

    /** Whether it is open now for the first time; false if the line is open already or the id is taken. */
    boolean open(String instanceId, String orderLineId, Instant startedAt, Instant answeredAt) {
        return database.sql(OPEN)
                        .param("instanceId", instanceId)
                        .param("orderLineId", orderLineId)
                        .param("startedAt", utc(startedAt))
                        .param("answeredAt", utc(answeredAt))
                        .update()
                == 1;
    }

    Optional<Instance> find(String instanceId) {
        return database.sql(FIND)
                .param("instanceId", instanceId)
                .query(Instances::instance)
                .optional();
    }

    Optional<Instance> ofLine(String orderLineId) {
        return database.sql(OF_LINE)
                .param("orderLineId", orderLineId)
                .query(Instances::instance)
                .optional();
    }

    void release(String instanceId, Instant at) {
        database.sql(RELEASE)
                .param("instanceId", instanceId)
                .param("at", utc(at))
                .update();
    }

    void freeze(String instanceId, Instant at) {
        database.sql(FREEZE)
                .param("instanceId", instanceId)
                .param("at", utc(at))
                .update();
    }

    void unfreeze(String instanceId, Instant at) {
        database.sql(UNFREEZE)
                .param("instanceId", instanceId)
                .param("at", utc(at))
                .update();
    }

    /** The product becomes that of the order line of the upgrade. */
    void changeProduct(String instanceId, String orderLineId) {
        database.sql(CHANGE_PRODUCT)
                .param("instanceId", instanceId)
                .param("orderLineId", orderLineId)
                .update();
    }

    /** Puts pay-per-use instances there without any call to the seller: for measurements. */
    int layDown(List<Instance> instances) {
        int size = instances.size();
        String[] ids = new String[size];
        String[] buyers = new String[size];
        String[] products = new String[size];
        long[] started = new long[size];
        for (int i = 0; i < size; i++) {
            Instance one = instances.get(i);
            ids[i] = one.instanceId;
            buyers[i] = one.ordered.buyerId;
            products[i] = one.productId;
            started[i] = one.startedAt.getEpochSecond();
        }
        return database.sql(LAY_DOWN)
                .param("ids", ids)
                .param("buyers", buyers)
                .param("products", products)
                .param("started", started)
                .update();
    }

    private static Instance instance(ResultSet row, int number) throws SQLException {
        OffsetDateTime releasedAt = row.getObject("released_at", OffsetDateTime.class);
        return new Instance(
                row.getString("instance_id"),
                new Ordered(row.getString("order_line_id"), row.getString("order_id"), row.getString("buyer_id")),
                row.getString("product_id"),
                row.getString("charging_mode"),
                row.getBoolean("test"),
                row.getObject("started_at", OffsetDateTime.class).toInstant(),
                releasedAt == null ? null : releasedAt.toInstant());
    }
}
