package io.hourledger.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A seller's production URL: keeps what it is told and answers as a test wants. Its signatures are written here once more, on purpose. */
public final class FakeSeller implements AutoCloseable {

    static final JsonMapper JSON = JsonMapper.builder().build();

    static {
        // The JDK's server writes head and body apart; with Nagle's algorithm each answer would take 40 ms.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final String key;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(16);
    private final List<Told> told = new CopyOnWriteArrayList<>();
    private volatile Function<Told, Answer> behaviour = FakeSeller::opensAtOnce;

    /** One call as it came. */
    public record Told(Map<String, String> query, String body) {

        /** What it says: of V1.0, which has no body, the parameters. */
        public JsonNode json() {
            return body.isEmpty() ? JSON.valueToTree(query) : JSON.readTree(body);
        }

        public String activity() {
            return json().path("activity").asString("");
        }
    }

    /** An answer; {@code bodySign} null means the right one. */
    public record Answer(int status, String body, String bodySign) {

        public static Answer of(String body) {
            return new Answer(200, body, null);
        }
    }

    public FakeSeller(String key) {
        this.key = key;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/callback", this::handle);
        server.start();
    }

    public static Answer opensAtOnce(Told told) {
        return switch (told.activity()) {
            case "newInstance" ->
                Answer.of("{\"resultCode\":\"000000\",\"resultMsg\":\"success.\",\"instanceId\":\""
                        + told.json().path("businessId").asString("") + "\"}");
            default -> Answer.of("{\"resultCode\":\"000000\",\"resultMsg\":\"success.\"}");
        };
    }

    public void answer(Function<Told, Answer> next) {
        behaviour = next;
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/callback");
    }

    public List<Told> told() {
        return List.copyOf(told);
    }

    public List<Told> told(String activity) {
        List<Told> of = new ArrayList<>();
        for (Told one : told) {
            if (one.activity().equals(activity)) {
                of.add(one);
            }
        }
        return of;
    }

    private void handle(HttpExchange exchange) throws IOException {
        Map<String, String> query = new java.util.HashMap<>();
        for (String pair : exchange.getRequestURI().getRawQuery().split("&", -1)) {
            int equals = pair.indexOf('=');
            query.put(pair.substring(0, equals), java.net.URLDecoder.decode(pair.substring(equals + 1), UTF_8));
        }
        Told one = new Told(query, new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        told.add(one);
        Answer answer = behaviour.apply(one);
        byte[] body = answer.body.getBytes(UTF_8);
        String sign = answer.bodySign == null ? bodySign(body) : answer.bodySign;
        if (!sign.isEmpty()) {
            exchange.getResponseHeaders().set("Body-Sign", sign);
        }
        exchange.sendResponseHeaders(answer.status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String bodySign(byte[] body) {
        return "sign_type=\"HMAC-SHA256\", signature=\"" + Base64.getEncoder().encodeToString(hmac(key, body)) + "\"";
    }

    static byte[] hmac(String key, byte[] text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA256"));
            return mac.doFinal(text);
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
