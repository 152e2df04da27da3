package io.hourledger.simulator.callback;

import io.hourledger.simulator.order.Order;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What V1.0 says where V2.0 says something else (koogallery.md, section 4.5). */
final class FirstGenerationForm {

    private static final DateTimeFormatter EXPIRE_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private FirstGenerationForm() {}

    /** What newInstance tells of an order: the seller cannot ask for it. A line has one product. */
    static Map<String, Object> ordered(Order order, Order.Line line) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("customerId", order.buyerId());
        fields.put("customerName", order.buyerName());
        fields.putAll(product(line));
        switch (line.chargingMode()) {
            case "PERIOD" -> fields.put("chargingMode", 1);
            case "ONE_TIME" -> fields.put("chargingMode", 3);
            default -> {
                // which number pay per use and packages have no page says
            }
        }
        Instant expireTime = line.expireTime();
        if (expireTime != null) {
            fields.put("expireTime", EXPIRE_TIME.format(expireTime));
        }
        if (line.periodType() != null) {
            fields.put("periodType", line.periodType());
        }
        if (line.periodNumber() != null) {
            fields.put("periodNumber", line.periodNumber());
        }
        return fields;
    }

    /** The product of a line; both fields are mandatory in an upgrade. */
    static Map<String, Object> product(Order.Line line) {
        Order.Product product = line.products().get(0);
        String skuCode = product.skuCode();
        return Map.of("productId", product.productId(), "skuCode", skuCode == null ? product.productId() : skuCode);
    }

    /** The fields of a V2.0 call by the names of V1.0. */
    static Map<String, Object> of(Map<String, Object> secondGeneration) {
        Map<String, Object> fields = new HashMap<>(secondGeneration);
        fields.remove("orderLineId");
        Object scene = fields.remove("scene");
        if ("TRIAL_TO_FORMAL".equals(scene)) {
            fields.put("trialToFormal", 1);
        }
        Object status = fields.remove("status");
        if (status != null) {
            fields.put("instanceStatus", status.equals("UNFREEZE") ? "NORMAL" : status);
        }
        return fields;
    }
}
