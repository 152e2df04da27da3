package io.hourledger.cli.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.MeteringCli;
import io.hourledger.cli.ledger.SealedHour;
import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What another catalogue would have metered, as a person asks for it, over a real log that was counted and a real ledger. */
@Tag("servers")
class CatalogueSimulateTest {

    private static final String COLUMNS = "meter,product,unit,today,simulated,difference";

    @TempDir
    private static Path folder;

    private static SealedHour hour;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void an_hour_of_three_instances() throws Exception {
        hour = new SealedHour(folder);
    }

    @AfterAll
    static void close() {
        hour.close();
    }

    private int simulate(String catalogue, String... arguments) throws IOException {
        String file = Files.writeString(folder.resolve("other.json"), catalogue).toString();
        List<String> all = new ArrayList<>(List.of("catalogue", "simulate", file));
        all.addAll(List.of(arguments));
        return hour.run(MeteringCli.commandLine(), out, err, all.toArray(String[]::new));
    }

    @Test
    void the_same_catalogue_makes_the_same_and_what_is_not_closed_yet_is_named() throws IOException {
        assertThat(simulate(SealedHour.CATALOGUE, "--month", "2026-03", "--format", "csv"))
                .as(err.toString())
                .isEqualTo(ExitCode.NOT_ALL);

        assertThat(out.toString().lines()).containsExactly(COLUMNS, "egress,web-egress,MB,7.5,7.5,0");
        assertThat(err.toString())
                .contains("hours behind 2026-03-01T10:00:00Z: they are not closed yet")
                .contains("what is named above is in no column");
    }

    @Test
    void another_meter_of_the_product_stands_beside_the_one_of_today() throws IOException {
        String byCalls =
                """
                {"version": 1,
                 "meters": [{"name": "egress", "eventType": "web.egress", "aggregation": "MAX", "valueField": "bytes",
                             "unit": "MB", "unitFactor": "0.000001"},
                            {"name": "calls", "eventType": "web.egress", "aggregation": "COUNT", "valueField": null,
                             "unit": "calls", "unitFactor": "1"}],
                 "products": [{"productId": "web-egress", "meter": "calls", "chargingMode": "ON_DEMAND",
                               "pricingMode": "FIXED", "billingCycle": "HOURLY"}]}
                """;
        Path file = folder.resolve("march.csv");

        assertThat(simulate(byCalls, "--month", "2026-03", "--out", file.toString()))
                .as(err.toString())
                .isEqualTo(ExitCode.NOT_ALL);

        assertThat(out.toString()).isEmpty();
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        COLUMNS,
                        "calls,web-egress,calls,0,6,6",
                        "egress,,MB,0,3.75,3.75",
                        "egress,web-egress,MB,7.5,0,-7.5");
    }

    @Test
    void a_month_without_usage_has_no_rows() throws IOException {
        assertThat(simulate(SealedHour.CATALOGUE, "--month", "2026-02", "--format", "csv"))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);

        assertThat(out.toString().lines()).containsExactly(COLUMNS);
    }

    @Test
    void what_is_no_catalogue_or_no_form_is_said() throws IOException {
        assertThat(simulate("{}", "--month", "2026-03")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("the catalogue cannot be read");
        assertThat(simulate(SealedHour.CATALOGUE, "--month", "2026-03", "--out", "march.xlsx"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("a file is csv or json, as its name ends");
    }
}
