package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.hourledger.cli.ComposeFile.Container;
import io.hourledger.cli.ops.AlertmanagerFile;
import io.hourledger.cli.ops.PrometheusRules;
import io.hourledger.service.SettingsCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** docker-compose.yml says what the services understand, and all that they need. There is no engine here to run it. */
@Tag("fast")
class ComposeFileTest {

    private static final Map<String, String> OURS = Map.of(
            "metering-ingest", "ingest",
            "billing-aggregator", "aggregator",
            "gallery-pusher", "pusher",
            "console", "console",
            "gallery-simulator", "simulator");

    private static final Pattern SECRET = Pattern.compile("(?i)(password|token|secret|key)$|sha256");

    private final ComposeFile file = ComposeFile.read();
    private final Map<String, Container> services = file.services();

    @Test
    void it_describes_the_services_what_they_need_and_what_watches_them() {
        assertThat(services)
                .containsOnlyKeys(
                        "kafka",
                        "postgresql",
                        "metering-ingest",
                        "billing-aggregator",
                        "gallery-pusher",
                        "console",
                        "gallery-simulator",
                        "metering",
                        "prometheus",
                        "alertmanager",
                        "grafana");
    }

    @Test
    void the_simulator_runs_only_where_it_is_asked_for() {
        assertThat(services.get("gallery-simulator").profiles()).containsExactly("simulator");
        assertThat(Stream.of("metering-ingest", "billing-aggregator", "gallery-pusher", "console")
                        .map(name -> services.get(name).profiles()))
                .containsOnlyNulls();
    }

    @Test
    void everything_that_stays_is_started_again_bounded_and_asked_for_its_health() {
        services.forEach((name, service) -> {
            assertThat(service.mem_limit()).as(name).isNotBlank();
            if (!name.equals("metering")) {
                assertThat(service.restart()).as(name).isEqualTo("unless-stopped");
                assertThat(service.healthcheck()).as(name).isNotNull();
                assertThat(service.logging().options()).as(name).containsKey("max-size");
            }
            Map<String, Map<String, String>> needed = service.depends_on() == null ? Map.of() : service.depends_on();
            needed.forEach((other, condition) -> {
                assertThat(services).as(name).containsKey(other);
                assertThat(condition).as(name).containsEntry("condition", "service_healthy");
            });
        });
    }

    @Test
    void our_containers_may_do_nothing_but_their_work() {
        Stream.concat(OURS.keySet().stream(), Stream.of("metering")).forEach(name -> {
            Container service = services.get(name);
            assertThat(service.read_only()).as(name).isTrue();
            assertThat(service.cap_drop()).as(name).containsExactly("ALL");
            assertThat(service.security_opt()).as(name).containsExactly("no-new-privileges:true");
        });
    }

    @Test
    void every_port_is_open_on_this_machine_only_and_none_is_for_management() throws IOException {
        for (Map.Entry<String, Container> service : services.entrySet()) {
            assertThat(service.getValue().published()).as(service.getKey()).allSatisfy(port -> assertThat(port)
                    .startsWith("127.0.0.1:"));
        }
        for (String name : OURS.keySet()) {
            if (!name.equals("gallery-simulator")) {
                Matcher management =
                        Pattern.compile("management:\\n  server.port: (\\d+)").matcher(defaultsOf(name));
                assertThat(management.find()).as(name).isTrue();
                assertThat(services.get(name).published())
                        .noneSatisfy(port -> assertThat(port).endsWith(":" + management.group(1)));
            }
        }
    }

    @Test
    void no_secret_stands_in_an_environment_that_everybody_may_read() {
        services.forEach((name, service) -> assertThat(service.settings().keySet())
                .as(name)
                .filteredOn(
                        setting -> !setting.toUpperCase(java.util.Locale.ROOT).endsWith("_FILE"))
                .noneMatch(setting -> SECRET.matcher(setting).find()));
    }

