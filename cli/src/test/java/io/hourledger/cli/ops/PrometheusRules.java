package io.hourledger.cli.ops;

import io.hourledger.cli.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The alert and recording rules of ops/prometheus, read strictly. */
public record PrometheusRules(List<Group> groups) {

    /** A group, with Prometheus's own names. */
    public record Group(String name, List<Rule> rules) {}

    /** An alert, or a recorded series. Prometheus takes {@code for} as a word that Java has taken. */
    public record Rule(
            @Nullable String alert,
            @Nullable String record,
            String expr,
            @com.fasterxml.jackson.annotation.JsonProperty("for") @Nullable String waiting,
            @Nullable Map<String, String> labels,
            @Nullable Map<String, String> annotations) {

        String annotation(String name) {
            return annotations == null ? "" : annotations.getOrDefault(name, "");
        }
    }

    /** Where rules and their tests are. */
    public static Path folder() {
        return Repository.root().resolve("ops/prometheus");
    }

    /** As they are in the repository. */
    public static PrometheusRules read() {
        try {
            Map<String, Object> file = new Yaml(new SafeConstructor(new LoaderOptions()))
                    .load(Files.readString(folder().resolve("rules.yml")));
            return JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build()
                    .convertValue(file, PrometheusRules.class);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    List<Rule> all() {
        return groups.stream().flatMap(group -> group.rules().stream()).toList();
    }

    List<Rule> alerts() {
        return all().stream().filter(rule -> rule.alert() != null).toList();
    }

    /** The series that rules record. */
    public Set<String> recorded() {
        return all().stream().map(Rule::record).filter(Objects::nonNull).collect(Collectors.toSet());
    }

    /** Every query. */
    public List<String> queries() {
        return all().stream().map(Rule::expr).toList();
    }
}
