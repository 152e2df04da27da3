package io.hourledger.simulator.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.simulator.settings.SimulatorSettings;
import io.hourledger.simulator.signing.BodySign;
import io.hourledger.simulator.signing.CallbackSignature;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sends one signed V2.0 call to the seller's production URL and judges the answer as koogallery.md, sections 4.2 and 4.3, ask. */
@Component
final class SellerClient {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String sellerKey;
    private final Duration timeout;
    private final Clock machine = Clock.systemUTC();
    private final HttpClient http;

    SellerClient(SimulatorSettings settings) {
        this.sellerKey = settings.sellerKey();
        this.timeout = settings.callbacks().timeout();
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .build();
    }

    /**
     * @param fields what the body says beside {@code activity} and {@code testFlag}
     * @param test whether it is a debugging call; real calls carry no {@code testFlag}
     */
    SellerAnswer call(URI productionUrl, String activity, Map<String, Object> fields, boolean test) {
        Map<String, Object> sorted = new TreeMap<>(fields);
        sorted.put("activity", activity);
        if (test) {
            sorted.put("testFlag", "1");
        }
        byte[] body = JSON.writeValueAsBytes(sorted);
        HttpRequest request = HttpRequest.newBuilder(signed(productionUrl, body))
                .timeout(timeout)
                .header("Content-Type", "application/json;charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try {
            return assess(http.send(request, HttpResponse.BodyHandlers.ofByteArray()));
        } catch (HttpTimeoutException late) {
            return new SellerAnswer.Unusable("no answer within " + timeout.toMillis() + " ms");
        } catch (IOException broken) {
            return new SellerAnswer.Unusable("connection failed: " + broken);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return new SellerAnswer.Unusable("the simulator is stopping");
        }
    }

    private URI signed(URI productionUrl, byte[] body) {
        String timestamp = Long.toString(machine.millis());
        String nonce = UUID.randomUUID().toString();
        String signature = CallbackSignature.of(sellerKey, nonce, timestamp, body);
        String query = "signature=" + encoded(signature) + "&timestamp=" + timestamp + "&nonce=" + encoded(nonce);
        String url = productionUrl.toString();
        return URI.create(url + (url.contains("?") ? "&" : "?") + query);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    private SellerAnswer assess(HttpResponse<byte[]> response) {
        if (response.statusCode() != 200) {
            return new SellerAnswer.Unusable("HTTP status " + response.statusCode() + " instead of 200");
        }
        byte[] body = response.body();
        @Nullable String header = response.headers().firstValue("Body-Sign").orElse(null);
        BodySign.Verdict verdict = BodySign.assess(header, sellerKey, body);
        if (verdict != BodySign.Verdict.GOOD) {
            return new SellerAnswer.Unusable("Body-Sign " + verdict);
        }
        try {
            JsonNode json = JSON.readTree(body);
            String resultCode = json.path("resultCode").asString("");
            if (resultCode.isEmpty() || resultCode.length() > 6) {
                return new SellerAnswer.Unusable("resultCode is missing or longer than 6 characters");
            }
            return new SellerAnswer.Signed(resultCode, json);
        } catch (JacksonException notJson) {
            return new SellerAnswer.Unusable("the answer is not JSON");
        }
    }
}
