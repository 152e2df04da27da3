package io.hourledger.standalone.demo;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a buyer has ordered: one order with a line for each billing item. All ids are derived from the buyer's name and nothing is random,
 * so that a demo started again speaks of the same orders and instances.
 */
record DemoOrder(String buyer, String orderId, List<Line> lines) {

    /** The marketplace's buyer ids are bounded; names of hosts are not. */
    private static final int MAX_BUYER_ID_CHARS = 64;

    private static final int ID_BYTES = 10;

    /**
     * One billing item.
     */
    record Line(DemoMeter meter, String orderLineId) {}

    static DemoOrder of(String buyer) {
        String orderId = orderId(buyer);
        return new DemoOrder(
                buyer,
                orderId,
                Stream.of(DemoMeter.values())
                        .map(meter -> new Line(meter, orderLineId(orderId, meter)))
                        .toList());
    }

    /** What the marketplace knows the buyer by. */
    String buyerId() {
        return buyer.length() <= MAX_BUYER_ID_CHARS ? buyer : "host-" + digest(buyer);
    }

    static String orderId(String buyer) {
        return "CS-" + digest(buyer);
    }

    /** The line of a buyer's order that names this meter's product. */
    static String orderLineId(String orderId, DemoMeter meter) {
        return orderId + meter.lineSuffix();
    }

    private static String digest(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
