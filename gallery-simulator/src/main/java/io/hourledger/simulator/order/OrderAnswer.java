package io.hourledger.simulator.order;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.simulator.order.Order.Line;
import io.hourledger.simulator.order.Order.Product;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.json.JsonMapper;

/** The bodies of query order's answers. */
final class OrderAnswer {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private OrderAnswer() {}

    /** @param orderLineId null for all lines */
    static ResponseEntity<byte[]> found(Order order, @Nullable String orderLineId) {
        List<Object> lines = new ArrayList<>();
        for (Line line : order.lines()) {
            if (orderLineId == null || orderLineId.equals(line.orderLineId())) {
                lines.add(line(line));
            }
        }
        Map<String, Object> orderInfo = new LinkedHashMap<>();
        orderInfo.put("orderId", order.orderId());
        orderInfo.put("orderType", order.orderType());
        orderInfo.put("createTime", TIME.format(order.placedAt()));
        orderInfo.put("orderLine", lines);
        orderInfo.put("buyerInfo", buyer(order));
        orderInfo.put("extendParams", List.of());
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("resultCode", "MKT.0000");
        body.put("resultMsg", "Success");
        body.put("orderInfo", orderInfo);
        return json(200, body);
    }

    private static Map<String, Object> buyer(Order order) {
        Map<String, Object> buyer = new LinkedHashMap<>();
        buyer.put("customerId", order.buyerId());
        buyer.put("customerName", order.buyerName());
        return buyer;
    }

    private static Map<String, Object> line(Line line) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("orderLineId", line.orderLineId());
        fields.put("chargingMode", line.chargingMode());
        Instant expireTime = line.expireTime();
        putIfThere(fields, "periodType", line.periodType());
        putIfThere(fields, "periodNumber", line.periodNumber());
        putIfThere(fields, "expireTime", expireTime == null ? null : TIME.format(expireTime));
        List<Object> products = new ArrayList<>();
        for (Product product : line.products()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("productId", product.productId());
            putIfThere(one, "skuCode", product.skuCode());
            putIfThere(one, "linearValue", product.linearValue());
            putIfThere(one, "productName", product.productName());
            products.add(one);
        }
        fields.put("productInfo", products);
        fields.put("extendParams", List.of());
        return fields;
    }

    private static void putIfThere(Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    static ResponseEntity<byte[]> error(int httpStatus, String code, String message) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("resultCode", code);
        body.put("resultMsg", message);
        return json(httpStatus, body);
    }

    /** What the API gateway answers before the service is reached. */
    static ResponseEntity<byte[]> gateway(int httpStatus, String code, String message) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error_msg", message);
        body.put("error_code", code);
        return json(httpStatus, body);
    }

    static ResponseEntity<byte[]> page(int httpStatus) {
        return ResponseEntity.status(httpStatus)
                .contentType(MediaType.TEXT_HTML)
                .body("<html><body><h1>Bad Gateway</h1></body></html>".getBytes(UTF_8));
    }

    static ResponseEntity<byte[]> empty() {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(new byte[0]);
    }

    private static ResponseEntity<byte[]> json(int httpStatus, Map<String, Object> body) {
        return ResponseEntity.status(httpStatus)
                .contentType(MediaType.APPLICATION_JSON)
                .body(JSON.writeValueAsBytes(body));
    }
}
