package io.hourledger.simulator.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.simulator.Gallery;
import io.hourledger.simulator.SharedGallery;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Query order, koogallery.md, section 3. */
@Tag("servers")
class OrderQueryTest {

    private final Gallery gallery = SharedGallery.GALLERY;

    @BeforeEach
    void time() {
        gallery.clock.moveTo(Instant.parse("2026-05-04T09:30:00Z"));
    }

    @Test
    void an_order_is_answered_with_its_lines_products_and_buyer() {
        gallery.control(
                "POST",
                "/sim/orders",
                """
                {"orders":[{"orderId":"CS2605040930Q1","buyerId":"10.0.0.1","buyerName":"Ten Zero","orderType":"RENEW",
                 "lines":[{"products":[{"productId":"web-requests","skuCode":"sku-1","linearValue":50}]},
                          {"chargingMode":"PERIOD","periodType":"month","periodNumber":3,"expireTime":"2026-08-04T00:00:00Z",
                           "products":[{"productId":"web-seat"}]}]}]}""");

        Gallery.Answer answer = gallery.queryOrder("CS2605040930Q1", null);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"resultCode\":\"MKT.0000\",\"resultMsg\":\"Success\",\"orderInfo\":{\"orderId\":\"CS2605040930Q1\","
                                + "\"orderType\":\"RENEW\",\"createTime\":\"20260504093000\",\"orderLine\":["
                                + "{\"orderLineId\":\"CS2605040930Q1-000001\",\"chargingMode\":\"ON_DEMAND\",\"productInfo\":["
                                + "{\"productId\":\"web-requests\",\"skuCode\":\"sku-1\",\"linearValue\":50}],\"extendParams\":[]},"
                                + "{\"orderLineId\":\"CS2605040930Q1-000002\",\"chargingMode\":\"PERIOD\",\"periodType\":\"month\","
                                + "\"periodNumber\":3,\"expireTime\":\"20260804000000\",\"productInfo\":[{\"productId\":\"web-seat\"}],"
                                + "\"extendParams\":[]}],\"buyerInfo\":{\"customerId\":\"10.0.0.1\",\"customerName\":\"Ten Zero\"},"
                                + "\"extendParams\":[]}}");
    }

    @Test
    void with_an_order_line_only_that_line_is_answered() {
        gallery.open("buyer-of-one-line", "web-requests");
        String order = gallery.get("/sim/instances.csv")
                .body()
                .lines()
                .filter(line -> line.contains("buyer-of-one-line"))
                .map(line -> line.split(",", -1)[3])
                .findAny()
                .orElseThrow();

        JsonNode lines = gallery.queryOrder(order, order + "-000001")
                .json()
                .path("orderInfo")
                .path("orderLine");

        assertThat(lines.size()).isEqualTo(1);
        assertThat(gallery.queryOrder(order, order + "-000002")
                        .json()
                        .path("resultCode")
                        .asString(""))
                .isEqualTo("MKT.0100");
    }

    @ParameterizedTest
    @CsvSource({
        "MOCKPERIODYEARNEW,NEW,PERIOD",
        "MOCKONETIMENEW,NEW,ONE_TIME",
        "MOCKONDEMAND,NEW,ON_DEMAND",
        "MOCKONDEMANDPKG,NEW,ON_DEMAND_PKG",
        "MOCKPERIODDAYTRIAL,TRIAL,PERIOD",
        "MOCKMONTYTRIALTOFORMAL,TRIAL_TO_FORMAL,PERIOD",
        "MOCKMONTYUNSUBSCRIBE,UNSUBSCRIBE,PERIOD",
        "MOCKMONTYRENEW,RENEW,PERIOD",
        "MOCKMONTYCHANGE,CHANGE,PERIOD"
    })
    void the_documented_debug_orders_are_answered(String orderId, String orderType, String chargingMode) {
        JsonNode info = gallery.queryOrder(orderId, orderId + "-000001").json().path("orderInfo");

        assertThat(info.path("orderType").asString("")).isEqualTo(orderType);
        assertThat(info.path("orderLine").path(0).path("chargingMode").asString(""))
                .isEqualTo(chargingMode);
    }

    @Test
    void a_query_that_is_signed_wrongly_or_too_long_ago_is_refused_by_the_gateway() {
        Gallery.Answer wrongKey = gallery.queryOrder(
                "orderId=MOCKONDEMAND", "another secret", Clock.systemUTC().instant());
        Gallery.Answer tooOld = gallery.queryOrder(
                "orderId=MOCKONDEMAND",
                Gallery.SECRET_KEY,
                Clock.systemUTC().instant().minus(Duration.ofMinutes(16)));

        assertThat(wrongKey.status()).isEqualTo(401);
        assertThat(wrongKey.code()).isEqualTo("APIGW.0301");
        assertThat(tooOld.status()).isEqualTo(401);
        assertThat(gallery.getWithoutToken("/api/mkp-openapi-public/global/v1/order/query?orderId=MOCKONDEMAND")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void an_order_that_nobody_placed_is_0100() {
        assertThat(gallery.queryOrder("CS-NOBODY", null)
                        .json()
                        .path("resultCode")
                        .asString(""))
                .isEqualTo("MKT.0100");
    }

    @Test
    void placing_an_order_again_changes_nothing_and_placing_another_under_its_id_is_a_conflict() {
        String order =
                """
                {"orders":[{"orderId":"CS-AGAIN","buyerId":"b","orderType":"RENEW","lines":[{"products":[{"productId":"%s"}]}]}]}""";

        assertThat(gallery.control("POST", "/sim/orders", order.formatted("web-requests"))
                        .status())
                .isEqualTo(200);
        gallery.clock.moveTo(Instant.parse("2026-05-04T09:31:00Z"));
        assertThat(gallery.control("POST", "/sim/orders", order.formatted("web-requests"))
                        .status())
                .isEqualTo(200);
        Gallery.Answer other = gallery.control("POST", "/sim/orders", order.formatted("web-egress"));
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.json().path("code").asString("")).isEqualTo("order-differs");
    }
}
