package io.hourledger.standalone.demo;

import io.hourledger.standalone.file.CsvLine;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The marketplace as people see it: buyers who place orders, and the seller's console with the usage records that were accepted. */
final class GalleryConsole {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int ORDERS_AT_ONCE = 100;
    private static final int WAIT_SECONDS = 10;

    /** As long as lines are opened, however slowly, the demo waits. */
    private static final Duration NOTHING_OPENED_FOR = Duration.ofMinutes(3);

    private static final Duration TIMEOUT = Duration.ofSeconds(WAIT_SECONDS + 30L);

    private final HttpClient client;
    private final URI address;
    private final String operatorToken;

    GalleryConsole(HttpClient client, URI address, String operatorToken) {
        this.client = client;
        this.address = address;
        this.operatorToken = operatorToken;
    }

    /**
     * Places the orders and waits until the seller has opened an instance for every line. Orders that are there already, from a run
     * before a crash, stay as they are.
     *
     * @param opened told how many instances are open, from time to time
     * @return instance id by order line
     */
    Map<String, String> open(List<DemoOrder> orders, IntConsumer opened) throws IOException, InterruptedException {
        Map<String, String> instances = new HashMap<>();
        for (int from = 0; from < orders.size(); from += ORDERS_AT_ONCE) {
            List<DemoOrder> some = orders.subList(from, Math.min(orders.size(), from + ORDERS_AT_ONCE));
            for (JsonNode line : opened(some)) {
                instances.put(
                        line.path("orderLineId").asString(""),
                        line.path("instanceId").asString(""));
            }
            opened.accept(instances.size());
        }
        return instances;
    }

    /** Waits for the lines of some orders. */
    private List<JsonNode> opened(List<DemoOrder> orders) throws IOException, InterruptedException {
        List<JsonNode> lines = place(orders);
        long open = countOpen(lines);
        long movedAt = System.nanoTime();
        while (open < lines.size()) {
            if (System.nanoTime() - movedAt > NOTHING_OPENED_FOR.toNanos()) {
                JsonNode waiting =
                        lines.stream().filter(line -> !isOpen(line)).findFirst().orElseThrow();
                throw new IOException("for " + NOTHING_OPENED_FOR.toMinutes() + " minutes no further order was opened."
                        + " Order line " + waiting.path("orderLineId").asString("")
                        + " waits, and the pusher's last answer was: "
                        + waiting.path("lastAnswer").asString("none")
                        + ". Give the same command again, or one with fewer buyers");
            }
            lines = place(orders);
            long now = countOpen(lines);
            if (now > open) {
                open = now;
                movedAt = System.nanoTime();
            }
        }
        return lines;
    }

    private static long countOpen(List<JsonNode> lines) {
        return lines.stream().filter(GalleryConsole::isOpen).count();
    }

    /** An instance id alone is not enough: the seller may have named it and still be opening it. */
    private static boolean isOpen(JsonNode line) {
        return line.path("state").asString("").equals("done")
                && !line.path("instanceId").asString("").isEmpty();
    }

    /** Placing an order again changes nothing; the gallery answers when all its lines are open, or after a while. */
    private List<JsonNode> place(List<DemoOrder> orders) throws IOException, InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("derivedIds", true);
        body.put("waitSeconds", WAIT_SECONDS);
        body.put("orders", orders.stream().map(GalleryConsole::wanted).toList());
        HttpResponse<String> response = client.send(
                request("/sim/orders")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        requireOk(response.statusCode(), "the gallery does not take the orders", response.body());
        List<JsonNode> lines = new ArrayList<>();
        JSON.readTree(response.body()).path("lines").forEach(lines::add);
        int expected = orders.size() * DemoMeter.values().length;
        if (lines.size() != expected) {
            throw new IOException("the gallery opens " + lines.size() + " order lines of " + expected);
        }
        return lines;
    }

    private static Map<String, Object> wanted(DemoOrder order) {
        Map<String, Object> wanted = new LinkedHashMap<>();
        wanted.put("orderId", order.orderId());
        wanted.put("buyerId", order.buyerId());
        wanted.put(
                "lines",
                order.lines().stream()
                        .map(line -> Map.of(
                                "orderLineId",
                                line.orderLineId(),
                                "chargingMode",
                                "ON_DEMAND",
                                "products",
                                List.of(Map.of("productId", line.meter().productId()))))
                        .toList());
        return wanted;
    }

    /** Every usage record that the gallery has accepted and not rejected since. */
    List<BilledRecord> acceptedRecords() throws IOException, InterruptedException {
        HttpResponse<Stream<String>> response = client.send(
                request("/sim/usage-records.csv?state=accepted").GET().build(), HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
            List<String> rows = lines.toList();
            requireOk(response.statusCode(), "the gallery does not show its records", String.join("\n", rows));
            return records(rows);
        }
    }

    private static List<BilledRecord> records(List<String> rows) throws IOException {
        List<String> header = CsvLine.fields(rows.get(0));
        int instance = column(header, "instance_id");
        int begin = column(header, "begin");
        int end = column(header, "end");
        int value = column(header, "usage_value");
        int meteringSn = column(header, "metering_sn");
        List<BilledRecord> records = new ArrayList<>(rows.size());
        for (String row : rows.subList(1, rows.size())) {
            List<String> fields = CsvLine.fields(row);
            records.add(new BilledRecord(
                    fields.get(instance),
                    fields.get(meteringSn),
                    Instant.parse(fields.get(begin)),
                    Instant.parse(fields.get(end)),
                    new BigDecimal(fields.get(value))));
        }
        return records;
    }

    private static int column(List<String> header, String name) throws IOException {
        int column = header.indexOf(name);
        if (column < 0) {
            throw new IOException("the gallery's export has no column " + name);
        }
        return column;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + operatorToken);
    }

    private static void requireOk(int status, String otherwise, String body) throws IOException {
        if (status != 200) {
            throw new IOException(
                    otherwise + ": HTTP " + status + " " + body.substring(0, Math.min(500, body.length())));
        }
    }
}
