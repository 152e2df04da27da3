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
        });
    }

    /** A partition or an account that stands would keep all others quiet, and a process that cannot look a whole service. */
    @Test
    void an_alert_keeps_quiet_only_what_is_of_the_same_partition_or_account() {
        assertThat(file.inhibit_rules()).allSatisfy(rule -> {
            Set<String> equal = Set.copyOf(rule.equal() == null ? List.of() : rule.equal());
            assertThat(rule.targets())
                    .allSatisfy(
                            target -> assertThat(toldApartBy(target)).as(target).isEqualTo(equal));
            assertThat(rule.sources()).allSatisfy(source -> {
                assertThat(equal).as(source).containsAll(toldApartBy(source));
                assertThat(toldApartBy(source).isEmpty()).as(source).isEqualTo(equal.isEmpty());
            });
        });
    }

    /** The labels by which the alert fires more than once at a time; a recorded series has those that it is recorded by. */
    private Set<String> toldApartBy(String alert) {
        String expr = alerts.get(alert).expr();
        Set<String> labels = new TreeSet<>(PromQlNames.groupedBy(expr));
        PrometheusRules.read().all().stream()
                .filter(rule -> rule.record() != null && expr.contains(rule.record()))
                .forEach(rule -> labels.addAll(PromQlNames.groupedBy(rule.expr())));
        return labels;
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
