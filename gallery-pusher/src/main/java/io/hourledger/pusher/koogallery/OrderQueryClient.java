package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.koogallery.AccessKey.Parameter;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.MarketplaceOrder;
import io.hourledger.pusher.marketplace.OrderLookup;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Query order (koogallery.md, section 3), signed with AK and SK. */
public final class OrderQueryClient implements OrderLookup {

    static final String PATH = "/api/mkp-openapi-public/global/v1/order/query";
    private static final Duration LATEST_SEND = Duration.ofSeconds(5);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final MarketplaceHosts hosts;
    private final AccessKey key;
    private final Clock machineTime;

    public OrderQueryClient(MarketplaceHosts hosts, AccessKey key, Clock machineTime) {
        this.hosts = hosts;
        this.key = key;
        this.machineTime = machineTime;
    }

    @Override
    public Answer query(String orderId, String orderLineId) {
        return ask(List.of(new Parameter("orderId", orderId), new Parameter("orderLineId", orderLineId)));
    }

    @Override
    public Answer queryWhole(String orderId) {
        return ask(List.of(new Parameter("orderId", orderId)));
    }

    private Answer ask(List<Parameter> query) {
        HttpResult result = hosts.send(base -> request(base, query), System.nanoTime() + LATEST_SEND.toNanos());
        return switch (result) {
            case HttpResult.NotSent(String why) -> new Answer.Unavailable(why);
            case HttpResult.Silence(String why) -> new Answer.Unavailable(why);
            case HttpResult.NotMade(String why) -> new Answer.Unavailable(why);
            case HttpResult.KeyRefused(HttpResult.Answer answer) -> read(answer);
            case HttpResult.Answer answer -> read(answer);
        };
    }

    private HttpRequest request(URI base, List<Parameter> query) {
        AccessKey.SignedHeaders signed = key.signGet(hostHeader(base), PATH, query, machineTime.instant());
        return HttpRequest.newBuilder(base.resolve(PATH + "?" + AccessKey.canonicalQuery(query)))
                .header("Accept", "application/json")
                .header("X-Sdk-Date", signed.sdkDate())
                .header("Authorization", signed.authorization())
                .GET()
                .build();
    }

    /** As the HTTP client will send it: the scheme's own port is left out. */
    private static String hostHeader(URI base) {
        int ownPort = "https".equals(base.getScheme()) ? 443 : 80;
        return base.getPort() == -1 || base.getPort() == ownPort
                ? base.getHost()
                : base.getHost() + ":" + base.getPort();
    }

    static Answer read(HttpResult.Answer result) {
        JsonNode json;
        try {
            json = JSON.readTree(result.body());
        } catch (JacksonException notJson) {
            return new Answer.Unavailable("HTTP " + result.status() + " without JSON");
        }
        String code = text(json, "resultCode", text(json, "error_code", ""));
        String message = text(json, "resultMsg", text(json, "error_msg", ""));
        String digits = code.substring(code.lastIndexOf('.') + 1);
        if (code.startsWith("APIG")) {
            return digits.startsWith("03") && !digits.equals("0308")
                    ? new Answer.NotAllowed(code, message)
                    : new Answer.Unavailable(code + " " + message);
        }
        return switch (digits) {
            case "0000" -> order(json);
            case "0100", "0101", "0199" -> new Answer.Refused(code, message);
            case "0102", "0150", "0151", "0154" -> new Answer.NotAllowed(code, message);
            default -> new Answer.Unavailable("HTTP " + result.status() + " " + code + " " + message);
        };
    }

    private static Answer order(JsonNode json) {
        JsonNode info = json.path("orderInfo");
        String orderId = text(info, "orderId", "");
        if (orderId.isEmpty()) {
            return new Answer.Unavailable("an answer of success without an order");
        }
        List<MarketplaceOrder.Line> lines = new ArrayList<>();
        for (JsonNode line : info.path("orderLine")) {
            List<MarketplaceOrder.Item> products = new ArrayList<>();
            for (JsonNode product : line.path("productInfo")) {
                String size = text(product, "linearValue", "");
                products.add(new MarketplaceOrder.Item(text(product, "productId", ""), size.isBlank() ? null : size));
            }
            lines.add(
                    new MarketplaceOrder.Line(text(line, "orderLineId", ""), text(line, "chargingMode", ""), products));
        }
        JsonNode buyer = info.path("buyerInfo").isMissingNode() ? json.path("buyerInfo") : info.path("buyerInfo");
        return new Answer.Found(
                new MarketplaceOrder(orderId, type(text(info, "orderType", "")), buyerId(buyer), lines));
    }

    private static MarketplaceOrder.Type type(String word) {
        return switch (word) {
            case "" -> MarketplaceOrder.Type.NOT_TOLD;
            case "NEW" -> MarketplaceOrder.Type.NEW;
            case "TRIAL" -> MarketplaceOrder.Type.TRIAL;
            case "TRIAL_TO_FORMAL" -> MarketplaceOrder.Type.TRIAL_TO_FORMAL;
            case "UNSUBSCRIBE" -> MarketplaceOrder.Type.UNSUBSCRIBE;
            case "RENEW" -> MarketplaceOrder.Type.RENEW;
            case "CHANGE" -> MarketplaceOrder.Type.CHANGE;
            default -> MarketplaceOrder.Type.UNDOCUMENTED;
        };
    }

    private static @Nullable String buyerId(JsonNode buyer) {
        String id = text(buyer, "customerId", "");
        return id.isBlank() ? null : id;
    }

    private static String text(JsonNode node, String name, String otherwise) {
        JsonNode value = node.get(name);
        return value == null || value.isNull() || !value.isValueNode() ? otherwise : value.asString();
    }
}
