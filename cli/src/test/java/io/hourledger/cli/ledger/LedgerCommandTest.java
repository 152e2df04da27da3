package io.hourledger.cli.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.ExitCode;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

@Tag("servers")
class LedgerCommandTest {

    @Test
    void nobody_is_told_that_the_books_of_an_instance_hold_which_is_not_there() {
        assertThat(run("statement", "--instance", "a-typo")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("no such instance or buyer");
        assertThat(run("statement", "--buyer", "a-typo", "--totals")).isEqualTo(ExitCode.DIFFERENT);
    }

    private static final String KEY = OneHourLedger.DIGEST_KEY;
    private static final UsageHour HOUR = OneHourLedger.HOUR;
    private static OneHourLedger ledger;
    private static JdbcTemplate jdbc;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void a_ledger_of_one_hour() {
        ledger = new OneHourLedger();
        jdbc = ledger.jdbc;
    }

    @Test
    void a_statement_comes_as_csv() {
        assertThat(run("statement", "--month", "2026-01", "--format", "csv")).isEqualTo(ExitCode.OK);
        assertThat(out.toString().lines().toList())
                .hasSize(4)
                .anyMatch(row ->
                        row.startsWith("sum,\"buyer, the first\",egress,,,,2.50005,0,") && row.contains(",reported,"))
                .anyMatch(row -> row.startsWith("sum,\"buyer, the first\",egress,,,,,,,,,,,,2.5,,in-flight,"))
                .last()
                .asString()
                .startsWith("hour,\"buyer, the first\",egress,a,2026-01-01T01:00:00Z,0,2.50005,0,0,,");
    }

    @Test
    void a_month_without_hours_is_said_to_be_one() {
        assertThat(run("statement", "--month", "2025-12")).isEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("there are no hours on the bill in 2025-12");
        assertThat(run("statement", "--totals", "--month", "2025-12", "--format", "csv"))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()
                        .lines()
                        .filter(row -> row.startsWith("2025-12"))
                        .toList())
                .isEmpty();
    }

    @Test
    void totals_of_a_month_are_of_that_month() {
        assertThat(run("statement", "--totals", "--month", "2026-01", "--format", "csv"))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("2026-01,\"buyer, the first\",egress,a,2.50005,0,0,2.5,0,0,0,0,0,0.00005");
    }

    @Test
    void a_statement_of_a_month_that_has_lost_a_record_says_so_and_does_not_exit_as_if_it_held() {
        assertThat(run("statement", "--month", "2026-01")).isEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("2026-01: the amounts of 1 hours compared with their events, 0 differ");
        jdbc.execute("create table public.kept_record as select * from ledger.usage_record");
        jdbc.execute("delete from ledger.usage_record");
        try {
            for (List<String> asked : List.of(
                    List.of("statement", "--month", "2026-01"),
                    List.of("statement", "--totals", "--month", "2026-01"),
                    List.of("statement", "--month", "2026-01", "--instance", "a"))) {
                assertThat(run(asked.toArray(String[]::new)))
                        .as(asked.toString())
                        .isEqualTo(ExitCode.DIFFERENT);
            }
            assertThat(err.toString())
                    .contains("instance a, hour 2026-01-01T01:00:00Z: issued is 2.5 by the events and 0 in the tables");
        } finally {
            jdbc.execute("insert into ledger.usage_record select * from public.kept_record");
        }
    }

    @Test
    void verify_of_a_month_names_what_it_leaves_out_and_compares_its_amounts() {
        assertThat(run("verify", "--month", "2026-01", "--digest-key", KEY)).isEqualTo(ExitCode.NOT_ALL);
        assertThat(out.toString())
                .contains("a month's check leaves it out: ask for it with --only queue")
                .contains("a month's check leaves it out: ask for it with --only states");
        assertThat(err.toString()).contains("equation: the amounts of 1 hours compared with their events");
        jdbc.update("update ledger.metered_hour set amount = amount + 1");
        try {
            assertThat(run("verify", "--month", "2026-01", "--only", "equation"))
                    .isEqualTo(ExitCode.DIFFERENT);
            assertThat(out.toString()).contains("metered is 2.50005 by the events and 3.50005 in the tables");
        } finally {
            jdbc.update("update ledger.metered_hour set amount = amount - 1");
        }
    }

