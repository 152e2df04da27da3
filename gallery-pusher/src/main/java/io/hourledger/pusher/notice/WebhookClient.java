package io.hourledger.pusher.notice;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends a notice to an endpoint, once. It follows no redirect: a notice goes where the settings say, or nowhere. */
final class WebhookClient implements AutoCloseable {

    private static final int NO_STATUS = 0;
    private static final int MOST_ANSWER_BYTES = 16 * 1024;

    private final HttpClient http;
    private final Duration answerTimeout;
    private final Clock machineTime;

    /**
     * @param answerTimeout from sending to the answer's end
     * @param machineTime what the signature says: receivers refuse what is old
     */
    WebhookClient(Duration connectTimeout, Duration answerTimeout, Clock machineTime) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout)
                .build();
        this.answerTimeout = answerTimeout;
        this.machineTime = machineTime;
    }

    DeliveryOutcome send(WebhookEndpoint endpoint, String id, String body) {
        long timestamp = machineTime.instant().getEpochSecond();
        HttpRequest request = HttpRequest.newBuilder(endpoint.url())
                .header("Content-Type", NoticeJson.MEDIA_TYPE + "; charset=UTF-8")
                .header("webhook-id", id)
                .header("webhook-timestamp", Long.toString(timestamp))
                .header("webhook-signature", WebhookSecret.header(endpoint.secrets(), id, timestamp, body))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        AtomicInteger status = new AtomicInteger(NO_STATUS);
        CompletableFuture<HttpResponse<byte[]>> pending = http.sendAsync(request, head -> {
            status.set(head.statusCode());
            return BodySubscribers.limiting(BodySubscribers.ofByteArray(), MOST_ANSWER_BYTES);
        });
        String trouble;
        try {
            pending.get(answerTimeout.toMillis(), TimeUnit.MILLISECONDS);
            trouble = "";
        } catch (TimeoutException silent) {
            pending.cancel(true);
            trouble = "no answer within " + answerTimeout;
        } catch (InterruptedException stopped) {
            pending.cancel(true);
            Thread.currentThread().interrupt();
            return new DeliveryOutcome.EndpointFails("stopped while waiting for the answer");
        } catch (ExecutionException failed) {
            trouble = describe(failed);
        }
        // an answer that is too long, or never ends, has begun with a status all the same
        return status.get() == NO_STATUS ? new DeliveryOutcome.EndpointFails(trouble) : outcomeOf(status.get());
    }

    private static DeliveryOutcome outcomeOf(int status) {
        if (status >= 200 && status < 300) {
            return new DeliveryOutcome.Delivered();
        }
        if (status >= 300 && status < 400) {
            return new DeliveryOutcome.EndpointFails("HTTP " + status + ": redirects are not followed");
        }
        boolean ofThisNotice = status >= 400 && status < 500 && status != 408 && status != 429;
        return ofThisNotice
                ? new DeliveryOutcome.NotTaken("HTTP " + status)
                : new DeliveryOutcome.EndpointFails("HTTP " + status);
    }

    private static String describe(ExecutionException failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
