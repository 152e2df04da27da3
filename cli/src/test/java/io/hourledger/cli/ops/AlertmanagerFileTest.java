package io.hourledger.cli.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.ops.AlertmanagerFile.Inhibition;
import io.hourledger.cli.ops.AlertmanagerFile.Receiver;
import io.hourledger.cli.ops.AlertmanagerFile.Route;
import io.hourledger.cli.ops.PrometheusRules.Rule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each alert reaches a person, once for one thing, and none is kept quiet by what nobody was called for. */
@Tag("fast")
class AlertmanagerFileTest {

    private static final Set<String> NEVER_QUIET =
            Set.of("HoursPastLastDeadline", "RecordsNearAgeLimit", "OutcomesNotStored", "InstancesBlocked");

    private final AlertmanagerFile file = AlertmanagerFile.read();
    private final Map<String, Rule> alerts =
            PrometheusRules.read().alerts().stream().collect(Collectors.toMap(Rule::alert, rule -> rule));

    @Test
    void a_page_calls_somebody_and_whatever_is_none_is_a_ticket() {
        assertThat(file.route().receiver()).isEqualTo("ticket");
        assertThat(file.route().branches()).singleElement().satisfies(pages -> {
            assertThat(pages.receiver()).isEqualTo("page");
            assertThat(pages.matched()).isEqualTo(Map.of("severity", List.of("page")));
            assertThat(pages.branches()).isEmpty();
        });
        assertThat(file.receivers())
                .extracting(Receiver::name)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(Stream.of(file.route()), file.route().branches().stream())
                                .map(Route::receiver)
                                .toList());
        assertThat(file.receivers()).allSatisfy(receiver -> assertThat(receiver.webhook_configs())
                .isNotEmpty()
                .allSatisfy(address -> assertThat(address.send_resolved()).isTrue()));
    }

    @Test
    void one_thing_is_one_message_however_many_partitions_and_processes_it_is_of() {
        assertThat(file.route().group_by()).containsExactly("alertname");
        assertThat(file.route().branches())
                .allSatisfy(branch -> assertThat(branch.group_by()).isNull());
    }

    /** A name that no alert has would keep nothing quiet, and nobody would notice. */
    @Test
    void every_inhibition_is_of_alerts_that_there_are() {
        assertThat(file.inhibit_rules()).isNotEmpty().allSatisfy(rule -> {
            assertThat(alerts).containsKeys(rule.sources().toArray(String[]::new));
            assertThat(alerts).containsKeys(rule.targets().toArray(String[]::new));
            for (String label : rule.equal() == null ? List.<String>of() : rule.equal()) {
                Stream.concat(rule.sources().stream(), rule.targets().stream()).forEach(alert -> assertThat(
                                PromQlNames.labels(alerts.get(alert).expr()))
                        .as(alert + " has no label " + label)
                        .contains(label));
            }
        });
    }

    @Test
    void only_an_alert_that_somebody_was_called_for_keeps_others_quiet() {
        assertThat(file.inhibit_rules().stream().flatMap(rule -> rule.sources().stream()))
                .allSatisfy(alert ->
                        assertThat(alerts.get(alert).labels()).as(alert).containsEntry("severity", "page"));
        assertThat(file.inhibit_rules().stream().flatMap(rule -> rule.targets().stream()))
                .doesNotContainAnyElementsOf(NEVER_QUIET);
    }

    /** Two that keep each other quiet would leave nobody told. */
    @Test
    void no_alert_is_kept_quiet_by_what_it_keeps_quiet() {
        for (String alert : alerts.keySet()) {
            Set<String> quiet = new TreeSet<>(keptQuietBy(Set.of(alert)));
            Set<String> more = keptQuietBy(quiet);
            while (quiet.addAll(more)) {
                more = keptQuietBy(quiet);
            }
            assertThat(quiet).doesNotContain(alert);
        }
    }

    private Set<String> keptQuietBy(Set<String> sources) {
        return file.inhibit_rules().stream()
                .filter(rule -> rule.sources().stream().anyMatch(sources::contains))
                .flatMap((Inhibition rule) -> rule.targets().stream())
                .collect(Collectors.toSet());
    }
}
