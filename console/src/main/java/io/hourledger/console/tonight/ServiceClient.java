package io.hourledger.console.tonight;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Asks other services of the installation, with the operator's token. Each answer is short and comes soon, or counts as none. */
final class ServiceClient implements AutoCloseable {

    private static final Duration WITHIN = Duration.ofSeconds(3);
    private static final long MOST_BYTES = 4L * 1024 * 1024;

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(WITHIN)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final JsonMapper mapper = JsonMapper.builder().build();
    private final @Nullable String operatorToken;

    ServiceClient(@Nullable String operatorToken) {
        this.operatorToken = operatorToken;
    }

    /**
     * @param service null if no setting says where it is
     * @param setting which one would
     */
    ServiceAnswer ask(@Nullable URI service, String path, String setting) {
        if (service == null) {
            return new ServiceAnswer.NotAsked(setting);
        }
        HttpRequest request = HttpRequest.newBuilder(service.resolve(path))
                .header("Authorization", "Bearer " + operatorToken)
                .timeout(WITHIN)
                .build();
        try {
            HttpResponse<byte[]> response =
                    http.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
            return response.statusCode() == 200
                    ? new ServiceAnswer.Told(mapper.readTree(response.body()))
                    : new ServiceAnswer.Silent(service + path + " answered with status " + response.statusCode() + ".");
        } catch (IOException | JacksonException noAnswer) {
            return new ServiceAnswer.Silent(service + path + " does not answer as it should: "
                    + noAnswer.getClass().getSimpleName() + ".");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new ServiceAnswer.Silent("The console was stopped.");
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
