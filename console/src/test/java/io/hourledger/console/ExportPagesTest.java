package io.hourledger.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
            assertThat(console.get("/finance/export?month=2026-01&form=csv", TOKEN)
                            .statusCode())
                    .isEqualTo(409);
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
        assertThat(console.get("/finance/export?month=2026-02&form=csv&buyer=b-2", TOKEN)
                        .statusCode())
                .isEqualTo(422);
        nothingStaysBehind();
    }

    @Test
    void nobody_without_a_token_gets_a_file() {
        assertThat(console.get("/finance/export?month=2026-01&form=csv").statusCode())
                .isNotEqualTo(200);
    }

    @Test
    void a_form_that_nobody_knows_is_refused() {
        assertThat(console.get("/finance/export?month=2026-01&form=exe", TOKEN).statusCode())
                .isEqualTo(400);
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
