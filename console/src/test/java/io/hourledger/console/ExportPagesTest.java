package io.hourledger.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class ExportPagesTest {

    private static final String[] TOKEN = {"Authorization", "Bearer " + RunningConsole.TOKEN};
    private static RunningConsole console;

    @BeforeAll
    static void a_month_of_usage() {
        console = new RunningConsole();
        console.give(List.of(GivenUsage.open("i-1", "b-1", "p-1"), GivenUsage.meter("i-1", 1, "1.25")));
    }

    @AfterAll
    static void close() {
        console.close();
    }

    @Test
    void a_month_comes_as_a_file_with_its_length_and_its_name() {
        HttpResponse<String> file = console.get("/finance/export?month=2026-01&form=csv", TOKEN);
        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"records-2026-01.csv\"");
        assertThat(file.headers().firstValueAsLong("Content-Length"))
                .hasValue(file.body().length());
        assertThat(file.body()).contains(",b-1,").contains(",1.25,").contains("\nsum,");
        for (String form : List.of("xlsx", "parquet", "json")) {
            assertThat(console.get("/finance/export?month=2026-01&form=" + form, TOKEN)
                            .statusCode())
                    .isEqualTo(200);
        }
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
}