    @Test
    void a_statement_and_an_export_write_an_amount_alike() {
        run("export", "--format", "csv");
        assertThat(out.toString()).contains(",2.5,0.00005,");
    }

    @Test
    void an_export_is_written_as_a_file_of_each_form(@TempDir Path folder) throws Exception {
        for (String form : List.of("csv", "json", "xlsx", "parquet")) {
            Path file = folder.resolve("records." + form);
            assertThat(run("export", "--format", form, "--out", file.toString()))
                    .as(err.toString())
                    .isEqualTo(ExitCode.OK);
            assertThat(err.toString()).contains(file + " has 1 records");
            assertThat(file).isNotEmptyFile();
        }
        out.getBuffer().setLength(0);
        run("export", "--format", "csv");
        assertThat(folder.resolve("records.csv")).hasContent(out.toString());
        assertThat(run("export", "--format", "xlsx")).isEqualTo(ExitCode.USAGE);
        assertThat(run("export", "--out", folder.resolve("x").toString())).isEqualTo(ExitCode.USAGE);
    }

    /** Two accounts are paid by different parties. */
    @Test
    void a_statement_and_an_export_of_one_account_have_nothing_of_another() {
        jdbc.update("insert into ledger.seller_account (account) values ('default'), ('intl') on conflict do nothing");
        try {
            assertThat(run("statement", "--account", "default", "--month", "2026-01", "--format", "csv"))
                    .as(err.toString())
                    .isEqualTo(ExitCode.OK);
            assertThat(out.toString()).contains("egress,a,2026-01-01T01:00:00Z");
            assertThat(err.toString()).contains("the amounts of 1 hours compared");

            clearOutput();
            assertThat(run("statement", "--account", "intl", "--month", "2026-01", "--format", "csv"))
                    .isEqualTo(ExitCode.OK);
            assertThat(out.toString()).doesNotContain("egress,a,");
            assertThat(err.toString()).contains("the amounts of 0 hours compared");

            clearOutput();
            assertThat(run("export", "--account", "intl", "--format", "csv")).isEqualTo(ExitCode.OK);
            assertThat(out.toString()).doesNotContain(",2.5,");
            clearOutput();
            assertThat(run("export", "--account", "default", "--format", "csv")).isEqualTo(ExitCode.OK);
            assertThat(out.toString()).contains(",2.5,");

            assertThat(run("statement", "--account", "inlt")).isEqualTo(ExitCode.USAGE);
            assertThat(err.toString()).contains("--account knows no inlt; it knows default, intl");
            assertThat(run(
                            "export",
                            "--focus",
                            "1.4",
                            "--month",
                            "2026-01",
                            "--account-id",
                            "s",
                            "--seller",
                            "S",
                            "--service",
                            "G"))
                    .isEqualTo(ExitCode.USAGE);
            assertThat(err.toString()).contains("a FOCUS file needs --account");
        } finally {
            jdbc.update("delete from ledger.seller_account");
        }
    }

    private void clearOutput() {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
    }

