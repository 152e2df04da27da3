package io.hourledger.ingest.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.usage.ReadUsage;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

@Tag("fast")
class CodesTest {

    @Test
    void every_code_is_published_and_every_published_code_exists() throws IllegalAccessException {
        List<String> existing = new ArrayList<>(List.of("method_not_allowed", "not_found"));
        for (Field constant : Codes.class.getDeclaredFields()) {
            if (constant.getType() == String.class) {
                existing.add((String) constant.get(null));
            }
        }
        for (ReadUsage.Code code : ReadUsage.Code.values()) {
            existing.add(Codes.of(code));
        }

        JsonNode api =
                YAMLMapper.shared().readTree(CodesTest.class.getResourceAsStream("/openapi/metering-ingest.yaml"));
        List<String> published = new ArrayList<>();
        for (String name : List.of("ItemCode", "RequestCode")) {
            api.at("/components/schemas/" + name + "/enum").forEach(code -> published.add(code.asString()));
        }
        assertThat(published.stream().distinct())
                .containsExactlyInAnyOrderElementsOf(
                        existing.stream().distinct().toList());
    }
}
