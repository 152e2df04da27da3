package io.hourledger.simulator.console;

import static io.hourledger.simulator.Gallery.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.simulator.FakeSeller;
import io.hourledger.simulator.Gallery;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a person reads of the simulator. */
@Tag("servers")
class SimulatorPageTest {

    @Test
    void a_person_reads_records_repeats_and_switches_and_nothing_comes_from_elsewhere() {
        try (FakeSeller seller = new FakeSeller(Gallery.SELLER_KEY);
                Gallery gallery = new Gallery("2026-05-04T09:30:00Z", Map.of())) {
            gallery.calls(seller);
            String instance = gallery.open("<b>buyer</b>", "web-requests");
            gallery.clock.moveTo(Instant.parse("2026-05-04T11:02:30Z"));
            List<Map<String, Object>> records = List.of(record(
                    instance,
                    "sn-of-the-page",
                    "2026-05-04T10:00:00Z",
                    "2026-05-04T11:00:00Z",
                    "5",
                    "2026-05-04T11:02:00Z"));
            gallery.push(records);
            gallery.push(records);
            gallery.control("POST", "/sim/faults", "{\"kind\":\"redirect\",\"count\":3}");

            Gallery.Answer page = gallery.get("/sim/page");

            assertThat(page.status()).isEqualTo(200);
            assertThat(page.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/html"));
            assertThat(page.body())
                    .contains("sn-of-the-page", "<td>seen twice, the same in every field</td><td>1</td>")
                    .contains("<td>redirect</td><td>yes</td><td>0</td><td>3</td>")
                    .contains("&lt;b&gt;buyer")
                    .doesNotContain("<b>buyer", "src=", "href=", "<script", "http");
            assertThat(gallery.getWithoutToken("/sim/page").status()).isEqualTo(401);
        }
    }
}