    @Test
    void usage_comes_as_focus_charges_with_and_without_a_price_list(@TempDir Path folder) throws Exception {
        List<String> focus = List.of(
                "export",
                "--focus",
                "1.4",
                "--month",
                "2026-01",
                "--account-id",
                "s-1",
                "--seller",
                "S",
                "--service",
                "G",
                "--unit",
                "egress=MB",
                "--format",
                "csv");
        assertThat(run(focus.toArray(String[]::new))).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains(",Usage,,Usage-Based,").contains(",2.5,MB,2.5,MB,P,egress,a,");
        Path prices = Files.writeString(
                folder.resolve("prices.json"),
                "{\"currency\": \"CNY\", \"products\": [{\"productId\": \"P\", \"unitPrice\": \"0.4\"}]}");
        List<String> priced = new ArrayList<>(focus);
        priced.addAll(List.of("--prices", prices.toString()));
        out.getBuffer().setLength(0);
        assertThat(run(priced.toArray(String[]::new))).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .as("billed is only what the marketplace has accepted")
                .contains("0,0,1,1,0.4,0.4,CNY,Standard,s-1,");
        assertThat(run("export", "--focus", "2.0", "--month", "2026-01")).isEqualTo(ExitCode.USAGE);
        assertThat(run("export", "--focus", "1.4")).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void the_equation_comes_as_json() {
        assertThat(run("statement", "--totals", "--format", "json")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("\"metered\":\"2.50005\"").contains("\"holds\":true");
    }

    @Test
    void an_instance_is_shown_as_it_was() {
        assertThat(run("show", "a", "--as-of", "2026-01-01T01:30:00Z")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("instance-opened").doesNotContain("hour-metered");
        assertThat(run("show", "nobody")).isEqualTo(ExitCode.DIFFERENT);
    }

    @Test
    void a_record_is_traced_to_offsets() {
        String sn = MeteringSn.of("a", UsageWindow.of(HOUR)).value();
        assertThat(run("trace", sn, "--offsets", "--format", "csv")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("2026-01-01T01:00:00Z,0,2.50005,3,1,7,9,1,its amount");
    }

    @Test
    void a_replay_leaves_the_export_as_it_was() {
        run("export", "--format", "csv");
        String before = out.toString();
        out.getBuffer().setLength(0);
        assertThat(run("replay")).as(err.toString()).isEqualTo(ExitCode.OK);
        out.getBuffer().setLength(0);
        run("export", "--format", "csv");
        assertThat(out.toString()).isEqualTo(before);
    }

    @Test
    void a_ledger_that_a_dump_brought_is_not_asked_before_it_is_moved() {
        for (String table : List.of("event", "instance_snapshot", "reader")) {
            jdbc.update("update ledger." + table
                    + " set transaction_id = (transaction_id::text::bigint + 1000000000)::text::xid8");
        }
        assertThat(run("statement", "--month", "2026-01")).isNotEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("./metering ledger move --yes");

        assertThat(run("move")).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains("3 events would be renumbered");
        assertThat(run("move", "--yes")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(run("statement", "--month", "2026-01")).isEqualTo(ExitCode.OK);
    }

    @Test
    void a_diff_lists_what_happened_between_two_moments() {
        assertThat(run("diff", "--month", "2026-01", "--from", "2026-01-01T01:30:00Z", "--to", "2026-01-01T03:00:00Z"))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("usage-record-issued");
    }

    @Test
    void verify_says_no_when_an_event_was_changed() {
        int exit = run("verify", "--digest-key", KEY);
        assertThat(exit).as(out + "\n" + err).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains("3 events").contains("3 events not sealed yet");
        assertThat(out.toString()).contains("nobody said where Kafka is");
        jdbc.update(
                "update ledger.event set payload = payload || '{\"partition\": 5}' where event_type = 'hour-metered'");
        assertThat(run("verify", "--digest-key", KEY)).isEqualTo(ExitCode.DIFFERENT);
        jdbc.update(
                "update ledger.event set payload = payload || '{\"partition\": 1}' where event_type = 'hour-metered'");
    }

    @Test
    void verify_without_the_key_says_what_it_did_not_check() {
        assertThat(run("verify", "--only", "equation")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(run("verify", "--only", "equation,events", "--format", "csv"))
                .isEqualTo(ExitCode.NOT_ALL);
        assertThat(out.toString()).contains("events,not checked,all events,the key of the digests is not known");
    }

    @Test
    void a_trace_without_kafka_shows_the_offsets_and_that_the_events_are_not_shown() {
        String sn = MeteringSn.of("a", UsageWindow.of(HOUR)).value();
        assertThat(run("trace", sn, "--format", "csv")).isEqualTo(ExitCode.NOT_ALL);
        assertThat(out.toString()).contains("2026-01-01T01:00:00Z,0,1,7,,,,,,not shown");
        assertThat(err.toString()).contains("name it by --bootstrap-servers");
    }

    private int run(String... arguments) {
        return ledger.run(out, err, arguments);
    }
}
