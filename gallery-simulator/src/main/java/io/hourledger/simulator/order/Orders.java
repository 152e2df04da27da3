package io.hourledger.simulator.order;

import io.hourledger.simulator.order.Order.Line;
import io.hourledger.simulator.order.Order.Product;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The orders that buyers placed. */
@Component
public class Orders {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<List<Product>> PRODUCTS = new TypeReference<>() {};

    private static final String KEEP_ORDERS =
            """
            insert into gallery.purchase_order (order_id, order_type, buyer_id, buyer_name, test, placed_at, generation)
            select order_id, order_type, buyer_id, buyer_name, test, to_timestamp(placed_ms / 1000.0), generation
              from unnest(:ids::text[], :types::text[], :buyers::text[], :names::text[], :tests::boolean[],
                          :placed::bigint[], :generations::smallint[])
                   as o (order_id, order_type, buyer_id, buyer_name, test, placed_ms, generation)
                on conflict (order_id) do nothing
            returning order_id""";

    private static final String KEEP_LINES =
            """
            insert into gallery.order_line (order_line_id, order_id, position, charging_mode, stop_when_used_up, package_for,
                                            expire_time, period_type, period_number, products)
            select order_line_id, order_id, position, charging_mode, stop_when_used_up,
                   coalesce(string_to_array(nullif(package_for, ''), ','), '{}'), to_timestamp(expire_s),
                   period_type, period_number, products::jsonb
              from unnest(:lineIds::text[], :orderIds::text[], :positions::int[], :modes::text[], :stops::boolean[], :packagesFor::text[],
                          :expires::bigint[], :periodTypes::text[], :periodNumbers::int[], :products::text[])
                   as l (order_line_id, order_id, position, charging_mode, stop_when_used_up, package_for, expire_s,
                         period_type, period_number, products)""";

    private static final String FIND =
            """
            select o.order_id, o.order_type, o.buyer_id, o.buyer_name, o.test, o.placed_at, o.generation, l.order_line_id, l.charging_mode,
                   l.stop_when_used_up, l.package_for, l.expire_time, l.period_type, l.period_number, l.products
              from gallery.purchase_order o
              join gallery.order_line l using (order_id)
             where o.order_id = any(:ids)
             order by o.order_id, l.position""";

    private final JdbcClient database;

    Orders(JdbcClient database) {
        this.database = database;
    }

    public Optional<Order> find(String orderId) {
        return Optional.ofNullable(find(List.of(orderId)).get(orderId));
    }

