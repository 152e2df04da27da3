package io.hourledger.cli.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.instance.SellerPolicy;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.EventTable;
import io.hourledger.ledger.store.PostgresLedger;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import picocli.CommandLine;

@Tag("servers")
class LedgerCommandTest {

    @Test
    void nobody_is_told_that_the_books_of_an_instance_hold_which_is_not_there() {
        assertThat(run("statement", "--instance", "a-typo")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("no such instance or buyer");
        assertThat(run("statement", "--buyer", "a-typo", "--totals")).isEqualTo(ExitCode.DIFFERENT);
    }

    private static final String KEY = "a key for tests, not for money";
    private static final UsageHour HOUR = new UsageHour(Instant.parse("2026-01-01T01:00:00Z"));
    private static TestDatabase.Address database;
    private static JdbcTemplate jdbc;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void a_ledger_of_one_hour() {
        database = TestDatabase.freshAddress();
        LedgerSchema.migrate(database.dataSource());
        DataSource dataSource = database.dataSource();
        jdbc = new JdbcTemplate(dataSource);
        JdbcTransactionManager transactions = new JdbcTransactionManager(dataSource);
        EventJson json = new EventJson();
        PostgresLedger ledger = new PostgresLedger(
                new EventTable(jdbc, json, new EventDigests(KEY)),
                new InstanceDecider(SellerPolicy.CAUTIOUS),
                transactions);
        InstanceId id = new InstanceId("a");
        Product product = new Product("P", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
        ledger.handleAll(List.of(
                new OpenInstance(id, "CS-1", "CS-1-1", product, "buyer, the first", false, HOUR.start()),
                new MeterHour(
                        id,
                        HOUR,
                        0,
                        new CountedBy("egress", 1),
                        new BigDecimal("2.50005"),
                        new EventSpan(3, HOUR.start(), HOUR.start()),
                        new LogPosition(1, 7, 9),
                        HOUR.end())));
        try (PostgresLedgerFeed feed = new PostgresLedgerFeed(jdbc, transactions, json);
                LedgerProjections projections = new LedgerProjections(jdbc, feed)) {
            projections.start();
            await().until(projections::caughtUp);
        }
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
    void a_statement_and_an_export_write_an_amount_alike() {
        run("export", "--format", "csv");
        assertThat(out.toString()).contains(",2.5,0.00005,");
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
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--database-url");
        all.add(database.jdbcUrl());
        all.add("--database-user");
        all.add(database.user());
        all.add("--database-password");
        all.add(database.password());
        CommandLine line = new CommandLine(new LedgerCommand());
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(all.toArray(String[]::new));
    }
}
