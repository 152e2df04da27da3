package io.hourledger.simulator.order;

import io.hourledger.simulator.order.Order.Line;
import io.hourledger.simulator.order.Order.Product;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The debug orders that the real query answers, too (koogallery.md, section 3). */
final class MockOrders {

    private static final Map<String, Kind> KINDS = Map.of(
            "MOCKPERIODYEARNEW", new Kind("NEW", "PERIOD", "year"),
            "MOCKONETIMENEW", new Kind("NEW", "ONE_TIME", ""),
            "MOCKONDEMAND", new Kind("NEW", "ON_DEMAND", ""),
            "MOCKONDEMANDPKG", new Kind("NEW", "ON_DEMAND_PKG", "month"),
            "MOCKPERIODDAYTRIAL", new Kind("TRIAL", "PERIOD", "day"),
            "MOCKMONTYTRIALTOFORMAL", new Kind("TRIAL_TO_FORMAL", "PERIOD", "month"),
            "MOCKMONTYUNSUBSCRIBE", new Kind("UNSUBSCRIBE", "PERIOD", "month"),
            "MOCKMONTYRENEW", new Kind("RENEW", "PERIOD", "month"),
            "MOCKMONTYCHANGE", new Kind("CHANGE", "PERIOD", "month"));

    private MockOrders() {}

    private record Kind(String orderType, String chargingMode, String periodType) {

        boolean hasPeriod() {
            return !periodType.isEmpty();
        }
    }

    static Optional<Order> find(String orderId, Instant now) {
        return Optional.ofNullable(KINDS.get(orderId)).map(kind -> {
            Instant placedAt = now.truncatedTo(ChronoUnit.SECONDS);
            List<Product> products = List.of(new Product("MOCK-PRODUCT", "mock-sku", null, "mock product"));
            Line plain = Line.plain(orderId + "-000001", kind.chargingMode, products);
            Line line = kind.hasPeriod() ? plain.until(placedAt.plus(30, ChronoUnit.DAYS), kind.periodType, 1) : plain;
            return Order.debugging(orderId, kind.orderType, "mock-buyer", "mock_user_01", placedAt, line);
        });
    }
}
