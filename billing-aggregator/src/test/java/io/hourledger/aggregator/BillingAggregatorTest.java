package io.hourledger.aggregator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

@Tag("servers")
class BillingAggregatorTest {

    private static final String TOKEN = "secret-of-the-operator";

    @Test
    void the_service_counts_and_shows_that_everything_is_accounted_for(@TempDir Path folder) throws Exception {
        Path catalogue = Files.writeString(
                folder.resolve("catalogue.json"),
                """
                {"version": 1,
                 "meters": [{"name": "egress", "eventType": "web.egress", "aggregation": "SUM", "valueField": "bytes",
                             "unit": "MB", "unitFactor": "0.000001"}],
                 "products": []}""");
        try (TestServers stack = new TestServers(Clock.systemUTC());
                ConfigurableApplicationContext service = BillingAggregator.application()
                        .run(
                                "--server.port=0",
                                "--management.server.port=0",
                                "--spring.datasource.url=" + stack.address().jdbcUrl(),
                                "--spring.datasource.username="
                                        + stack.address().user(),
                                "--spring.datasource.password="
                                        + stack.address().password(),
                                "--hourledger.catalogue=" + catalogue.toUri(),
                                "--hourledger.operator-token=" + TOKEN,
                                "--hourledger.kafka.bootstrap-servers=" + stack.bootstrapServers(),
                                "--hourledger.kafka.topic=" + stack.topic(),
                                "--hourledger.kafka.unsafe-topic-allowed=true",
                                "--hourledger.aggregator.id-key=" + Usage.ID_KEY)) {
            int port = ((ServletWebServerApplicationContext) service)
                    .getWebServer()
                    .getPort();
            int management = service.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
            Instant used = Clock.systemUTC().instant();
            stack.send("i-1", Usage.egress("i-1", "a", used, "5"));
            stack.send("i-1", Usage.egress("i-1", "a", Clock.systemUTC().instant(), "6"));
            stack.send("i-1", "not json");

            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                HttpResponse<String> page = get(port, "/v1/partitions", TOKEN);
                assertThat(page.body()).contains("\"conflict\":1").contains("\"malformed\":1");
                assertThat(page.body()).contains("\"state\":\"COUNTING\",\"nextOffset\":3,\"checkpointedOffset\":3");
                assertThat(page.body().split("\"unexplained\":0", -1)).hasSize(TestServers.PARTITIONS + 1);
            });
            String place =
                    "/v1/receipts/" + Utils.toPositive(Utils.murmur2("i-1".getBytes(UTF_8))) % TestServers.PARTITIONS;
            assertThat(get(port, place + "/0", TOKEN).body())
                    .contains("\"status\":\"counted\"", "\"instance\":\"i-1\"", "\"status\":\"open\"");
            assertThat(get(port, place + "/1", TOKEN).body()).contains("\"reason\":\"conflict\"");
            String byName = "/v1/receipts?subject=i-1&source=/app&time=" + used + "&id=";
            assertThat(get(port, byName + "a", TOKEN).body())
                    .contains("\"offset\":0", "\"status\":\"counted\"", "\"instance\":\"i-1\"");
            assertThat(get(port, byName + "b", TOKEN).body()).contains("\"code\":\"no-such-event\"");
            assertThat(get(port, byName + "a", "wrong").statusCode()).isEqualTo(401);
            assertThat(get(port, place + "/99", TOKEN).body())
                    .contains("\"status\":\"not-read-yet\"", "\"nextOffset\":3");
            assertThat(get(port, "/v1/receipts/77/0", TOKEN).body()).contains("\"code\":\"no-such-partition\"");
            assertThat(get(port, place + "/0", "wrong").statusCode()).isEqualTo(401);
            assertThat(get(port, "/v1/partitions", "wrong").statusCode()).isEqualTo(401);
            assertThat(get(port, "/v1/blocked-instances", "wrong").statusCode()).isEqualTo(401);
            assertThat(get(port, "/lag", "wrong").statusCode()).isEqualTo(401);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(get(port, "/lag", TOKEN).body())
                            .contains("\"verdict\":\"in time\"", "\"nextOffset\":3,\"logEnd\":3,\"lag\":0"));
            assertThat(get(port, "/v1/blocked-instances", TOKEN).body()).isEqualTo("[]");
            assertThat(get(management, "/actuator/health", "").body())
                    .contains("\"partition-0\":\"COUNTING\"", "\"blockedInstances\":0")
                    .contains("agrees with the database's within 30 s")
                    .endsWith("\"status\":\"UP\"}");
            assertThat(get(management, "/actuator/prometheus", "").body())
                    .contains("usage_aggregator_task_failures_total{service=\"billing-aggregator\",task=\"close\"} 0.0")
                    .contains("hikaricp_connections_active{")
                    .doesNotContainPattern("# HELP (usage|ledger|hourledger)\\w* \n")
                    .contains("usage_aggregator_events_total{outcome=\"conflict\"")
                    .contains("usage_aggregator_events_total{outcome=\"filtered-out\"")
                    .contains("usage_aggregator_lag{partition=\"0\"")
                    .contains("usage_aggregator_lag_verdict{partition=\"0\"")
                    .contains("usage_aggregator_blocked_instances{partition=\"0\"")
                    .contains("usage_aggregator_blocked_oldest_age_seconds{partition=\"0\"");
        }
    }

    private static HttpResponse<String> get(int port, String path, String token)
            throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
