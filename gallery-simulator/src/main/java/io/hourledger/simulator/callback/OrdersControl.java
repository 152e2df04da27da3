package io.hourledger.simulator.callback;

import static java.time.temporal.ChronoUnit.MILLIS;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.hourledger.simulator.http.RequestNotPossibleException;
import io.hourledger.simulator.order.CallbackGeneration;
import io.hourledger.simulator.order.Order;
import io.hourledger.simulator.order.Order.Line;
import io.hourledger.simulator.order.Order.Product;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Placing orders as buyers would. */
@RestController
final class OrdersControl {

    private final OrderPlacement placement;
    private final Clock business;

    OrdersControl(OrderPlacement placement, Clock business) {
        this.placement = placement;
        this.business = business;
    }

    /**
     * @param derivedIds whether businessId is derived from the order line, so that a repeated run gets the same instance ids
     * @param waitSeconds how long to wait for the openings before answering; 0 = not at all
     */
    record Placing(
            boolean derivedIds,
            @Min(0) @Max(600) int waitSeconds,
            @NotEmpty @Size(max = 10_000) List<@Valid WantedOrder> orders) {}

    /**
     * @param orderId or
     * @param name from which the order id is derived
     * @param generation the callbacks that tell the seller of it: 1 = V1.0; 2 or none = V2.0
     */
    record WantedOrder(
            @Nullable @Size(min = 1, max = 64) String orderId,
            @Nullable @Size(min = 1, max = 200) String name,
            @NotBlank @Size(max = 100) String buyerId,
            @Nullable @Size(max = 64) String buyerName,
            boolean testFlag,
            @Nullable @Pattern(regexp = "NEW|TRIAL|TRIAL_TO_FORMAL|UNSUBSCRIBE|RENEW|CHANGE") String orderType,
            @Nullable @Min(1) @Max(2) Integer generation,
            @NotEmpty @Size(max = 30) List<@Valid WantedLine> lines) {

        Order at(Instant now) {
            String id = orderId != null ? orderId : DerivedId.orderId(Objects.requireNonNull(name));
            List<Line> placed = new ArrayList<>();
            for (WantedLine line : lines) {
                placed.add(line.of(id, placed.size() + 1));
            }
            return new Order(
                    id,
                    orderType == null ? "NEW" : orderType,
                    buyerId,
                    buyerName == null ? buyerId : buyerName,
                    testFlag,
                    now,
                    generation == null ? CallbackGeneration.SECOND : CallbackGeneration.of(generation),
                    placed);
        }

        /** V1.0 tells items apart by order and product. */
        boolean tellsItemsApart() {
            List<String> products = lines.stream()
                    .flatMap(line -> line.products.stream())
                    .map(WantedProduct::productId)
                    .toList();
            if (generation == null || generation != 1) {
                return true;
            }
            return lines.stream().allMatch(line -> line.products.size() == 1)
                    && products.stream().distinct().count() == products.size();
        }
    }

    record WantedLine(
            @Nullable @Size(min = 1, max = 64) String orderLineId,
            @Nullable @Pattern(regexp = "ON_DEMAND|ON_DEMAND_PKG|PERIOD|ONE_TIME") String chargingMode,
            boolean stopWhenUsedUp,
            @Nullable @Size(max = 100) List<@NotBlank @Pattern(regexp = "[^,]{1,64}") String> packageFor,
            @Nullable Instant expireTime,
            @Nullable @Size(max = 10) String periodType,
            @Nullable @Min(1) Integer periodNumber,
            @NotEmpty @Size(max = 100) List<@Valid WantedProduct> products) {

        Line of(String orderId, int number) {
            return new Line(
                    orderLineId != null ? orderLineId : lineId(orderId, number),
                    chargingMode == null ? "ON_DEMAND" : chargingMode,
                    stopWhenUsedUp,
                    packageFor == null ? List.of() : packageFor,
                    expireTime,
                    periodType,
                    periodNumber,
                    products.stream().map(WantedProduct::product).toList());
        }

        private static String lineId(String orderId, int number) {
            return String.format(Locale.ROOT, "%s-%06d", orderId, number);
        }
    }

    record WantedProduct(
            @NotBlank @Size(max = 64) String productId,
            @Nullable @Size(max = 64) String skuCode,
            @Nullable @Min(0) Integer linearValue,
            @Nullable @Size(max = 255) String productName) {

        Product product() {
            return new Product(productId, skuCode, linearValue, productName);
        }
    }