    @Test
    void every_secret_is_one_that_the_script_makes(@TempDir Path folder) throws Exception {
        Set<String> mounted = services.values().stream()
                .flatMap(service -> service.mountedSecrets().values().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(file.secrets().keySet()).containsExactlyInAnyOrderElementsOf(mounted);

        Set<String> made = Set.copyOf(makeSecrets(folder));
        assertThat(file.secrets().values()).allSatisfy(secret -> assertThat(made)
                .contains(secret.get("file").replaceFirst("^\\./secrets/", "")));
        String before = Files.readString(folder.resolve("secrets/aggregator.id-key"));
        makeSecrets(folder);
        assertThat(folder.resolve("secrets/aggregator.id-key"))
                .as("what is there stays")
                .hasContent(before);
        assertThat(before).matches("[0-9a-f]{32}");
    }

    @Test
    void each_service_has_all_that_it_needs_and_nothing_that_it_does_not_know(@TempDir Path folder) throws Exception {
        makeSecrets(folder);
        for (Map.Entry<String, String> service : OURS.entrySet()) {
            Container container = services.get(service.getKey());
            Path mounted = Files.createDirectory(folder.resolve(service.getKey()));
            for (Map.Entry<String, String> secret : container.mountedSecrets().entrySet()) {
                Files.copy(folder.resolve("secrets").resolve(secret.getValue()), mounted.resolve(secret.getKey()));
            }
            assertThatCode(() -> startWith(service.getValue(), container, mounted))
                    .as(service.getKey())
                    .doesNotThrowAnyException();
        }
        for (String writer : List.of("billing-aggregator", "gallery-pusher")) {
            assertThat(services.get(writer).mountedSecrets().get("hourledger.ledger.digest-key"))
                    .as("the same key in every process that writes to the ledger, or nothing can be verified")
                    .isEqualTo("ledger.digest-key");
        }
    }

    private static void startWith(String name, Container container, Path secrets) {
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new SystemEnvironmentPropertySource(
                            "compose-systemEnvironment", new HashMap<>(container.settings())));
            context.getEnvironment().getPropertySources().addFirst(new ConfigTreePropertySource("secrets", secrets));
            SettingsCheck.of(name).initialize(context);
            context.refresh();
        }
    }

    private static List<String> makeSecrets(Path folder) throws IOException, InterruptedException {
        Path script = folder.resolve("ops/compose/make-secrets.sh");
        if (!Files.exists(script)) {
            Files.createDirectories(script.getParent());
            Files.copy(Repository.root().resolve("ops/compose/make-secrets.sh"), script);
        }
        assertThat(new ProcessBuilder("bash", script.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("out").toFile())
                        .start()
                        .waitFor())
                .isZero();
        try (Stream<Path> files = Files.list(folder.resolve("secrets"))) {
            return files.map(made -> made.getFileName().toString()).toList();
        }
    }

    @Test
    void every_setting_of_ours_is_one_that_the_service_knows() throws ClassNotFoundException {
        Set<String> known = new TreeSet<>(ConfigurationTableTest.inTheCode().keySet());
        for (String name : OURS.keySet()) {
            Container service = services.get(name);
            Stream.concat(service.settings().keySet().stream(), service.mountedSecrets().keySet().stream())
                    .filter(setting -> setting.startsWith("hourledger."))
                    .forEach(setting -> assertThat(known).as(name).contains(setting.replaceAll("\\[\\d+]", "[]")));
        }
    }

    @Test
    void every_service_runs_a_class_of_its_module_and_listens_where_its_health_is_asked() throws IOException {
        for (String name : OURS.keySet()) {
            Container service = services.get(name);
            String main = service.command().get(0);
            Path source =
                    Repository.root().resolve(name).resolve("src/main/java").resolve(main.replace('.', '/') + ".java");
            assertThat(source).exists();
            assertThat(service.build().args()).containsEntry("MODULE", name);

            String port = service.published().get(0).replaceFirst("^.*:", "");
            assertThat(service.healthcheck().test()).contains("http://localhost:" + port + "/readyz");
            assertThat(defaultsOf(name)).contains("port: " + port);
        }
    }

    @Test
    void alerts_go_from_prometheus_to_the_addresses_of_the_secrets() throws IOException {
        Container alertmanager = services.get("alertmanager");
        assertThat(AlertmanagerFile.read().addressFiles())
                .containsExactlyInAnyOrderElementsOf(alertmanager.mountedSecrets().keySet().stream()
                        .map(secret -> "/run/secrets/" + secret)
                        .toList());
        assertThat(Files.readString(PrometheusRules.folder().resolve("prometheus.yml")))
                .contains("targets: [\"alertmanager:9093\"]")
                .contains("runbooks: ${HOURLEDGER_RUNBOOKS}");
        assertThat(alertmanager.healthcheck().test()).contains("http://localhost:9093/-/ready");
        assertThat(services.get("prometheus").settings()).containsKey("HOURLEDGER_RUNBOOKS");
    }

    /** A proof is signed, an order that waits is resolved by the pusher, and a file stays when the container goes. */
    @Test
    void the_command_line_has_keys_a_token_and_a_folder_for_files(@TempDir Path folder) throws Exception {
        Container command = services.get("metering");
        assertThat(command.mountedSecrets())
                .containsEntry("hourledger.seals.signing-key", "seals.signing-key")
                .containsEntry("hourledger.operator-token", "operator.token")
                .containsEntry("hourledger.ledger.digest-key", "ledger.digest-key");
        assertThat(command.settings()).containsEntry("METERING_PUSHER_URL", "http://gallery-pusher:8083");
        assertThat(command.working_dir()).isEqualTo("/exchange");
        assertThat(command.volumes()).contains("./exchange/files:/exchange");
        makeSecrets(folder);
        assertThat(folder.resolve("exchange/files")).isDirectory();
    }

    @Test
    void its_broker_is_the_version_that_the_build_tests_with() throws IOException {
        Matcher version = Pattern.compile("<kafka.version>([^<]+)</kafka.version>")
                .matcher(Files.readString(Repository.root().resolve("pom.xml")));
        assertThat(version.find()).isTrue();
        assertThat(services.get("kafka").image()).isEqualTo("apache/kafka:" + version.group(1));
    }

    @Test
    void the_catalogue_that_it_mounts_is_the_demos() throws IOException {
        assertThat(Repository.root().resolve("config/catalogue.json"))
                .hasSameTextualContentAs(Repository.root()
                        .resolve("standalone/src/main/resources/io/hourledger/standalone/demo/catalogue.json"));
    }

    private static String defaultsOf(String service) throws IOException {
        return Files.readString(Repository.root().resolve(service).resolve("src/main/resources/" + service + ".yaml"));
    }
}
