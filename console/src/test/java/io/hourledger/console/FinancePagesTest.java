package io.hourledger.console;

import static io.hourledger.console.GivenUsage.hour;
import static io.hourledger.console.GivenUsage.meter;
import static io.hourledger.console.GivenUsage.open;
import static io.hourledger.console.GivenUsage.release;
import static io.hourledger.console.GivenUsage.report;
import static io.hourledger.console.GivenUsage.sn;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class FinancePagesTest {

    private static final String HOSTILE = "<script>alert(\"x\")</script>'&,b";

    private static RunningConsole console;

    @BeforeAll
    static void two_buyers_and_a_few_hours() {
        console = new RunningConsole();
        console.give(List.of(open("a", "buyer-a", "P-1"), open("b", HOSTILE, "P-2")));
        console.give(List.of(
                meter("a", 1, "1.00007"), meter("a", 2, "2.00005"), meter("b", 1, "5"), meter("a", 750, "1234.5")));
        console.give(List.of(report("a", 1), release("b", hour(2).start()), meter("b", 2, "7")));
    }

    @AfterAll
    static void close() {
        console.close();
    }

    @Test
    void a_month_shows_each_instance_with_what_was_metered_and_where_it_is() {
        Document page = console.page("/finance?month=2026-01");
        assertThat(page.select("tbody tr")).hasSize(2);
        assertThat(row(page, "a")).contains("buyer-a", "P-1", "3.00012", "1", "2.0001");
        assertThat(row(page, "b")).contains("12", "5", "7");
    }

    @Test
    void a_month_is_shown_beside_another_with_the_difference() {
        Document page = console.page("/finance?month=2026-02&against=2026-01&buyer=buyer-a");
        assertThat(row(page, "a")).contains("1,234.5", "3.00012", "1,231.49988");
    }

    @Test
    void a_month_is_shown_by_buyer_by_product_and_in_one_sum() {
        assertThat(row(console.page("/finance?month=2026-01&by=buyer"), "buyer-a"))
                .contains("3.00012");
        assertThat(row(console.page("/finance?month=2026-01&by=product"), "P-2"))
                .contains("12");
        assertThat(console.page("/finance?month=2026-01&by=account")
                        .select("tbody td")
                        .eachText())
                .contains("15.00012");
    }

    @Test
    void a_statement_shows_the_equation_of_the_life_and_the_hours_of_the_month() {
        Document page = console.page("/statement?instance=b&month=2026-01");
        assertThat(page.select(".holds").text()).contains("The equation holds.");
        assertThat(page.select(".equation td").eachText())
                .containsExactly("12", "0", "0", "5", "0", "7", "0", "0", "0", "0");
        assertThat(page.select("section tbody tr").text()).contains("2026-01-01 01:00 UTC", "after-release");
        assertThat(page.select(".command code").text())
                .isEqualTo("./metering ledger statement --instance b --month 2026-01");
    }

    @Test
    void a_wrong_projection_shows_as_an_equation_that_does_not_hold() {
        console.give(List.of(open("wrong", "buyer-w", "P-3"), meter("wrong", 900, "3")));
        console.jdbc.update("update ledger.usage_record set amount = amount + 1 where instance_id = 'wrong'");
        assertThat(console.page("/statement?instance=wrong&month=2026-02")
                        .select(".alert")
                        .text())
                .contains("does not hold", "-1");
    }

    @Test
    void an_instance_whose_events_wait_is_named_as_incomplete_on_its_pages_and_on_those_of_a_month() {
        console.give(List.of(open("waits", "buyer-w", "P-4"), meter("waits", 900, "3")));
        console.jdbc.update("insert into ledger.dead_letter (reader, instance_id, sequence_number, event_type, cause)"
                + " values ('projections', 'waits', 1, 'hour-metered', 'a cause')");
        String incomplete = "incomplete: instance waits waits since event 1 (hour-metered), because a cause";
        try {
            for (String path : List.of(
                    "/finance?month=2026-02", "/statement?instance=waits&month=2026-02", "/instance?id=waits")) {
                assertThat(console.page(path).select("aside.alert").text())
                        .as(path)
                        .contains(incomplete);
            }
            assertThat(console.page("/statement?instance=a&month=2026-01").select("aside"))
                    .isEmpty();
            assertThat(console.page("/finance?month=2026-02&buyer=buyer-a").select("aside"))
                    .isEmpty();
        } finally {
            console.jdbc.update("delete from ledger.dead_letter");
        }
    }

    @Test
    void a_statement_leads_to_where_a_record_comes_from() {
        Document statement = console.page("/statement?instance=a&month=2026-01");
        String link = statement.select("td a[href^=/record]").get(1).attr("href");
        Document page = console.page(link);
        assertThat(page.select("h1").text()).contains(sn("a", 2).value());
        assertThat(page.select("tbody tr").eachText()).hasSize(2);
        assertThat(page.select("tbody tr").first().text()).contains("its amount", "1000", "1006");
        assertThat(page.select("tbody tr").last().text()).contains("what it left over");
    }

    @Test
    void what_changed_between_two_views_is_listed_for_one_instance_and_for_all() {
        String month = "/changes?month=2026-01&from=2026-01-01T01:30:00Z&to=2026-02-01T00:00:00Z";
        assertThat(console.page(month).select("tbody tr").text())
                .contains("hour-metered", "usage-record-issued", "usage-withheld");
        assertThat(console.page(month + "&instance=a").select("tbody tr").text())
                .contains("usage-record-reported")
                .doesNotContain("usage-withheld");
    }

    @Test
    void what_is_not_billed_is_listed_with_its_reason_and_the_command_that_decides() {
        Document page = console.page("/not-billed?month=2026-01");
        assertThat(page.select("section").first().text()).contains("after-release", "7");
        assertThat(row(page, "b"))
                .contains("after-release", "./metering ledger decide bill-withheld b 2026-01-01T02:00:00Z");
        assertThat(console.page("/not-billed?month=2026-01&reason=in-flight")
                        .select("main")
                        .text())
                .contains("nothing to decide: it is being sent");
        assertThat(console.page("/not-billed?month=2026-01&account=another")
                        .select("section")
                        .text())
                .contains("Nothing:");
    }

    @Test
    void why_a_bill_differs_is_told_by_cause_for_a_buyer_and_for_an_instance() {
        Document month = console.page("/finance?month=2026-02&against=2026-01&by=buyer");
        String why = month.select("tbody a[href^=/bill?buyer=buyer-a]").first().attr("href");
        Document page = console.page(why);
        assertThat(page.select("tfoot").text()).isEqualTo("Billed 1 0 -1");
        assertThat(row(page, "On its way to the marketplace")).contains("-1,234.5");
        Document instance =
                console.page(page.select("tbody a[href^=/bill]").first().attr("href"));
        assertThat(instance.select("tfoot").text()).isEqualTo("Billed 1 0 -1");
        assertThat(console.page("/bill").select("main").text()).contains("Name a buyer or an instance.");
    }

    @Test
    void a_month_is_of_one_seller_account_if_one_is_named() {
        String account = console.jdbc.queryForObject(
                "select account from ledger.instance where instance_id = 'a'", String.class);
        for (String by : List.of("instance", "buyer", "product", "account")) {
            String path = "/finance?month=2026-01&by=" + by + "&account=";
            assertThat(console.page(path + account).select("tbody").text())
                    .as(by)
                    .doesNotContain("No hours");
            assertThat(console.page(path + "another").select("tbody").text())
                    .as(by)
                    .contains("No hours");
        }
    }

    @Test
    void a_hostile_buyer_name_stays_text_on_every_page() {
        for (String path : List.of(
                "/finance?month=2026-01",
                "/finance?month=2026-01&by=buyer",
                "/not-billed?month=2026-01",
                "/statement?instance=b&month=2026-01",
                "/record?sn=" + sn("b", 1).value())) {
            Document page = console.page(path);
            assertThat(page.select("script:not([src])")).as(path).isEmpty();
            assertThat(page.select("main").text()).as(path).contains(HOSTILE);
        }
        String link = console.page("/finance?month=2026-01&by=buyer")
                .select("tbody a")
                .first()
                .attr("href");
        assertThat(row(console.page(link), "b")).contains("12");
    }

    @Test
    void times_are_shown_in_the_zone_that_was_chosen() {
        String header = "Bearer " + RunningConsole.TOKEN;
        String cookie = console.post(
                        "/zone",
                        java.util.Map.of("zone", "Asia/Shanghai", "back", "//evil.example"),
                        "Authorization",
                        header)
                .headers()
                .firstValue("Set-Cookie")
                .orElseThrow();
        assertThat(console.get(
                                "/statement?instance=a&month=2026-01",
                                "Authorization",
                                header,
                                "Cookie",
                                cookie.substring(0, cookie.indexOf(';')))
                        .body())
                .contains("2026-01-01 09:00 +08:00");
    }

    @Test
    void what_does_not_exist_or_is_no_month_is_said_in_words() {
        String[] token = {"Authorization", "Bearer " + RunningConsole.TOKEN};
        assertThat(console.get("/statement?instance=nobody", token).statusCode())
                .isEqualTo(404);
        assertThat(console.get("/record?sn=nothing", token).statusCode()).isEqualTo(404);
        assertThat(console.get("/finance?month=november", token).statusCode()).isEqualTo(400);
        assertThat(console.get("/nowhere", token[0], token[1], "Accept", "text/html")
                        .body())
                .contains("This page cannot be shown");
    }

    private static List<String> row(Document page, String head) {
        for (Element row : page.select("tbody tr")) {
            Element first = row.selectFirst("th");
            if (first != null && first.text().equals(head)) {
                return row.select("td").eachText();
            }
        }
        throw new AssertionError("no row " + head + " in " + page.select("main").text());
    }
}
