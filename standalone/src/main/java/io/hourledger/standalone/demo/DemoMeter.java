package io.hourledger.standalone.demo;

import io.hourledger.standalone.traffic.Survey.Used;
import io.hourledger.standalone.traffic.TrafficLine.Request;
import java.math.BigDecimal;

/** The two billing items of the product that every buyer of the demo has ordered; the same words as in {@code catalogue.json}. */
enum DemoMeter {
    REQUESTS("requests", "web.request", "web-requests", "requests", "-000001") {
        @Override
        String data(Request request) {
            return "{}";
        }

        @Override
        BigDecimal used(Used used) {
            return BigDecimal.valueOf(used.requests());
        }
    },
    EGRESS("egress", "web.egress", "web-egress", "MB", "-000002") {
        @Override
        String data(Request request) {
            return "{\"bytes\":" + request.bytes() + "}";
        }

        @Override
        BigDecimal used(Used used) {
            return new BigDecimal(used.bytes()).movePointLeft(BYTES_IN_A_MEGABYTE_AS_POWER_OF_TEN);
        }
    };

    private static final int BYTES_IN_A_MEGABYTE_AS_POWER_OF_TEN = 6;

    private final String meter;
    private final String eventType;
    private final String productId;
    private final String unit;
    private final String lineSuffix;

    DemoMeter(String meter, String eventType, String productId, String unit, String lineSuffix) {
        this.meter = meter;
        this.eventType = eventType;
        this.productId = productId;
        this.unit = unit;
        this.lineSuffix = lineSuffix;
    }

    String meter() {
        return meter;
    }

    String eventType() {
        return eventType;
    }

    String productId() {
        return productId;
    }

    String unit() {
        return unit;
    }

    /** What the id of its order line ends in. */
    String lineSuffix() {
        return lineSuffix;
    }

    /** The {@code data} of the event that tells this meter of a request. */
    abstract String data(Request request);

    /** The truth of one buyer in this meter's unit, exactly. */
    abstract BigDecimal used(Used used);
}
