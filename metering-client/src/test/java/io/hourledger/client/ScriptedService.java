package io.hourledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A service that answers as a test says, for answers that the real one gives seldom or never. It notes all that came. */
final class ScriptedService implements AutoCloseable {

    private final HttpServer server;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile Function<Request, Reply> script = Reply::accepting;

    record Request(String authorization, List<JsonNode> events, String traceparent) {

        List<String> ids() {
            return events.stream().map(event -> event.get("id").asString()).toList();
        }

        List<String> subjects() {
            return events.stream().map(event -> event.get("subject").asString()).toList();
        }
    }

    record Reply(int status, String body, Map<String, String> headers) {

        static Reply of(int status, String body) {
            return new Reply(status, body, Map.of());
        }

        /** As the service does when it has all. */
        static Reply accepting(Request request) {
            return rejecting("", request);
        }

        /** As the service does when it rejects those of an instance. */
        static Reply rejecting(String instance, Request request) {
            List<String> items = new ArrayList<>();
            for (int i = 0; i < request.events().size(); i++) {
                if (request.subjects().get(i).equals(instance)) {
                    items.add(
                            "{\"index\":%d,\"status\":\"rejected\",\"code\":\"invalid\",\"field\":\"subject\",\"detail\":\"no\"}"
                                    .formatted(i));
                }
            }
            int accepted = request.events().size() - items.size();
            String body = "{\"accepted\":%d,\"rejected\":%d,\"unavailable\":0,\"items\":[%s]}"
                    .formatted(accepted, items.size(), String.join(",", items));
            return of(items.isEmpty() ? 202 : 400, body);
        }
    }

    ScriptedService() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/v1/usage-events", this::answer);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    void answer(Function<Request, Reply> script) {
        this.script = script;
    }

    void answer(int status, String body) {
        answer(request -> Reply.of(status, body));
    }

    void acceptAll() {
        answer(Reply::accepting);
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    /** The ids of all events that came, with repeats. */
    List<String> ids() {
        return requests.stream().flatMap(request -> request.ids().stream()).toList();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode events = JsonMapper.shared().readTree(exchange.getRequestBody());
            Request request = new Request(
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    events.valueStream().toList(),
                    exchange.getRequestHeaders().getFirst("traceparent"));
            Reply reply = script.apply(request);
            requests.add(request);
            reply.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            byte[] body = reply.body().getBytes(UTF_8);
            exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
