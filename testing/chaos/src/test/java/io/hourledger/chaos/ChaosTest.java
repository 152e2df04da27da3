package io.hourledger.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("servers")
class ChaosTest {

    /** Kills each kind of part, freezes an aggregator, takes broker and database away. */
    private static final String SEED = "14";

    @Test
    void a_minute_of_kills_and_zombies_and_outages_loses_nothing_and_doubles_nothing(@TempDir Path folder)
            throws Exception {
        Path out = folder.resolve("chaos.json");

        int exitCode = new CommandLine(new ChaosCommand())
                .setOut(new PrintWriter(System.out, true))
                .execute("--minutes", "1", "--seed", SEED, "--rate", "1000", "--out", out.toString());

        JsonNode report = JsonMapper.shared().readTree(Files.readString(out));
        JsonNode figures = report.path("figures");
        String why = report.path("wrong").toString();
        assertThat(figures.path("sent").asLong()).isPositive();
        assertThat(figures.path("kills").asLong()).isPositive();
        assertThat(figures.path("lost").asLong(-1)).as(why).isZero();
        assertThat(figures.path("doubled").asLong(-1)).as(why).isZero();
        assertThat(figures.path("quarantined").asLong()).isPositive();
        assertThat(figures.path("unmatched").asLong()).isPositive();
        assertThat(figures.path("filtered_out").asLong()).isPositive();
        assertThat(figures.path("aborted_transactions").asLong()).isPositive();
        assertThat(exitCode).as(why).isZero();
        assertThat(folder.resolve("ledger.csv")).hasSameTextualContentAs(folder.resolve("truth.csv"));
        assertThat(folder.resolve("gallery.csv")).hasSameTextualContentAs(folder.resolve("truth.csv"));
    }
}
