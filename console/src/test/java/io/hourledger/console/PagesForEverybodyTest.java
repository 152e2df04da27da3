package io.hourledger.console;

import static io.hourledger.console.GivenUsage.meter;
import static io.hourledger.console.GivenUsage.open;
import static io.hourledger.console.GivenUsage.sn;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a screen reader, a keyboard and a closed network need of each page. */
@Tag("servers")
class PagesForEverybodyTest {

    @Test
    void every_page_has_labels_heads_one_title_its_command_and_nothing_from_outside() {
        try (RunningConsole console = new RunningConsole()) {
            console.give(List.of(open("a", "buyer-a", "P-1"), meter("a", 1, "1")));
            for (String path : List.of(
                    "/finance?month=2026-01",
                    "/finance?month=2026-01&against=2026-02&by=buyer",
                    "/not-billed?month=2026-01",
                    "/bill?buyer=buyer-a&month=2026-02",
                    "/statement?instance=a&month=2026-01",
                    "/record?sn=" + sn("a", 1).value(),
                    "/changes?month=2026-01",
                    "/instances",
                    "/instance?id=a&month=2026-01",
                    "/tonight")) {
                Document page = console.page(path);
                assertThat(page.select("html").attr("lang")).as(path).isEqualTo("en");
                assertThat(page.select("h1")).as(path).hasSize(1);
                assertThat(page.select("main")).as(path).hasSize(1);
                assertThat(page.title()).as(path).endsWith("· Hourledger");
                assertThat(page.select("table th:not([scope])")).as(path).isEmpty();
                assertThat(page.select("table:not(:has(caption))")).as(path).isEmpty();
                assertThat(page.select(".command code").text()).as(path).startsWith("./metering ");
                assertThat(page.select("[style], [onclick], script:not([src])"))
                        .as(path)
                        .isEmpty();
                for (Element field : page.select("input:not([type=hidden]), select")) {
                    assertThat(page.select("label[for=" + field.id() + "]"))
                            .as(path + " " + field)
                            .hasSize(1);
                }
                for (Element asset : page.select("link[href], script[src], img[src]")) {
                    assertThat(asset.attr("href") + asset.attr("src")).as(path).startsWith("/");
                }
                for (Element link : page.select("a")) {
                    assertThat(link.text() + link.attr("aria-label"))
                            .as(path + " " + link)
                            .isNotBlank();
                }
            }
        }
    }
}
