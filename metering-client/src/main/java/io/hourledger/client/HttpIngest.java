package io.hourledger.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Sends batches to the service over HTTP and waits for the whole answer, within a bound. */
final class HttpIngest {

    private final URI endpoint;
    private final Supplier<String> apiKey;
    private final Supplier<@Nullable String> traceparent;
    private final Duration timeout;
    private final HttpClient http;

    HttpIngest(URI service, Supplier<String> apiKey, Supplier<@Nullable String> traceparent, Duration timeout) {
        this.endpoint = URI.create(service.toString().replaceAll("/+$", "") + "/v1/usage-events");
        this.apiKey = apiKey;
        this.traceparent = traceparent;
        this.timeout = timeout;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .build();
    }

    /** Sends all in one request. Without an answer nothing is known to be taken. */
    SendResult send(List<BufferedUsage> batch) throws InterruptedException {
        HttpRequest request;
        try {
            request = request(batch);
        } catch (RuntimeException noKey) {
            return unanswered(batch, "the request cannot be made: " + noKey.getMessage());
        }
        CompletableFuture<HttpResponse<String>> exchange = http.sendAsync(request, BodyHandlers.ofString());
        try {
            // a request's own time-out ends with the headers; this one covers the body, too
            HttpResponse<String> answer = exchange.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            String retryAfter = answer.headers().firstValue("Retry-After").orElse("");
            return new IngestReply(answer.statusCode(), retryAfter, answer.body()).readFor(batch.size());
        } catch (ExecutionException broken) {
            return unanswered(batch, String.valueOf(broken.getCause()));
        } catch (TimeoutException slow) {
            return unanswered(batch, "none within " + timeout);
        } finally {
            exchange.cancel(true);
        }
    }

    private HttpRequest request(List<BufferedUsage> batch) {
        String body = batch.stream().map(BufferedUsage::event).collect(Collectors.joining(",", "[", "]"));
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint)
                .header("Authorization", "Bearer " + apiKey.get())
                .header("Content-Type", "application/cloudevents-batch+json")
                .header("Prefer", "return=minimal, handling=lenient")
                .POST(BodyPublishers.ofString(body));
        return traced(request).build();
    }

    /** Usage counts without its trace, so a trace that cannot be told stops nothing. */
    private HttpRequest.Builder traced(HttpRequest.Builder request) {
        try {
            String trace = traceparent.get();
            return trace == null ? request : request.header("traceparent", trace);
        } catch (RuntimeException noTrace) {
            return request;
        }
    }

    private static SendResult unanswered(List<BufferedUsage> batch, String why) {
        return SendResult.unclear(batch.size(), null, "no answer: " + why);
    }
}
