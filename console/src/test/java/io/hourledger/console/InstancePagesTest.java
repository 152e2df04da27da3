package io.hourledger.console;

import static io.hourledger.console.GivenUsage.hour;
import static io.hourledger.console.GivenUsage.meter;
import static io.hourledger.console.GivenUsage.open;
import static io.hourledger.console.GivenUsage.release;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pages of instances and of the night, which share one running console. */
@Tag("servers")
class InstancePagesTest {

    private static AnsweringServices others;
    private static RunningConsole console;

    @BeforeAll
    static void two_instances_and_services_that_answer_what_they_are_told() {
        others = new AnsweringServices();
        console = others.console();
        console.give(List.of(open("a", "buyer-a", "P-1"), open("b", "buyer-b", "P-2")));
        console.give(List.of(meter("a", 1, "100"), meter("a", 26, "1.23456"), release("b", hour(2).start())));
        console.give(List.of(meter("b", 5, "7")));
    }

    @AfterAll
    static void close() {
        console.close();
        others.close();
    }

    @Test
    void instances_are_listed_and_filtered() {
        assertThat(console.page("/instances").select("tbody th").eachText()).contains("a", "b");
        assertThat(console.page("/instances?buyer=buyer-a").select("tbody th").eachText())
                .containsExactly("a");
        assertThat(console.page("/instances?state=released&product=P-2")
                        .select("tbody th")
                        .eachText())
                .containsExactly("b");
        assertThat(console.page("/instances?buyer=nobody").select("main").text())
                .contains("No instance is like that.");
    }

    @Test
    void an_instance_shows_its_life_and_the_hours_of_a_month() {
        Document page = console.page("/instance?id=a&month=2026-01");
        assertThat(page.select(".facts").text()).contains("active", "buyer-a", "P-1", "2026-01-01 00:00:00 UTC");
        assertThat(page.select(".heat tbody tr")).hasSize(31);
        Element first = page.select(".heat tbody tr").get(0).select("td").get(1);
        assertThat(first.text()).isEqualTo("100");
        assertThat(first.className()).isEqualTo("h4");
        Element second = page.select(".heat tbody tr").get(1).select("td").get(2);
        assertThat(second.text()).isEqualTo("1.235");
        assertThat(second.className()).isEqualTo("h1");
        assertThat(page.select("main").text()).contains("Nothing.");
    }

    @Test
    void what_waits_for_a_person_is_on_the_instances_page() {
        Document page = console.page("/instance?id=b&month=2026-01");
        assertThat(page.select("section").first().text()).contains("withheld", "after-release", "7");
        assertThat(page.select(".heat td.held")).hasSize(1);
    }

    @Test
    void the_night_shows_lag_queue_and_what_needs_a_person() {
        others.tellOfANightThatNeedsAPerson();
        Document page = console.page("/tonight");
        assertThat(page.select("section").get(0).text())
                .contains("At risk", "records wait", "15 min", "1 min too late", "no process");
        assertThat(page.select("section").get(1).text()).contains("the key was refused", "late already 2");
        assertThat(page.select("section").get(2).text())
                .contains("record refused", "MKT.9001 <b>not found</b>", "after-release")
                .contains("upgrade by order CS-9 not done", "two products fit");
        assertThat(others.tokens).containsOnly("Bearer the-operators");
    }

    @Test
    void what_does_not_answer_is_not_known_and_never_looks_quiet() {
        others.answers.clear();
        Document page = console.page("/tonight");
        assertThat(page.select("section").get(0).select(".alert").text()).contains("Not known.", "503");
        assertThat(page.select("section").get(1).select(".alert").text()).contains("not known");
        assertThat(page.select("section").get(2).select(".holds")).isEmpty();
        others.answers.put("/lag", "no json");
        assertThat(console.page("/tonight").select("section").get(0).text()).contains("Not known.");
    }
}
