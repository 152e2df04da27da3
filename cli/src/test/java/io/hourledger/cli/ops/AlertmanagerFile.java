package io.hourledger.cli.ops;

import io.hourledger.cli.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** ops/alertmanager/alertmanager.yml, read strictly, with Alertmanager's own names. */
public record AlertmanagerFile(Route route, List<Receiver> receivers, List<Inhibition> inhibit_rules) {

    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private static final Pattern MATCHER = Pattern.compile("(\\w+)=~?\"([\\w|]+)\"");

    /** Where alerts go; the first branch whose matchers fit, else this one. */
    public record Route(
            String receiver,
            @Nullable List<String> group_by,
            @Nullable String group_wait,
            @Nullable String group_interval,
            @Nullable String repeat_interval,
            @Nullable List<String> matchers,
            @Nullable List<Route> routes) {

        List<Route> branches() {
            return routes == null ? List.of() : routes;
        }

        Map<String, List<String>> matched() {
            return AlertmanagerFile.matched(matchers == null ? List.of() : matchers);
        }
    }

    /** Who is told. */
    public record Receiver(String name, List<Webhook> webhook_configs) {}

    /** An address that is a secret. */
    public record Webhook(String url_file, boolean send_resolved) {}

    /** Which alerts keep which others quiet, where the labels of {@code equal} agree. */
    public record Inhibition(List<String> source_matchers, List<String> target_matchers, @Nullable List<String> equal) {

        List<String> sources() {
            return alerts(source_matchers);
        }

        List<String> targets() {
            return alerts(target_matchers);
        }

        private static List<String> alerts(List<String> matchers) {
            Map<String, List<String>> matched = matched(matchers);
            if (!matched.keySet().equals(java.util.Set.of("alertname"))) {
                throw new IllegalArgumentException("an inhibition names alerts: " + matchers);
            }
            return matched.get("alertname");
        }
    }

    /** As it is in the repository. */
    public static AlertmanagerFile read() {
        try {
            Map<String, Object> file = new Yaml(new SafeConstructor(new LoaderOptions()))
                    .load(Files.readString(Repository.root().resolve("ops/alertmanager/alertmanager.yml")));
            return STRICT.convertValue(file, AlertmanagerFile.class);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Files with addresses. */
    public List<String> addressFiles() {
        return receivers.stream()
                .flatMap(receiver -> receiver.webhook_configs().stream())
                .map(Webhook::url_file)
                .toList();
    }

    private static Map<String, List<String>> matched(List<String> matchers) {
        Map<String, List<String>> matched = new LinkedHashMap<>();
        for (String one : matchers) {
            Matcher parts = MATCHER.matcher(one);
            if (!parts.matches()) {
                throw new IllegalArgumentException("no matcher: " + one);
            }
            matched.put(parts.group(1), List.of(parts.group(2).split("\\|")));
        }
        return matched;
    }
}
