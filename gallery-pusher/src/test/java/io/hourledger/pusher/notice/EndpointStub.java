package io.hourledger.pusher.notice;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An app's endpoint that a test tells how to answer. */
final class EndpointStub implements AutoCloseable {

    /** A call as it came. */
    record Call(String id, String timestamp, String signature, String contentType, String body) {

        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        String type() {
            return json().path("type").asString("").replace("io.hourledger.instance.", "");
        }

        String instance() {
            return json().path("subject").asString("");
        }
    }

    /** Answers a call; it may wait, or answer nothing. */
    interface Answer {
        void to(HttpExchange exchange, Call call, int number) throws IOException;
    }

    final List<Call> calls = new CopyOnWriteArrayList<>();
    /** Those that were answered with 204. */
    final List<Call> taken = new CopyOnWriteArrayList<>();

    private final HttpServer server;
    private volatile Answer answer;

    EndpointStub(Answer answer) {
        this.answer = answer;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::take);
        server.start();
    }

    static void status(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
    }

    void answers(Answer newAnswer) {
        this.answer = newAnswer;
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            Call call = new Call(
                    header(exchange, "webhook-id"),
                    header(exchange, "webhook-timestamp"),
                    header(exchange, "webhook-signature"),
                    header(exchange, "Content-Type"),
                    new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            calls.add(call);
            answer.to(exchange, call, calls.size());
            if (exchange.getResponseCode() == 204) {
                taken.add(call);
            }
        }
    }

    private static String header(HttpExchange exchange, String name) {
        return String.valueOf(exchange.getRequestHeaders().getFirst(name));
    }

    URI url() {
        return URI.create("http://localhost:" + server.getAddress().getPort() + "/notices");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
