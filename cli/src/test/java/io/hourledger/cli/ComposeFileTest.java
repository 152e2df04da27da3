package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** docker-compose.yml parses, and says what the services understand. There is no engine here to run it. */
@Tag("fast")
@SuppressWarnings("unchecked")
class ComposeFileTest {

    private static final Set<String> OURS =
            Set.of("metering-ingest", "billing-aggregator", "gallery-pusher", "gallery-simulator");

    private final Map<String, Object> file = read();
    private final Map<String, Map<String, Object>> services = (Map<String, Map<String, Object>>) file.get("services");

    private static Map<String, Object> read() {
        try {
            return new Yaml(new SafeConstructor(new LoaderOptions()))
                    .load(Files.readString(Repository.root().resolve("docker-compose.yml")));
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    @Test
    void it_describes_kafka_postgresql_the_three_services_and_the_simulator() {
        assertThat(services)
                .containsOnlyKeys(
                        "kafka",
                        "postgresql",
                        "metering-ingest",
                        "billing-aggregator",
                        "gallery-pusher",
                        "gallery-simulator");
    }

    @Test
    void everything_has_a_health_check_and_waits_for_what_it_needs() {
        services.forEach((name, service) -> {
            Map<String, Object> check = (Map<String, Object>) service.get("healthcheck");
            assertThat(check).as(name).containsKeys("test", "interval", "timeout", "retries");
            Map<String, Map<String, String>> needed =
                    (Map<String, Map<String, String>>) service.getOrDefault("depends_on", Map.of());
            needed.forEach((other, condition) -> {
                assertThat(services).as(name).containsKey(other);
                assertThat(condition).as(name).containsEntry("condition", "service_healthy");
            });
        });
    }

    @Test
    void every_setting_of_ours_is_one_that_the_service_knows() throws ClassNotFoundException {
        Set<String> known = new TreeSet<>(ConfigurationTableTest.inTheCode().keySet());
        for (String name : OURS) {
            settingsOf(name).keySet().stream()
                    .filter(setting -> setting.startsWith("hourledger."))
                    .forEach(setting -> assertThat(known).as(name).contains(setting.replaceAll("\\[\\d+]", "[]")));
        }
    }

    @Test
    void every_service_runs_a_class_of_its_module_and_listens_where_its_health_is_asked() throws IOException {
        for (String name : OURS) {
            Map<String, Object> service = services.get(name);
            String main = ((List<String>) service.get("command")).get(0);
            Path source =
                    Repository.root().resolve(name).resolve("src/main/java").resolve(main.replace('.', '/') + ".java");
            assertThat(source).exists();
            assertThat(((Map<String, Map<String, String>>) service.get("build")).get("args"))
                    .containsEntry("MODULE", name);

            String port = ((List<String>) service.get("ports")).get(0).split(":", 2)[1];
            String health = String.join(" ", ((Map<String, List<String>>) service.get("healthcheck")).get("test"));
            assertThat(health).contains("http://localhost:" + port + "/actuator/health/readiness");
            String defaults =
                    Files.readString(Repository.root().resolve(name).resolve("src/main/resources/" + name + ".yaml"));
            assertThat(defaults).contains("port: " + port);
        }
    }

    @Test
    void its_broker_is_the_version_that_the_build_tests_with() throws IOException {
        Matcher version = Pattern.compile("<kafka.version>([^<]+)</kafka.version>")
                .matcher(Files.readString(Repository.root().resolve("pom.xml")));
        assertThat(version.find()).isTrue();
        assertThat(services.get("kafka")).containsEntry("image", "apache/kafka:" + version.group(1));
    }

    @Test
    void the_catalogue_that_it_mounts_is_the_demos() throws IOException {
        assertThat(Repository.root().resolve("config/catalogue.json"))
                .hasSameTextualContentAs(Repository.root()
                        .resolve("standalone/src/main/resources/io/hourledger/standalone/demo/catalogue.json"));
    }

    private Map<String, Object> settingsOf(String service) {
        return (Map<String, Object>) services.get(service).get("environment");
    }
}