    /**
     * Keeps the orders that are not there yet.
     *
     * @return the ids of those that were not
     * @throws OrderDiffersException if one is there already and says something else
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public Set<String> keep(List<Order> orders) {
        Set<String> stored = keepOrders(orders);
        List<Order> fresh = new ArrayList<>();
        List<Order> known = new ArrayList<>();
        for (Order order : orders) {
            (stored.contains(order.orderId()) ? fresh : known).add(order);
        }
        keepLines(fresh);
        refuseOthers(known);
        return stored;
    }

    private void refuseOthers(List<Order> orders) {
        Map<String, Order> known = find(orders.stream().map(Order::orderId).toList());
        for (Order order : orders) {
            Order there = known.get(order.orderId());
            if (there == null || !there.isSameOrderAs(order)) {
                throw new OrderDiffersException(order.orderId());
            }
        }
    }

    private Set<String> keepOrders(List<Order> orders) {
        int size = orders.size();
        String[] ids = new String[size];
        String[] types = new String[size];
        String[] buyers = new String[size];
        String[] names = new String[size];
        boolean[] tests = new boolean[size];
        long[] placed = new long[size];
        Short[] generations = new Short[size];
        for (int i = 0; i < size; i++) {
            Order order = orders.get(i);
            ids[i] = order.orderId();
            types[i] = order.orderType();
            buyers[i] = order.buyerId();
            names[i] = order.buyerName();
            tests[i] = order.test();
            placed[i] = order.placedAt().toEpochMilli();
            generations[i] = (short) order.generation().number();
        }
        return new HashSet<>(database.sql(KEEP_ORDERS)
                .param("ids", ids)
                .param("types", types)
                .param("buyers", buyers)
                .param("names", names)
                .param("tests", tests)
                .param("placed", placed)
                .param("generations", generations)
                .query(String.class)
                .list());
    }

    private void keepLines(List<Order> orders) {
        List<String> lineIds = new ArrayList<>();
        List<String> orderIds = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        List<String> modes = new ArrayList<>();
        List<Boolean> stops = new ArrayList<>();
        List<String> packagesFor = new ArrayList<>();
        List<@Nullable Long> expires = new ArrayList<>();
        List<@Nullable String> periodTypes = new ArrayList<>();
        List<@Nullable Integer> periodNumbers = new ArrayList<>();
        List<String> products = new ArrayList<>();
        for (Order order : orders) {
            int position = 0;
            for (Line line : order.lines()) {
                Instant expireTime = line.expireTime();
                lineIds.add(line.orderLineId());
                orderIds.add(order.orderId());
                positions.add(position++);
                modes.add(line.chargingMode());
                stops.add(line.stopWhenUsedUp());
                packagesFor.add(String.join(",", line.packageFor()));
                expires.add(expireTime == null ? null : expireTime.getEpochSecond());
                periodTypes.add(line.periodType());
                periodNumbers.add(line.periodNumber());
                products.add(JSON.writeValueAsString(line.products()));
            }
        }
        database.sql(KEEP_LINES)
                .param("lineIds", lineIds.toArray(String[]::new))
                .param("orderIds", orderIds.toArray(String[]::new))
                .param("positions", positions.toArray(Integer[]::new))
                .param("modes", modes.toArray(String[]::new))
                .param("stops", stops.toArray(Boolean[]::new))
                .param("packagesFor", packagesFor.toArray(String[]::new))
                .param("expires", expires.toArray(Long[]::new))
                .param("periodTypes", periodTypes.toArray(String[]::new))
                .param("periodNumbers", periodNumbers.toArray(Integer[]::new))
                .param("products", products.toArray(String[]::new))
                .update();
    }

    private Map<String, Order> find(List<String> orderIds) {
        Map<String, Order> heads = new HashMap<>();
        Map<String, List<Line>> lines = new HashMap<>();
        database.sql(FIND).param("ids", orderIds.toArray(String[]::new)).query(row -> {
            String orderId = row.getString("order_id");
            OffsetDateTime expireTime = row.getObject("expire_time", OffsetDateTime.class);
            heads.putIfAbsent(
                    orderId,
                    new Order(
                            orderId,
                            row.getString("order_type"),
                            row.getString("buyer_id"),
                            row.getString("buyer_name"),
                            row.getBoolean("test"),
                            row.getObject("placed_at", OffsetDateTime.class).toInstant(),
                            CallbackGeneration.of(row.getInt("generation")),
                            List.of()));
            lines.computeIfAbsent(orderId, any -> new ArrayList<>())
                    .add(new Line(
                            row.getString("order_line_id"),
                            row.getString("charging_mode"),
                            row.getBoolean("stop_when_used_up"),
                            List.of((String[]) row.getArray("package_for").getArray()),
                            expireTime == null ? null : expireTime.toInstant(),
                            row.getString("period_type"),
                            row.getObject("period_number", Integer.class),
                            JSON.readValue(row.getString("products"), PRODUCTS)));
        });
        Map<String, Order> orders = new HashMap<>();
        heads.forEach((id, head) -> orders.put(
                id,
                new Order(
                        id,
                        head.orderType(),
                        head.buyerId(),
                        head.buyerName(),
                        head.test(),
                        head.placedAt(),
                        head.generation(),
                        lines.getOrDefault(id, List.of()))));
        return orders;
    }
}
