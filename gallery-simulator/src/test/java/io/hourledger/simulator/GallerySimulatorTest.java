package io.hourledger.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The way of one order from the buyer to the bill. */
@Tag("servers")
class GallerySimulatorTest {

    private static FakeSeller seller;
    private static Gallery gallery;

    @BeforeAll
    static void start() {
        seller = new FakeSeller(Gallery.SELLER_KEY);
        gallery = new Gallery("2026-05-04T09:30:00Z", Map.of());
        gallery.calls(seller);
    }

    @AfterAll
    static void stop() {
        gallery.close();
        seller.close();
    }

    @Test
    void an_ordered_instance_is_opened_reported_and_billed() {
        String instance = gallery.open("buyer-1", "web-requests");
        gallery.clock.moveTo(Instant.parse("2026-05-04T11:02:30Z"));

        Gallery.Answer answer = gallery.push(List.of(Gallery.record(
                instance, "sn-1", "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z", "12.5", "2026-05-04T11:02:00Z")));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"error_code\":\"MKT.0000\",\"error_msg\":\"success\"}");
        assertThat(gallery.get("/sim/usage-records.csv").body())
                .isEqualTo(
                        "instance_id,buyer,product,begin,end,usage_value,metering_sn,received_at,state,code\n"
                                + instance
                                + ",buyer-1,web-requests,2026-05-04T10:00:00Z,2026-05-04T11:00:00Z,12.5,sn-1,2026-05-04T11:02:30Z,accepted,\n");
        assertThat(gallery.get("/sim/bill.csv").body())
                .isEqualTo("instance_id,buyer,product,hour,records,usage_value\n" + instance
                        + ",buyer-1,web-requests,2026-05-04T10:00:00Z,1,12.5000\n");
        assertThat(gallery.stats().path("timeliness").path("share").asDouble()).isEqualTo(1.0);
        assertThat(gallery.stats().path("timeliness").path("latestLagSeconds").asDouble())
                .isEqualTo(150.0);
    }

    @Test
    void health_is_open_and_everything_else_of_the_operator_is_not() {
        assertThat(gallery.getWithoutToken("/actuator/health").status()).isEqualTo(200);
        assertThat(gallery.getWithoutToken("/sim/stats").status()).isEqualTo(401);
        assertThat(gallery.getWithoutToken("/sim/usage-records.csv").status()).isEqualTo(401);
    }
}
