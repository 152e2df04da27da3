package io.hourledger.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** docker-compose.yml, read strictly: a field that stands in no record here, or a value of another type, is a mistake. */
record ComposeFile(
        Map<String, Container> services, Map<String, Map<String, String>> secrets, Map<String, Object> volumes) {

    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    /** One entry of {@code services}, with the names of compose. */
    record Container(
            @Nullable List<String> profiles,
            @Nullable Build build,
            @Nullable String image,
            @Nullable List<String> entrypoint,
            @Nullable List<String> command,
            @Nullable Map<String, String> environment,
            @Nullable List<Object> secrets,
            @Nullable List<String> volumes,
            @Nullable String working_dir,
            @Nullable List<String> ports,
            @Nullable Map<String, Map<String, String>> depends_on,
            @Nullable HealthCheck healthcheck,
            @Nullable String restart,
            @Nullable Logging logging,
            @Nullable Boolean read_only,
            @Nullable List<String> tmpfs,
            @Nullable List<String> cap_drop,
            @Nullable List<String> security_opt,
            @Nullable String stop_grace_period,
            @Nullable String mem_limit,
            @Nullable String shm_size) {

        Map<String, String> settings() {
            return environment == null ? Map.of() : environment;
        }

        List<String> published() {
            return ports == null ? List.of() : ports;
        }

        /** Each mounted secret by the name of its file in the container; the value is its name in this file. */
        Map<String, String> mountedSecrets() {
            Map<String, String> mounted = new LinkedHashMap<>();
            for (Object one : secrets == null ? List.of() : secrets) {
                if (one instanceof Map<?, ?> renamed) {
                    mounted.put((String) renamed.get("target"), (String) renamed.get("source"));
                } else {
                    mounted.put((String) one, (String) one);
                }
            }
            return mounted;
        }
    }

    record Build(String context, Map<String, String> args) {}

    record HealthCheck(String interval, String timeout, int retries, String start_period, List<String> test) {}

    record Logging(String driver, Map<String, String> options) {}

    static ComposeFile read() {
        Map<String, Object> file;
        try {
            file = new Yaml(new SafeConstructor(new LoaderOptions()))
                    .load(Files.readString(Repository.root().resolve("docker-compose.yml")));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        file.keySet().removeIf(name -> name.startsWith("x-"));
        return STRICT.convertValue(file, ComposeFile.class);
    }
}