    /**
     * Many like orders at once, each of another buyer.
     *
     * @param name the orders are derived from it: buyer {@code name-000001} and so on
     * @param products one order line for each
     * @param generation as of an order
     */
    record Series(
            @NotBlank @Size(max = 40) String name,
            @Min(1) @Max(1_000_000) int count,
            @Min(0) int first,
            @NotEmpty @Size(max = 30) List<@NotBlank @Size(max = 64) String> products,
            boolean derivedIds,
            @Nullable @Min(1) @Max(2) Integer generation) {}

    /** A line of an order and what it is for. */
    record OrderedLine(String orderId, String orderLineId, String buyerId, String productId) {}

    /** What became of a line. */
    record Opening(
            long callbackId,
            @JsonUnwrapped OrderedLine line,
            String state,
            @Nullable String instanceId,
            int attempts,
            @Nullable String lastAnswer) {}

    record Placed(int orders, List<Opening> lines) {}

    record PlacedSeries(int orders, int lines) {}

    @PostMapping("/sim/orders")
    Placed place(@Valid @RequestBody Placing placing) {
        if (placing.orders.stream().anyMatch(order -> order.orderId == null && order.name == null)) {
            throw new RequestNotPossibleException(
                    HttpStatus.BAD_REQUEST, "order-without-id", "each order needs orderId or name");
        }
        if (!placing.orders.stream().allMatch(WantedOrder::tellsItemsApart)) {
            throw new RequestNotPossibleException(
                    HttpStatus.BAD_REQUEST,
                    "items-not-told-apart",
                    "in generation 1 each line has one product, and each product one line");
        }
        Instant now = business.instant().truncatedTo(MILLIS);
        List<Order> orders = placing.orders.stream().map(order -> order.at(now)).toList();
        placement.place(orders, placing.derivedIds);
        return new Placed(orders.size(), openings(orders, placing.waitSeconds));
    }

    private List<Opening> openings(List<Order> orders, int waitSeconds) {
        Map<String, Order> ordersByLine = new HashMap<>();
        Map<String, Line> lines = new HashMap<>();
        for (Order order : orders) {
            for (Line line : order.lines()) {
                ordersByLine.put(line.orderLineId(), order);
                lines.put(line.orderLineId(), line);
            }
        }
        List<Opening> openings = new ArrayList<>();
        for (Callback callback : placement.openings(List.copyOf(lines.keySet()), Duration.ofSeconds(waitSeconds))) {
            Order order = Objects.requireNonNull(ordersByLine.get(callback.orderLineId()));
            Line line = Objects.requireNonNull(lines.get(callback.orderLineId()));
            openings.add(new Opening(
                    callback.callbackId(),
                    new OrderedLine(
                            order.orderId(),
                            line.orderLineId(),
                            order.buyerId(),
                            line.products().get(0).productId()),
                    callback.progress().state().name().toLowerCase(Locale.ROOT),
                    callback.instanceId(),
                    callback.progress().attempts(),
                    callback.progress().lastAnswer()));
        }
        return openings;
    }

    @PostMapping("/sim/orders/series")
    PlacedSeries placeSeries(@Valid @RequestBody Series series) {
        Instant now = business.instant().truncatedTo(MILLIS);
        List<Order> orders = new ArrayList<>(series.count);
        for (int i = series.first; i < series.first + series.count; i++) {
            orders.add(orderOfSeries(series, i, now));
        }
        placement.place(orders, series.derivedIds);
        return new PlacedSeries(orders.size(), orders.size() * series.products.size());
    }

    private static Order orderOfSeries(Series series, int number, Instant now) {
        String buyer = String.format(Locale.ROOT, "%s-%06d", series.name, number);
        String orderId = DerivedId.orderId(buyer);
        List<Line> lines = new ArrayList<>();
        for (String productId : series.products) {
            lines.add(Line.plain(
                    WantedLine.lineId(orderId, lines.size() + 1),
                    "ON_DEMAND",
                    List.of(new Product(productId, null, null, null))));
        }
        CallbackGeneration generation =
                series.generation == null ? CallbackGeneration.SECOND : CallbackGeneration.of(series.generation);
        return Order.formal(orderId, "NEW", buyer, now, generation, lines);
    }
}
