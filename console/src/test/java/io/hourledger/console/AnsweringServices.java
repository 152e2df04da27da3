package io.hourledger.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The aggregator and the pusher as the console sees them: they answer what they are told to, and 503 to all else. */
final class AnsweringServices implements AutoCloseable {

    final Map<String, String> answers = new ConcurrentHashMap<>();
    final List<String> tokens = new CopyOnWriteArrayList<>();

    private final HttpServer server;

    AnsweringServices() {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException noPort) {
            throw new AssertionError(noPort);
        }
        server.createContext("/", exchange -> {
            tokens.add(exchange.getRequestHeaders().getFirst("Authorization"));
            String answer = answers.get(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(answer == null ? 503 : 200, 0);
            try (var body = exchange.getResponseBody()) {
                body.write((answer == null ? "" : answer).getBytes(UTF_8));
            }
        });
        server.start();
    }

    /** A console that asks them, with the operator's token. */
    RunningConsole console() {
        String address = "http://127.0.0.1:" + server.getAddress().getPort();
        return new RunningConsole(Map.of(
                "hourledger.console.aggregator", address,
                "hourledger.console.pusher", address,
                "hourledger.operator-token", "the-operators"));
    }

    /** A night with a partition at risk, a stopped pusher, a refused record and an upgrade that is not done. */
    void tellOfANightThatNeedsAPerson() {
        answers.put(
                "/lag",
                """
                {"at":"2026-02-10T11:59:58Z","verdict":"AT_RISK","cause":"partition 1: records wait","partitions":[
                 {"partition":0,"verdict":"IN_TIME","cause":"","owner":"agg-0","lag":0,"hour":"2026-02-10T11:00:00Z",
                  "deadline":"2026-02-10T12:15:00Z","secondsLeft":905.0},
                 {"partition":1,"verdict":"AT_RISK","cause":"records wait","owner":"no process","lag":12000,
                  "hour":"2026-02-10T11:00:00Z","deadline":"2026-02-10T12:15:00Z","secondsLeft":-60.0}]}""");
        answers.put(
                "/operator/pusher",
                """
                {"lease":"held","inTime":3,"late":2,"needReview":1,"stoppedBecause":"the key was refused","stalled":null}""");
        answers.put(
                "/operator/pusher/records-needing-review",
                """
                [{"meteringSn":"abc","instanceId":"a","state":"refused","code":"MKT.9001","detail":"<b>not found</b>",
                  "since":"2026-02-10T10:00:00Z"}]""");
        answers.put("/operator/pusher/unopened-instances", "[]");
        answers.put(
                "/operator/pusher/undone-changes",
                """
                [{"instanceId":"b","orderId":"CS-9","orderLineId":"CS-9-1","kind":"upgrade","reason":"two products fit",
                  "firstCalledAt":"2026-02-10T09:00:00Z"}]""");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
