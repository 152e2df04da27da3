package io.hourledger.simulator.order;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a buyer ordered.
 *
 * @param orderType NEW, TRIAL, TRIAL_TO_FORMAL, UNSUBSCRIBE, RENEW or CHANGE
 * @param test whether it is a debugging order
 * @param placedAt business time
 * @param generation the callbacks that tell the seller of it
 */
public record Order(
        String orderId,
        String orderType,
        String buyerId,
        String buyerName,
        boolean test,
        Instant placedAt,
        CallbackGeneration generation,
        List<Line> lines) {

    public Order {
        lines = List.copyOf(lines);
    }

    /** An order that is no debugging order. */
    public static Order formal(
            String orderId,
            String orderType,
            String buyerId,
            Instant placedAt,
            CallbackGeneration generation,
            List<Line> lines) {
        return new Order(orderId, orderType, buyerId, buyerId, false, placedAt, generation, lines);
    }

    /** A debugging order. */
    static Order debugging(
            String orderId, String orderType, String buyerId, String buyerName, Instant placedAt, Line line) {
        return new Order(
                orderId, orderType, buyerId, buyerName, true, placedAt, CallbackGeneration.SECOND, List.of(line));
    }

    /**
     * One line; opened by one newInstance call.
     *
     * @param chargingMode ON_DEMAND, ON_DEMAND_PKG, PERIOD or ONE_TIME
     * @param stopWhenUsedUp whether it is a stop-when-used-up package
     * @param packageFor the pay-per-use products that such a package covers; empty = all of the buyer
     * @param expireTime not of pay per use
     */
    public record Line(
            String orderLineId,
            String chargingMode,
            boolean stopWhenUsedUp,
            List<String> packageFor,
            @Nullable Instant expireTime,
            @Nullable String periodType,
            @Nullable Integer periodNumber,
            List<Product> products) {

        /** A line that is no package and has no period. */
        public static Line plain(String orderLineId, String chargingMode, List<Product> products) {
            return new Line(orderLineId, chargingMode, false, List.of(), null, null, null, products);
        }

        /** The same for so many periods. */
        Line until(Instant expires, String type, int number) {
            return new Line(orderLineId, chargingMode, stopWhenUsedUp, packageFor, expires, type, number, products);
        }

        public Line {
            packageFor = List.copyOf(packageFor);
            products = List.copyOf(products);
        }
    }

    /** A product of a line. */
    public record Product(
            String productId, @Nullable String skuCode, @Nullable Integer linearValue, @Nullable String productName) {}

    /** Whether both are the same order, whenever they were placed. */
    boolean isSameOrderAs(Order other) {
        return equals(new Order(
                other.orderId,
                other.orderType,
                other.buyerId,
                other.buyerName,
                other.test,
                placedAt,
                other.generation,
                other.lines));
    }

    /** Whether its lines are opened by newInstance. */
    public boolean opensInstances() {
        return orderType.equals("NEW") || orderType.equals("TRIAL");
    }
}
