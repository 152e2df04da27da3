package io.hourledger.simulator.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.simulator.order.CallbackGeneration;
import io.hourledger.simulator.settings.SimulatorSettings;
import io.hourledger.simulator.signing.AuthToken;
import io.hourledger.simulator.signing.BodySign;
import io.hourledger.simulator.signing.CallbackSignature;
import io.hourledger.simulator.signing.EncryptedField;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sends one signed call to the seller's production URL and judges the answer as koogallery.md, sections 4.2 and 4.3, ask. */
@Component
final class SellerClient {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final DateTimeFormatter TIME_STAMP =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS", Locale.ROOT).withZone(ZoneOffset.UTC);

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
     * How a call is signed.
     *
     * @param at machine time
     */
    record Signing(String key, Instant at) {}

    /** As the marketplace signs. */
    Signing rightly() {
        return new Signing(sellerKey, machine.instant());
    }

    /**
     * Calls the seller.
     *
     * @param fields what the call says beside {@code activity} and {@code testFlag}
     * @param test whether it is a debugging call; real calls carry no {@code testFlag}
     */
    SellerAnswer call(
            URI productionUrl,
            CallbackGeneration generation,
            String activity,
            Map<String, Object> fields,
            boolean test) {
        return send(request(productionUrl, generation, said(activity, fields, test), rightly()));
    }

    /** All that a call says. */
    static Map<String, Object> said(String activity, Map<String, Object> fields, boolean test) {
        Map<String, Object> sorted = new TreeMap<>(fields);
        sorted.put("activity", activity);
        if (test) {
            sorted.put("testFlag", "1");
        }
        return sorted;
    }

    /** A call to be sent, once or more often. */
    HttpRequest request(URI productionUrl, CallbackGeneration generation, Map<String, Object> said, Signing signing) {
        return (generation == CallbackGeneration.FIRST
                        ? get(productionUrl, said, signing)
                        : post(productionUrl, said, signing))
                .timeout(timeout)
                .build();
    }

    SellerAnswer send(HttpRequest request) {
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

    private HttpRequest.Builder post(URI productionUrl, Map<String, Object> fields, Signing signing) {
        byte[] body = JSON.writeValueAsBytes(fields);
        return HttpRequest.newBuilder(signed(productionUrl, body, signing))
                .header("Content-Type", "application/json;charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    }

    private HttpRequest.Builder get(URI productionUrl, Map<String, Object> fields, Signing signing) {
        SortedMap<String, String> parameters = new TreeMap<>();
        fields.forEach((name, value) -> parameters.put(name, String.valueOf(value)));
        if (fields.get("customerName") instanceof String name) {
            parameters.put("email", EncryptedField.write(sellerKey, EncryptedField.Type.AES256, name + "@example.com"));
        }
        String timeStamp = TIME_STAMP.format(signing.at);
        parameters.put("timeStamp", timeStamp);
        parameters.put("authToken", AuthToken.of(signing.key, timeStamp, parameters));
        return HttpRequest.newBuilder(with(
                productionUrl,
                parameters.entrySet().stream()
                        .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
                        .collect(Collectors.joining("&"))));
    }

    private static URI signed(URI productionUrl, byte[] body, Signing signing) {
        String timestamp = Long.toString(signing.at.toEpochMilli());
        String nonce = UUID.randomUUID().toString();
        String signature = CallbackSignature.of(signing.key, nonce, timestamp, body);
        String query = "signature=" + encoded(signature) + "&timestamp=" + timestamp + "&nonce=" + encoded(nonce);
        return with(productionUrl, query);
    }

    private static URI with(URI productionUrl, String query) {
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
            String wrong = whatIsNotEncrypted(json);
            return wrong.isEmpty()
                    ? new SellerAnswer.Signed(resultCode, json)
                    : new SellerAnswer.Unusable(wrong + " is not encrypted with the seller's key");
        } catch (JacksonException notJson) {
            return new SellerAnswer.Unusable("the answer is not JSON");
        }
    }

    /** The first account in an answer that is open to read; empty if none is. */
    private String whatIsNotEncrypted(JsonNode answer) {
        EncryptedField.Type type =
                EncryptedField.Type.of(answer.path("encryptType").asString("1"));
        List<JsonNode> infos = new ArrayList<>(List.of(answer.path("appInfo")));
        answer.path("info").forEach(instance -> infos.add(instance.path("appInfo")));
        for (JsonNode info : infos) {
            for (String field : List.of("userName", "password")) {
                String value = info.path(field).asString("");
                if (!value.isEmpty()
                        && EncryptedField.read(sellerKey, type, value).isEmpty()) {
                    return field;
                }
            }
        }
        return "";
    }
}
