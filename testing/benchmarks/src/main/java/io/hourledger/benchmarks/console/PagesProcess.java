package io.hourledger.benchmarks.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.benchmarks.process.Parent;
import io.hourledger.console.Console;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.context.ConfigurableApplicationContext;

/** The console as a service, and a reader who follows its pages of the month, by instance and then by buyer. */
public final class PagesProcess {

    /** So many pages are measured. */
    static final int PAGES = 400;

    /** A page of 50 buyers reads all their hours, so fewer are measured. */
    private static final int BUYER_PAGES = 40;

    private static final int OK = 200;
    private static final double MEDIAN = 0.5;
    private static final double PERCENTILE = 0.95;
    private static final String TOKEN = "a token of the bench";
    private static final Pattern NEXT = Pattern.compile("<a href=\"([^\"]*)\" rel=\"next\">Next page</a>");

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI address;

    private PagesProcess(URI address) {
        this.address = address;
    }

    /** Takes the database's address, user and password. */
    public static void main(String[] arguments) throws Exception {
        Parent.whenItEnds(() -> {});
        try (ConfigurableApplicationContext console = Console.application()
                .properties(Map.of(
                        "spring.datasource.url",
                        arguments[0],
                        "spring.datasource.username",
                        arguments[1],
                        "spring.datasource.password",
                        arguments[2],
                        "hourledger.console.tokens[0].name",
                        "bench",
                        "hourledger.console.tokens[0].role",
                        "reader",
                        "hourledger.console.tokens[0].sha256",
                        sha256(TOKEN)))
                .run("--server.port=0", "--management.server.port=0")) {
            String port = console.getEnvironment().getProperty("local.server.port");
            Parent.result(new PagesProcess(URI.create("http://127.0.0.1:" + port)).measure());
        }
    }

    private Map<String, Object> measure() throws IOException, InterruptedException {
        double[] instances = measured("instance", PAGES);
        double[] buyers = measured("buyer", BUYER_PAGES);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("pages", PAGES);
        result.put("page_p50_ms", percentile(instances, MEDIAN));
        result.put("page_p95_ms", percentile(instances, PERCENTILE));
        result.put("page_max_ms", instances[instances.length - 1]);
        result.put("buyer_pages", BUYER_PAGES);
        result.put("buyer_page_p95_ms", percentile(buyers, PERCENTILE));
        return result;
    }

    /** Milliseconds of each page, sorted; a quarter as many warm up. Behind the last page comes the first. */
    private double[] measured(String by, int pages) throws IOException, InterruptedException {
        String first = "/finance?month=" + MonthLoad.MONTH + "&by=" + by;
        double[] millis = new double[pages];
        String page = first;
        for (int i = -pages / 4; i < pages; i++) {
            long startedAt = System.nanoTime();
            String body = get(page);
            if (i >= 0) {
                millis[i] = (System.nanoTime() - startedAt) / 1e6;
                Parent.progress(i);
            }
            Matcher next = NEXT.matcher(body);
            page = next.find() ? next.group(1).replace("&amp;", "&") : first;
        }
        Arrays.sort(millis);
        return millis;
    }

    private static double percentile(double[] sorted, double share) {
        return sorted[(int) (sorted.length * share)];
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(address.resolve(path))
                        .header("Authorization", "Bearer " + TOKEN)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != OK) {
            throw new IllegalStateException(response.statusCode() + " for " + path);
        }
        return response.body();
    }

    private static String sha256(String text) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    }
}
