package io.hourledger.pusher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.instance.Decision;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

@Tag("servers")
class GalleryPusherTest {

    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");

    static String order(String orderId, String... productsOfLines) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < productsOfLines.length; i++) {
            StringBuilder products = new StringBuilder();
            for (String product : productsOfLines[i].split(",", -1)) {
                products.append(products.isEmpty() ? "" : ",").append("{\"productId\":\"" + product + "\"}");
            }
            lines.append(i == 0 ? "" : ",")
                    .append("{\"orderLineId\":\"" + orderId + "-00000" + (i + 1)
                            + "\",\"chargingMode\":\"ON_DEMAND\",\"productInfo\":[" + products + "]}");
        }
        return "{\"resultCode\":\"MKT.0000\",\"resultMsg\":\"ok\",\"orderInfo\":{\"orderId\":\"" + orderId
                + "\",\"orderType\":\"NEW\",\"orderLine\":[" + lines + "],\"buyerInfo\":{\"customerId\":\"buyer-1\"}}}";
    }

    /** A frozen process with an open transaction would keep the lease's row, and hold all readers of the ledger back, without limit. */
    @Test
    void a_connection_does_not_outlive_a_process_that_is_frozen_or_a_database_that_is_gone() throws Exception {
        try (GalleryStub gallery = new GalleryStub();
                RunningPusher pusher = new RunningPusher(gallery, Clock.fixed(NINE, ZoneOffset.UTC))) {
            assertThat(pusher.bean(JdbcClient.class)
                            .sql("select current_setting(name) from unnest(array['idle_in_transaction_session_timeout',"
                                    + " 'tcp_user_timeout', 'transaction_timeout']) as name")
                            .query(String.class)
                            .list())
                    .containsExactly("10s", "10000", "30s");
            assertThat(pusher.bean(HikariDataSource.class).getDataSourceProperties())
                    .containsEntry("socketTimeout", "60");
        }
    }

    @Test
    void a_start_with_another_sellers_name_is_refused_with_a_sentence() throws Exception {
        TestDatabase.Address database = TestDatabase.freshAddress();
        Clock businessTime = Clock.fixed(NINE, ZoneOffset.UTC);
        try (GalleryStub gallery = new GalleryStub();
                RunningPusher first =
                        new RunningPusher(database, gallery, businessTime, "--hourledger.pusher.account=acme")) {
            assertThatThrownBy(() ->
                            new RunningPusher(database, gallery, businessTime, "--hourledger.pusher.account=other"))
                    .rootCause()
                    .hasMessageContaining("'other', which this database does not know")
                    .hasMessageContaining("it knows 'acme'");
            assertThat(first.get("/actuator/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void an_instance_is_opened_metered_reported_queried_and_released() throws Exception {
        Clock businessTime = Clock.fixed(NINE.plus(Duration.ofMinutes(63)), ZoneOffset.UTC);
        try (GalleryStub gallery = new GalleryStub();
                RunningPusher pusher = new RunningPusher(gallery, Clock.fixed(NINE, ZoneOffset.UTC))) {
            gallery.knowsOrder("CS1", order("CS1", "web-requests"));
            JsonNode opened = pusher.call(
                    "{\"activity\":\"newInstance\",\"businessId\":\"b-1\",\"orderId\":\"CS1\",\"orderLineId\":\"CS1-000001\"}");
            assertThat(opened.get("resultCode").asString()).isEqualTo("000000");
            assertThat(opened.get("instanceId").asString()).isEqualTo("b-1");

            InstanceId id = new InstanceId("b-1");
            Decision metered = pusher.bean(Ledger.class)
                    .handle(new MeterHour(
                            id,
                            new UsageHour(NINE),
                            0,
                            new CountedBy("requests", 1),
                            new BigDecimal("12.5"),
                            new EventSpan(3, NINE, NINE),
                            new LogPosition(0, 0, 2),
                            businessTime.instant()));
            assertThat(metered).isInstanceOf(Decision.Done.class);
            await().untilAsserted(() -> assertThat(pusher.bean(LedgerQueries.class)
                            .instance(id)
                            .orElseThrow()
                            .totals()
                            .in(Account.REPORTED))
                    .isEqualByComparingTo("12.5"));
            assertThat(gallery.pushes()).singleElement().satisfies(push -> {
                assertThat(push.signed()).isTrue();
                assertThat(push.body())
                        .contains(
                                "\"usage_value\":\"12.5\"",
                                "\"begin_time\":\"20261124T090000Z\"",
                                "\"instance_id\":\"b-1\"");
            });

            await("the projections follow").untilAsserted(() -> assertThat(pusher.bean(JdbcClient.class)
                            .sql("select state from ledger.usage_record")
                            .query(String.class)
                            .list())
                    .containsExactly("reported"));

            JsonNode queried = pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"b-1,nobody\"}");
            assertThat(queried.get("resultCode").asString()).isEqualTo("000000");
            assertThat(queried.get("info")).hasSize(1);
            JsonNode usage = queried.get("info").get(0).get("usageInfo").get(0);
            assertThat(usage.get("usageValue").asString()).isEqualTo("12.5000");
            assertThat(usage.get("statisticalTime").asString()).isEqualTo("20261124090000000");

            assertThat(pusher.get("/actuator/health").body()).contains("\"push\"", "held");
            assertThat(pusher.get("/actuator/health/readiness").body()).contains("\"db\"");
            assertThat(pusher.get("/actuator/prometheus").body())
                    .contains(
                            "push_call_answers_total{account=\"default\",answer=\"throttled\",service=\"gallery-pusher\"} 0.0")
                    .contains("ledger_withheld_hours{reason=\"no-window-left\"")
                    .contains("resilience4j_circuitbreaker_state{")
                    .contains("hikaricp_connections_active{")
                    .contains("pool=\"gallery-pusher-webhooks\"")
                    .doesNotContainPattern("# HELP (push|callback|ledger|hourledger)\\w* \n");
            assertThat(pusher.get("/operator/pusher").statusCode()).isEqualTo(200);
            assertThat(pusher.get("/operator/pusher").body().replaceAll("\"owner\":\"[^\"]*\"", "\"owner\":\"-\""))
                    .isEqualTo(
                            "{\"leaseHeld\":true,\"lease\":\"held\",\"owner\":\"-\",\"lastAcceptedAt\":\"2026-11-24T09:00:00Z\","
                                    + "\"oldestUnreportedBegin\":null,\"inTime\":0,\"late\":0,\"needReview\":0,\"callsPerSecond\":100.0,"
                                    + "\"mostRecordsInACall\":1000,\"stoppedBecause\":null,\"suspendedBecause\":null,\"inShadow\":false,\"stalled\":null}");

            JsonNode released =
                    pusher.call("{\"activity\":\"releaseInstance\",\"instanceId\":\"b-1\",\"orderId\":\"CS2\"}");
            assertThat(released.get("resultCode").asString()).isEqualTo("000000");
            assertThat(pusher.bean(LedgerQueries.class)
                            .instance(id)
                            .orElseThrow()
                            .releasedAt())
                    .isEqualTo(NINE);
            assertThat(List.of(pusher.call("{\"activity\":\"releaseInstance\",\"instanceId\":\"nobody\"}")
                            .get("resultCode")
                            .asString()))
                    .containsExactly("000003");
        }
    }

    /** koogallery.md 1.9: nothing documents what helps; so a person must be told. */
    @ParameterizedTest
    @ValueSource(ints = {404, 501})
    void an_address_that_is_not_the_marketplaces_is_out_of_service(int status) throws Exception {
        try (GalleryStub gallery = new GalleryStub();
                RunningPusher pusher = new RunningPusher(
                        gallery,
                        Clock.fixed(NINE, ZoneOffset.UTC),
                        "--hourledger.pusher.stalled-after=1s",
                        "--hourledger.pusher.longest-pause=100ms",
                        "--hourledger.pusher.longest-back-off=100ms")) {
            await("the queue is looked at more seldom than that").untilAsserted(() -> assertThat(
                            pusher.get("/actuator/health").statusCode())
                    .isEqualTo(200));
            gallery.answers(push -> new GalleryStub.Reply(status, "<html>nothing here</html>", Map.of()));
            gallery.knowsOrder("CS1", order("CS1", "web-requests"));
            pusher.call(
                    "{\"activity\":\"newInstance\",\"businessId\":\"b-1\",\"orderId\":\"CS1\",\"orderLineId\":\"CS1-000001\"}");
            pusher.bean(Ledger.class)
                    .handle(new MeterHour(
                            new InstanceId("b-1"),
                            new UsageHour(NINE),
                            0,
                            new CountedBy("requests", 1),
                            new BigDecimal("12.5"),
                            new EventSpan(3, NINE, NINE),
                            new LogPosition(0, 0, 2),
                            NINE.plus(Duration.ofMinutes(63))));
            await().untilAsserted(() -> {
                HttpResponse<String> health = pusher.get("/actuator/health");
                assertThat(health.statusCode()).isEqualTo(503);
                assertThat(health.body()).contains("nothingAcceptedFor", "HTTP " + status, "base-url");
            });
            assertThat(pusher.get("/actuator/prometheus").body())
                    .contains("# HELP push_stalled ", "# HELP push_last_accepted_age_seconds ")
                    .containsPattern("push_stalled\\{[^}]*} 1.0");

            gallery.answers(push -> GalleryStub.Reply.json(200, GalleryStub.ACCEPTED));
            await().untilAsserted(() ->
                    assertThat(pusher.get("/actuator/health").statusCode()).isEqualTo(200));
        }
    }
}
