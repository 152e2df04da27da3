package io.hourledger.cli.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.Repository;
import io.hourledger.cli.ops.PrometheusRules.Rule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each alert wakes somebody by one sentence, leads to a page that says what to do, and was seen firing and ending. */
@Tag("fast")
class AlertRulesTest {

    /** Where install-promtool.sh puts it. */
    private static final Path BROUGHT = Repository.root().resolve("target/promtool/usr/bin/promtool");

    private static final Pattern TESTED = Pattern.compile("ALERTS\\{alertname=\"(\\w+)\"");

    private static final Pattern SUMMED = Pattern.compile("\\bsum\\s*(?:by\\s*\\([^)]*\\)\\s*)?\\(\\s*(\\w+)");

    private static final Set<String> OF_COUNTERS = Set.of("rate", "increase");

    /** A process says 0 of what is another one's. */
    private static final Set<String> ALWAYS_KNOWN = Set.of(
            "usage_aggregator_buckets_held",
            "usage_aggregator_ids_bytes",
            "usage_aggregator_halted",
            "usage_requests_in_flight",
            "usage_bytes_in_flight_bytes");

    private final PrometheusRules rules = PrometheusRules.read();

    @Test
    void each_alert_says_who_must_act_what_is_wrong_and_where_to_read_on() {
        assertThat(rules.alerts()).hasSizeGreaterThan(20).allSatisfy(alert -> {
            assertThat(alert.labels()).as(alert.alert()).containsOnlyKeys("severity");
            assertThat(alert.labels().get("severity")).as(alert.alert()).isIn("page", "ticket");
            assertThat(alert.annotation("summary")).as(alert.alert()).endsWith(".");
            assertThat(alert.annotation("runbook_url"))
                    .as(alert.alert())
                    .isEqualTo("{{ $externalLabels.runbooks }}/" + alert.alert() + ".md");
        });
    }

    /**
     * A process that does not know a figure publishes NaN, and a sum or a difference with it is NaN, which is above no bound. The largest and the
     * smallest pass over it.
     */
    @Test
    void no_sum_over_processes_has_a_figure_that_one_of_them_may_not_know() {
        List<String> queries = new ArrayList<>(rules.queries());
        queries.addAll(GrafanaBoards.queries());
        assertThat(queries.stream()
                        .flatMap(query -> SUMMED.matcher(query).results())
                        .map((MatchResult found) -> found.group(1))
                        .filter(of -> !OF_COUNTERS.contains(of) && !of.equals("max") && !ALWAYS_KNOWN.contains(of)))
                .isEmpty();
        assertThat(queries).noneSatisfy(query -> assertThat(query)
                .containsPattern("\\b(delta|deriv|predict_linear|avg|stddev)\\("));
    }

    @Test
    void each_alert_has_a_page_and_each_page_an_alert() throws IOException {
        Path folder = Repository.root().resolve("docs/runbooks");
        Set<String> pages;
        try (Stream<Path> files = Files.list(folder)) {
            pages = files.map(page -> page.getFileName().toString().replace(".md", ""))
                    .filter(page -> !page.equals("README"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        assertThat(pages).isEqualTo(names());
        String all = Files.readString(folder.resolve("README.md"));
        for (Rule alert : rules.alerts()) {
            assertThat(Files.readString(folder.resolve(alert.alert() + ".md")))
                    .startsWith("# " + alert.alert() + "\n")
                    .contains("**How urgent.**", "**Look.**", "**Do.**", "**Over when** ");
            assertThat(all)
                    .contains("| [" + alert.alert() + "](" + alert.alert() + ".md) | "
                            + alert.labels().get("severity") + " | ");
        }
    }

    @Test
    void each_alert_is_seen_firing_in_a_test() throws IOException {
        String tests = "";
        for (Path file : testFiles()) {
            tests += Files.readString(file);
        }
        assertThat(TESTED.matcher(tests).results().map((MatchResult found) -> found.group(1)))
                .containsAll(names());
    }

    /** {@code ./metering test} brings promtool where it is missing. */
    @Test
    void promtool_finds_the_rules_right_and_their_tests_pass() throws Exception {
        assertThat(run("--version"))
                .as("promtool is not here: run ops/prometheus/install-promtool.sh")
                .returns(0, Outcome::exitCode);
        assertThat(run("check", "rules", "rules.yml")).returns(0, Outcome::exitCode);
        assertThat(run("check", "config", "prometheus.yml")).returns(0, Outcome::exitCode);
        List<String> test = new ArrayList<>(List.of("test", "rules"));
        testFiles().forEach(file -> test.add(file.getFileName().toString()));
        assertThat(run(test.toArray(String[]::new))).returns(0, Outcome::exitCode);
    }

    private Set<String> names() {
        return rules.alerts().stream().map(Rule::alert).collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Path> testFiles() throws IOException {
        try (Stream<Path> files = Files.list(PrometheusRules.folder())) {
            return files.filter(file -> file.toString().endsWith("-test.yml"))
                    .sorted()
                    .toList();
        }
    }

    private record Outcome(int exitCode, String output) {}

    private static Outcome run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Files.isExecutable(BROUGHT) ? BROUGHT.toString() : "promtool"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .directory(PrometheusRules.folder().toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException notThere) {
            return new Outcome(-1, notThere.toString());
        }
    }
}
