package io.hourledger.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a simulator that was stopped and started again still knows. */
@Tag("servers")
class RestartTest {

    @Test
    void records_settings_faults_and_waiting_calls_survive_a_restart() {
        try (FakeSeller seller = new FakeSeller(Gallery.SELLER_KEY);
                Gallery gallery = new Gallery("2026-05-04T09:30:00Z", Map.of())) {
            gallery.calls(seller);
            String instance = gallery.open("buyer", "web-requests");
            gallery.clock.moveTo(Instant.parse("2026-05-04T11:02:30Z"));
            Map<String, Object> record = Gallery.record(
                    instance, "sn", "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z", "5", "2026-05-04T11:02:00Z");
            gallery.push(List.of(record));
            gallery.control("POST", "/sim/faults", "{\"kind\":\"internal-error-before-storing\",\"count\":2}");
            assertThat(gallery.push(List.of(record)).status()).isEqualTo(500);
            seller.answer(told -> new FakeSeller.Answer(500, "", ""));
            gallery.control(
                    "POST",
                    "/sim/orders",
                    "{\"orders\":[{\"name\":\"later\",\"buyerId\":\"later\",\"lines\":[{\"products\":[{\"productId\":\"web-egress\"}]}]}]}");
            List<String> records = gallery.records();

            gallery.restart();

            assertThat(gallery.records()).isEqualTo(records);
            assertThat(gallery.get("/sim/settings").json().path("callbackUrl").asString(""))
                    .isEqualTo(seller.url().toString());
            assertThat(gallery.push(List.of(record)).status()).isEqualTo(500);
            assertThat(gallery.push(List.of(record)).status()).isEqualTo(200);
            assertThat(gallery.lines("/sim/usage-records.csv?state=accepted")).hasSize(1);
            seller.answer(FakeSeller::opensAtOnce);
            gallery.control("POST", "/sim/callbacks/await?seconds=20", null);
            assertThat(gallery.get("/sim/instances.csv").body()).contains(",later,web-egress,");
        }
    }
}
