package io.hourledger.pusher;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hourledger.pusher.koogallery.SellerKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** A gallery that answers each call as a test tells it, over real HTTP, and keeps what came. */
public final class GalleryStub implements AutoCloseable {

    public static final String KEY = "the-seller's-key";
    public static final String ACCEPTED = "{\"error_code\":\"MKT.0000\",\"error_msg\":\"success\"}";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Push> pushes = new CopyOnWriteArrayList<>();
    private final Map<String, String> orders = new ConcurrentHashMap<>();
    private volatile String key = KEY;
    private volatile CountDownLatch ordersAnswered = new CountDownLatch(0);
    private volatile Function<Push, Reply> behaviour = push -> Reply.json(200, ACCEPTED);

    /** A push as it came. */
    public record Push(int number, String body, List<String> meteringSns, boolean signed) {}

    /** An answer; a null body hangs up without one. */
    public record Reply(int status, String body, Map<String, String> headers) {

        public static Reply json(int status, String body) {
            return new Reply(status, body, Map.of("Content-Type", "application/json"));
        }

        public static Reply code(int status, String code) {
            return json(status, "{\"error_code\":\"" + code + "\",\"error_msg\":\"because\"}");
        }

        public static Reply hangUp() {
            return new Reply(0, null, Map.of());
        }
    }

    public GalleryStub() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/api/mkp-openapi-public/global/v1/isv/usage-data", this::push);
        server.createContext("/api/mkp-openapi-public/global/v1/order/query", this::order);
        server.setExecutor(threads);
        server.start();
    }

    public URI address() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    public void answers(Function<Push, Reply> newBehaviour) {
        behaviour = newBehaviour;
    }

    /** What the seller's key is in the console, from now on. */
    public void knowsKey(String newKey) {
        key = newKey;
    }

    public void knowsOrder(String orderId, String json) {
        orders.put(orderId, json);
    }

    /** Takes queries of orders from now on, and answers none until this is called. */
    public Runnable keepsOrdersWaiting() {
        CountDownLatch until = new CountDownLatch(1);
        ordersAnswered = until;
        return until::countDown;
    }

    public List<Push> pushes() {
        return pushes;
    }

    /** All records that came, in order, with repeats. */
    public List<String> recordsThatCame() {
        List<String> sns = new ArrayList<>();
        pushes.forEach(push -> sns.addAll(push.meteringSns()));
        return sns;
    }

    private void push(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String expected = new SellerKey(key)
                .pushSignature(
                        exchange.getRequestHeaders().getFirst("ts"),
                        exchange.getRequestHeaders().getFirst("nonce"),
                        body);
        List<String> sns = new ArrayList<>();
        for (JsonNode record : JSON.readTree(body).get("usage_records")) {
            sns.add(record.get("metering_sn").asString());
        }
        Push push;
        synchronized (pushes) {
            push = new Push(
                    pushes.size(),
                    new String(body, UTF_8),
                    sns,
                    expected.equals(exchange.getRequestHeaders().getFirst("signature")));
            pushes.add(push);
        }
        reply(exchange, behaviour.apply(push));
    }

    private void order(HttpExchange exchange) throws IOException {
        try {
            ordersAnswered.await();
        } catch (InterruptedException closed) {
            exchange.close();
            return;
        }
        Map<String, String> asked = new HashMap<>();
        for (String parameter : exchange.getRequestURI().getQuery().split("&", -1)) {
            asked.put(parameter.substring(0, parameter.indexOf('=')), parameter.substring(parameter.indexOf('=') + 1));
        }
        String order = orders.get(asked.getOrDefault("orderId", ""));
        reply(
                exchange,
                order == null
                        ? new Reply(502, "<html>Bad Gateway</html>", Map.of())
                        : Reply.json(200, onlyLine(order, asked.get("orderLineId"))));
    }

    /** As the marketplace does it: who asks for a line sees no other. */
    private static String onlyLine(String order, @Nullable String orderLineId) {
        JsonNode json = JSON.readTree(order);
        if (orderLineId != null && json.path("orderInfo").path("orderLine") instanceof ArrayNode lines) {
            lines.removeIf(line -> !line.path("orderLineId").asString("").equals(orderLineId));
        }
        return JSON.writeValueAsString(json);
    }

    private static void reply(HttpExchange exchange, Reply reply) throws IOException {
        if (reply.body() == null) {
            exchange.close();
            return;
        }
        reply.headers().forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
        byte[] bytes = reply.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
