package io.hourledger.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("servers")
class ExportPagesTest {

    private static final String[] TOKEN = {"Authorization", "Bearer " + RunningConsole.TOKEN};

    @TempDir
    private static Path folder;

    private static RunningConsole console;

    @BeforeAll
    static void a_month_of_usage() {
        console = new RunningConsole(
                Map.of("hourledger.console.export-folder", folder.toString(), "hourledger.console.export-rows", "2"));
        console.give(List.of(GivenUsage.open("i-1", "b-1", "p-1"), GivenUsage.meter("i-1", 1, "1.25")));
    }

    @AfterAll
    static void close() {
        console.close();
    }

    @Test
    void a_month_comes_as_a_file_with_its_length_and_its_name() {
        HttpResponse<String> file = console.get("/finance/export?month=2026-01&form=csv&buyer=", TOKEN);
        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Disposition").orElseThrow())
                .startsWith("attachment; filename=\"records-2026-01.csv\"");
        assertThat(file.headers().firstValueAsLong("Content-Length"))
                .hasValue(file.body().length());
        assertThat(file.body()).contains("b-1,").contains(",1.25,");
        for (String form : List.of("xlsx", "parquet", "json")) {
            assertThat(console.get("/finance/export?month=2026-01&form=" + form, TOKEN)
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void a_buyers_file_has_the_buyer_in_its_name() {
        assertThat(console.get("/finance/export?month=2026-01&form=csv&buyer=b-1", TOKEN)
                        .headers()
                        .firstValue("Content-Disposition")
                        .orElseThrow())
                .contains("records-2026-01-buyer-b-1.csv");
        assertThat(console.get("/finance/export?month=2026-01&form=csv&buyer=..%2F%22b", TOKEN)
                        .headers()
                        .firstValue("Content-Disposition")
                        .orElseThrow())
                .contains("records-2026-01-buyer-.._");
    }

    @Test
    void a_file_that_could_not_be_made_lets_the_next_be_made_and_nothing_stays_behind() throws Exception {
        Files.delete(folder);
        assertThat(console.get("/finance/export?month=2026-01&form=csv", TOKEN).statusCode())
                .isEqualTo(500);
        Files.createDirectory(folder);
        assertThat(console.get("/finance/export?month=2026-01&form=csv", TOKEN).statusCode())
                .isEqualTo(200);
        nothingStaysBehind();
    }

    @Test
    void a_file_without_notes_is_refused_while_it_would_lack_events() {
        console.jdbc.update("insert into ledger.dead_letter (reader, instance_id, sequence_number, event_type, cause)"
                + " values ('projections', 'i-1', 1, 'hour-metered', 'a cause')");
        try {
            assertRefused(
                    console.get("/finance/export?month=2026-01&form=csv", TOKEN),
                    409,
                    "That cannot be done",
                    "a CSV file cannot say that these figures lack events of");
            assertThat(console.get("/finance/export?month=2026-01&form=xlsx", TOKEN)
                            .statusCode())
                    .isEqualTo(200);
            nothingStaysBehind();
        } finally {
            console.jdbc.update("delete from ledger.dead_letter");
        }
    }

    @Test
    void a_month_of_more_records_than_the_setting_allows_is_refused() {
        console.give(List.of(GivenUsage.open("i-2", "b-2", "p-1")));
        console.give(List.of(
                GivenUsage.meter("i-2", 800, "1"),
                GivenUsage.meter("i-2", 801, "1"),
                GivenUsage.meter("i-2", 802, "1")));
        assertRefused(
                console.get("/finance/export?month=2026-02&form=csv&buyer=b-2", TOKEN),
                422,
                "That cannot be done",
                "these are 3 records, and a browser gets 2 at most");
        nothingStaysBehind();
    }

    @Test
    void nobody_without_a_token_gets_a_file() {
        assertThat(console.get("/finance/export?month=2026-01&form=csv").statusCode())
                .isNotEqualTo(200);
    }

    @Test
    void a_form_that_nobody_knows_is_refused() {
        assertRefused(
                console.get("/finance/export?month=2026-01&form=exe", TOKEN),
                400,
                "That cannot be read",
                "a file is parquet, csv, xlsx or json");
    }

    /** The first reads a table that is locked, so the second comes while it is under way, or the other way round. */
    @Test
    void who_comes_while_a_file_is_made_is_told_to_come_again() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> both;
        try (Connection locking =
                Objects.requireNonNull(console.jdbc.getDataSource()).getConnection()) {
            locking.setAutoCommit(false);
            locking.createStatement().execute("lock table ledger.usage_record in access exclusive mode");
            both = Stream.of("csv", "json")
                    .map(form -> CompletableFuture.supplyAsync(
                            () -> console.get("/finance/export?month=2026-01&form=" + form, TOKEN),
                            task -> Thread.ofVirtual().start(task)))
                    .toList();
            CompletableFuture.anyOf(both.toArray(CompletableFuture[]::new)).join();
            locking.rollback();
        }
        HttpResponse<String> told = both.stream()
                .map(CompletableFuture::join)
                .filter(answer -> answer.headers().firstValue("Retry-After").isPresent())
                .findFirst()
                .orElseThrow();
        assertRefused(told, 503, "Not now", "another file is being written or sent; try again in a minute");
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String title, String sentence) {
        assertThat(answer.statusCode()).isEqualTo(status);
        Document page = Jsoup.parse(answer.body());
        assertThat(page.select("h1").text()).isEqualTo(title);
        assertThat(page.select("main").text()).contains(sentence);
    }

    @Test
    void the_month_links_to_its_files() {
        assertThat(console.page("/finance?month=2026-01").select("a[href^=/finance/export]"))
                .hasSize(4);
    }

    /** The last byte is on its way before the file it came from is deleted. */
    private static void nothingStaysBehind() {
        await().untilAsserted(() -> assertThat(folder).isEmptyDirectory());
    }
}
