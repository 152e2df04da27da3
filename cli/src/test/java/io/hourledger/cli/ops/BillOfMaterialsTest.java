package io.hourledger.cli.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.MeteringCli;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a scanner for known holes reads: CycloneDX 1.6, in the jar. */
@Tag("fast")
class BillOfMaterialsTest {

    @Test
    void the_command_line_names_what_it_is_made_of_with_version_and_licence() throws IOException {
        JsonNode bill = read();
        assertThat(bill.get("bomFormat").asString()).isEqualTo("CycloneDX");
        assertThat(component(bill, "metering-ingest").get("group").asString()).isEqualTo("io.hourledger");
        JsonNode kafka = component(bill, "kafka-clients");
        assertThat(kafka.get("version").asString()).isEqualTo(AppInfoParser.getVersion());
        assertThat(kafka.get("licenses").toString()).contains("Apache-2.0");
    }

    @Test
    void what_only_tests_need_is_no_part_of_it() throws IOException {
        assertThat(read().get("components")
                        .valueStream()
                        .map(component -> component.get("name").asString()))
                .doesNotContain("assertj-core", "junit-jupiter-api", "awaitility");
    }

    private static JsonNode read() throws IOException {
        try (InputStream in = MeteringCli.class.getResourceAsStream("/META-INF/sbom/application.cdx.json")) {
            return JsonMapper.shared().readTree(Objects.requireNonNull(in));
        }
    }

    private static JsonNode component(JsonNode bill, String name) {
        return bill.get("components")
                .valueStream()
                .filter(component -> component.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
