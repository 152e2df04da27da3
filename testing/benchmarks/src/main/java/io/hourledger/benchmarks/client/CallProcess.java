package io.hourledger.benchmarks.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import io.hourledger.benchmarks.process.Parent;
import io.hourledger.client.MeteringClient;
import io.hourledger.client.SummedMeter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Calls the client from some threads at full speed, with its sender at work beside them, and measures what a call takes. */
public final class CallProcess {

    private static final int CALLS = 50_000;
    private static final int WARM_UP_ROUNDS = 5;
    private static final int ROUNDS = 10;
    private static final int TIMED_ROUNDS = 5;
    private static final long BOUND = 1L << 30;
    private static final SummedMeter EGRESS = SummedMeter.of("web.egress", "bytes");
    private static final String[] INSTANCES =
            IntStream.range(0, 1024).mapToObj(i -> "instance-" + i).toArray(String[]::new);

    private CallProcess() {}

    /** Takes the folder to spill to, and how many threads call. */
    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        Parent.whenItEnds(() -> {});
        int threads = Integer.parseInt(arguments[1]);
        HttpServer service = acceptsAll();
        MeteringClient client = MeteringClient.builder(
                        URI.create("http://127.0.0.1:" + service.getAddress().getPort()), "/bench", () -> "key")
                .spillTo(Path.of(arguments[0]), BOUND)
                .failWhenFull()
                .build();
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        List<Future<Calls>> calling = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            calling.add(callers.submit(() -> call(client)));
        }
        List<Double> means = new ArrayList<>();
        long[] single = new long[0];
        for (Future<Calls> one : calling) {
            means.addAll(one.get().means);
            single = concatenated(single, one.get().single);
        }
        callers.shutdown();
        Arrays.sort(single);
        double[] sorted =
                means.stream().mapToDouble(Double::doubleValue).sorted().toArray();

        Map<String, Object> result = new LinkedHashMap<>();
        result.put("calls", client.figures().recorded());
        result.put("ns_a_call", sorted[sorted.length / 2]);
        result.put("ns_a_call_slowest_round", sorted[sorted.length - 1]);
        result.put("ns_p50", single[single.length / 2]);
        result.put("ns_p99", single[(int) (single.length * 0.99)]);
        result.put("ns_p999", single[(int) (single.length * 0.999)]);
        Parent.result(result);
        client.close(Duration.ZERO);
        service.stop(0);
    }

    /** What the calls of one thread took: by rounds, and by themselves. */
    private static final class Calls {
        private final List<Double> means = new ArrayList<>();
        private final long[] single = new long[CALLS * TIMED_ROUNDS];
    }

    private static Calls call(MeteringClient client) {
        Calls calls = new Calls();
        for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < CALLS; i++) {
                client.usage(INSTANCES[i & 1023], EGRESS, i);
            }
            if (round >= WARM_UP_ROUNDS) {
                calls.means.add((System.nanoTime() - start) / (double) CALLS);
            }
        }
        // each call by itself; the clock adds some 25 ns to it
        for (int i = 0; i < calls.single.length; i++) {
            long start = System.nanoTime();
            client.usage(INSTANCES[i & 1023], EGRESS, i);
            calls.single[i] = System.nanoTime() - start;
        }
        return calls;
    }

    private static long[] concatenated(long[] one, long[] other) {
        long[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private static HttpServer acceptsAll() throws IOException {
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/v1/usage-events", exchange -> {
            try (exchange) {
                String events = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                byte[] answer = "{\"accepted\":%d,\"rejected\":0,\"unavailable\":0,\"items\":[]}"
                        .formatted(events.split("\"specversion\"", -1).length - 1)
                        .getBytes(UTF_8);
                exchange.sendResponseHeaders(202, answer.length);
                exchange.getResponseBody().write(answer);
            }
        });
        service.start();
        return service;
    }
}
