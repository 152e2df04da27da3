package io.hourledger.cli.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.hourledger.cli.Repository;
import io.hourledger.service.SettingsCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The manifests of ops/kubernetes, read into Kubernetes' own types: a field that it does not know is a mistake. */
@Tag("fast")
class KubernetesManifestsTest {

    private static final Map<String, String> SERVICES =
            Map.of("metering-ingest", "ingest", "billing-aggregator", "aggregator", "gallery-pusher", "pusher");

    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "v1 Namespace", Namespace.class,
            "v1 Service", Service.class,
            "v1 Secret", Secret.class,
            "apps/v1 Deployment", Deployment.class,
            "policy/v1 PodDisruptionBudget", PodDisruptionBudget.class,
            "networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class);

    /** Kubernetes' types would else keep what they do not know. */
    private static final ObjectMapper STRICT = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated member) {
                    return false;
                }
            });

    private static final Path FOLDER = Repository.root().resolve("ops/kubernetes");

    private static List<HasMetadata> read(Path file) {
        List<HasMetadata> objects = new ArrayList<>();
        yaml().loadAll(text(file)).forEach(document -> objects.add(typed((Map<?, ?>) document)));
        return objects;
    }

    private static Yaml yaml() {
        return new Yaml(new SafeConstructor(new LoaderOptions()));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static HasMetadata typed(Map<?, ?> object) {
        String kind = object.get("apiVersion") + " " + object.get("kind");
        assertThat(KINDS).containsKey(kind);
        return STRICT.convertValue(object, KINDS.get(kind));
    }

    private static List<String> resources() {
        Map<String, Object> kustomization = yaml().load(text(FOLDER.resolve("base/kustomization.yaml")));
        return ((List<?>) kustomization.get("resources"))
                .stream().map(String::valueOf).toList();
    }

    private static <T extends HasMetadata> Map<String, T> all(Class<T> kind) {
        return resources().stream()
                .flatMap(resource -> read(FOLDER.resolve("base").resolve(resource)).stream())
                .filter(kind::isInstance)
                .map(kind::cast)
                .collect(Collectors.toMap(one -> one.getMetadata().getName(), one -> one));
    }

    @Test
    void every_manifest_of_the_folder_is_in_the_kustomization() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER.resolve("base"))) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> !name.equals("kustomization.yaml")))
                    .containsExactlyInAnyOrderElementsOf(resources());
        }
    }

    @Test
    void a_misspelt_field_is_noticed() {
        assertThatThrownBy(() ->
                        typed(Map.of("apiVersion", "apps/v1", "kind", "Deployment", "spec", Map.of("replica", 2))))
                .hasMessageContaining("replica");
    }

    @Test
    void each_service_may_be_moved_while_another_of_it_works() {
        assertThat(all(Deployment.class)).containsOnlyKeys(SERVICES.keySet()).allSatisfy((name, deployment) -> {
            assertThat(deployment.getSpec().getReplicas()).isEqualTo(2);
            PodDisruptionBudget budget = all(PodDisruptionBudget.class).get(name);
            assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
            assertThat(budget.getSpec().getSelector())
                    .isEqualTo(deployment.getSpec().getSelector());
            assertThat(deployment.getSpec().getTemplate().getMetadata().getLabels())
                    .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
        });
    }

    @Test
    void its_ports_are_those_of_the_service_and_probes_ask_the_one_without_details() {
        for (Map.Entry<String, Deployment> one : all(Deployment.class).entrySet()) {
            String name = one.getKey();
            String defaults = text(Repository.root().resolve(name).resolve("src/main/resources/" + name + ".yaml"));
            Container container = containerOf(one.getValue());
            Map<String, Integer> ports = container.getPorts().stream()
                    .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
            assertThat(defaults)
                    .contains("server:\n  port: " + ports.get("http"))
                    .contains("management:\n  server.port: " + ports.get("management"));
            assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/livez");
            assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
            assertThat(List.of(
                            container.getLivenessProbe(), container.getReadinessProbe(), container.getStartupProbe()))
                    .allSatisfy(probe ->
                            assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("http"));
            assertThat(all(Service.class).get(name).getSpec().getPorts())
                    .as("the management port has a service of its own")
                    .allSatisfy(
                            port -> assertThat(port.getTargetPort().getStrVal()).isEqualTo("http"));
            assertThat(all(Service.class).get(name + "-management").getSpec().getPorts())
                    .singleElement()
                    .satisfies(port -> assertThat(port.getPort()).isEqualTo(ports.get("management")));
            assertThat(Repository.root()
                            .resolve(name)
                            .resolve("src/main/java")
                            .resolve(container.getArgs().get(0).replace('.', '/') + ".java"))
                    .exists();
        }
    }

    @Test
    void containers_may_do_nothing_but_their_work() {
        for (Deployment deployment : all(Deployment.class).values()) {
            PodSpec pod = deployment.getSpec().getTemplate().getSpec();
            Container container = containerOf(deployment);
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
            assertThat(container.getResources().getLimits()).containsKey("memory");
        }
    }

    @Test
    void with_the_examples_settings_and_secrets_each_service_has_all_that_it_needs() throws IOException {
        Properties settings = new Properties();
        try (var file = Files.newBufferedReader(FOLDER.resolve("overlays/example/settings.env"))) {
            settings.load(file);
        }
        Map<String, Secret> secrets = read(FOLDER.resolve("overlays/example/secrets.example.yaml")).stream()
                .map(Secret.class::cast)
                .collect(Collectors.toMap(secret -> secret.getMetadata().getName(), secret -> secret));
        for (Map.Entry<String, Deployment> one : all(Deployment.class).entrySet()) {
            Map<String, Object> environment = new HashMap<>();
            settings.forEach((name, value) -> environment.put((String) name, value));
            containerOf(one.getValue())
                    .getEnv()
                    .forEach(variable -> environment.put(variable.getName(), variable.getValue()));
            Secret secret = secrets.get(one.getValue().getSpec().getTemplate().getSpec().getVolumes().stream()
                    .filter(volume -> volume.getSecret() != null)
                    .findFirst()
                    .orElseThrow()
                    .getSecret()
                    .getSecretName());
            assertThatCode(() -> startWith(SERVICES.get(one.getKey()), environment, secret.getStringData()))
                    .as(one.getKey())
                    .doesNotThrowAnyException();
        }
    }

    private static void startWith(String service, Map<String, Object> environment, Map<String, String> secrets) {
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new SystemEnvironmentPropertySource("pod-systemEnvironment", environment));
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource("secrets", new HashMap<>(secrets)));
            ConfigurationPropertySources.attach(context.getEnvironment());
            SettingsCheck.of(service).initialize(context);
            context.refresh();
        }
    }

    private static Container containerOf(Deployment deployment) {
        List<Container> containers =
                deployment.getSpec().getTemplate().getSpec().getContainers();
        assertThat(containers).hasSize(1);
        return containers.get(0);
    }
}
