package io.hourledger.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.accept.AcceptSettings;
import io.hourledger.ingest.kafka.KafkaSettings;
import java.io.IOException;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

class DocumentedSettingsTest {

    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(hourledger\\.(?:ingest|kafka)\\.[a-z-]+)` \\| (\\S*) ?\\|");

    @Test
    void the_table_in_the_documents_names_every_setting_with_its_default() throws IOException {
        Map<String, String> documented = new LinkedHashMap<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("..", "docs", "ingest.md")));
        while (rows.find()) {
            documented.put(rows.group(1), rows.group(2));
        }

        Map<String, String> existing = new LinkedHashMap<>();
        add(existing, AcceptSettings.class);
        add(existing, KafkaSettings.class);
        assertThat(documented).isEqualTo(existing);
    }

    private static void add(Map<String, String> settings, Class<?> type) {
        String prefix = type.getAnnotation(ConfigurationProperties.class).value();
        for (Parameter parameter : type.getDeclaredConstructors()[0].getParameters()) {
            String name = parameter.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
            DefaultValue value = parameter.getAnnotation(DefaultValue.class);
            settings.put(prefix + "." + name, value == null ? "" : String.join(",", value.value()));
        }
    }
}
