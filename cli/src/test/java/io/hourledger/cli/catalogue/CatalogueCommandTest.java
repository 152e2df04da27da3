package io.hourledger.cli.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.MeteringCli;
import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class CatalogueCommandTest {

    private static final String EGRESS =
            """
            {"version": %d,
             "meters": [{"name": "egress", "eventType": "web.egress", "aggregation": "SUM", "valueField": "bytes",
                         "unit": "MB", "unitFactor": "%s"}],
             "products": [{"productId": "web-egress", "meter": "%s", "chargingMode": "ON_DEMAND",
                           "pricingMode": "%s", "billingCycle": "HOURLY"}]}""";

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return MeteringCli.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    private String first() throws IOException {
        return file("first.json", EGRESS.formatted(1, "0.000001", "egress", "FIXED"));
    }

    @Test
    void a_catalogue_is_said_in_words() throws IOException {
        assertThat(run("catalogue", "check", first())).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("meter egress: the sum of data.bytes of web.egress events, times 0.000001 MB")
                .contains("product web-egress: measured by egress, charged ON_DEMAND, priced FIXED, billed HOURLY");
    }

    @Test
    void events_that_the_filters_of_their_type_leave_unread_are_told() throws IOException {
        String filtered = EGRESS.formatted(1, "1", "egress", "FIXED")
                .replace("\"unitFactor\": \"1\"", "\"unitFactor\": \"1\", \"where\": {\"region\": \"eu\"}");

        assertThat(run("catalogue", "check", file("filtered.json", filtered))).isEqualTo(ExitCode.OK);
        assertThat(run("catalogue", "check", first())).isEqualTo(ExitCode.OK);

        assertThat(out.toString()).containsOnlyOnce("type web.egress: an event that no filter takes is filtered out");
    }

    @Test
    void a_product_without_its_meter_is_no_catalogue() throws IOException {
        String file = file("wrong.json", EGRESS.formatted(1, "1", "ingress", "FIXED"));
        assertThat(run("catalogue", "check", file)).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("names meter ingress, which is not in the catalogue");
    }

    @Test
    void a_file_that_is_not_there_is_no_finding() {
        assertThat(run("catalogue", "check", folder.resolve("none.json").toString()))
                .isEqualTo(ExitCode.COULD_NOT_RUN);
    }

    @Test
    void a_changed_factor_is_told_with_what_it_does() throws IOException {
        String next = file("next.json", EGRESS.formatted(1, "0.001", "egress", "VOLUME"));
        assertThat(run("catalogue", "diff", first(), next)).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString().lines())
                .containsExactly(
                        "~ meter egress: was the sum of data.bytes of web.egress events, times 0.000001 MB; is the sum"
                                + " of data.bytes of web.egress events, times 0.001 MB; the hours before its version stay"
                                + " as they were",
                        "~ product web-egress: was measured by egress, charged ON_DEMAND, priced FIXED, billed HOURLY;"
                                + " is measured by egress, charged ON_DEMAND, priced VOLUME, billed HOURLY; instances that"
                                + " are open keep the product as it was",
                        "version 1 does not follow version 1: a catalogue with other meters needs a higher number");
    }

    @Test
    void a_factor_with_other_zeros_is_the_same() throws IOException {
        String next = file("next.json", EGRESS.formatted(1, "0.0000010", "egress", "FIXED"));
        assertThat(run("catalogue", "diff", first(), next)).isEqualTo(ExitCode.OK);
    }

    @Test
    void what_is_new_and_what_is_gone_stand_by_name() throws IOException {
        String next = file(
                "next.json",
                """
                {"version": 2,
                 "meters": [{"name": "requests", "eventType": "web.request", "aggregation": "COUNT", "valueField": null,
                             "unit": "requests", "unitFactor": "1"}],
                 "products": []}""");
        assertThat(run("catalogue", "diff", first(), next)).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString().lines())
                .containsExactly(
                        "- meter egress; its hours before that version are finished, later events of it are not"
                                + " counted",
                        "+ meter requests: the number of web.request events, times 1 requests",
                        "- product web-egress; instances that are open keep it, and no new one can be ordered");
    }
}
