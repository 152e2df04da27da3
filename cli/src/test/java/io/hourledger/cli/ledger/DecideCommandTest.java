package io.hourledger.cli.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.SettleUsageRecord;
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
import io.hourledger.ledger.projection.LedgerReplay;
import io.hourledger.ledger.seal.LedgerVerifier;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.EventTable;
import io.hourledger.ledger.store.PostgresLedger;
import io.hourledger.pusher.PusherSchema;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Tag("servers")
class DecideCommandTest {

    private static final TestDatabase.Tables TABLES =
            new TestDatabase.Tables(LedgerSchema::migrate, "update ledger.installation set id = gen_random_uuid()");

    private static final String KEY = "a key for tests, not for money";
    /** Of today, since a decision is taken now and the marketplace takes no record that is older than 21 days. */
    private static final UsageHour TWO =
            UsageHour.of(Clock.systemUTC().instant().minus(Duration.ofHours(3)));

    private static final UsageHour ONE = UsageHour.of(TWO.start().minusSeconds(1));
    private static final String UNKNOWN =
            MeteringSn.of("a", UsageWindow.of(ONE)).value();
    private static final String REPORTED =
            MeteringSn.of("a", UsageWindow.of(TWO)).value();

    private final TestDatabase.Address database = TABLES.fresh();
    private final DataSource dataSource = database.dataSource();
    private final JdbcTemplate jdbc = new JdbcTemplate(dataSource);
    private final JdbcTransactionManager transactions = new JdbcTransactionManager(dataSource);
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** An instance with an unknown and a reported record, and an hour from before its opening, which is withheld. */
    @BeforeEach
    void a_ledger_with_something_to_decide() {
        InstanceId id = new InstanceId("a");
        Product product = new Product("P", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
        ledger().handleAll(List.of(
                new OpenInstance(id, "CS-1", "CS-1-1", product, "buyer", false, ONE.start()),
                metered(id, ONE, 0, "2.5"),
                new MarkUsageRecordUnknown(id, new MeteringSn(UNKNOWN), "no answer came", TWO.end()),
                metered(id, TWO, 0, "3.5"),
                new ReportUsageRecord(id, new MeteringSn(REPORTED), TWO.end()),
                metered(id, TWO, 1, "0.5")));
        show();
    }

    private PostgresLedger ledger() {
        return new PostgresLedger(
                new EventTable(jdbc, new EventJson(), new EventDigests(KEY)),
                new InstanceDecider(SellerPolicy.CAUTIOUS),
                transactions);
    }

    /** What a running stack does by itself a moment later. */
    private void show() {
        new LedgerReplay(jdbc, transactions).run(events -> {});
        jdbc.update(
                """
                update ledger.reader
                set (transaction_id, position) =
                    (select transaction_id, position from ledger.event order by transaction_id desc, position desc limit 1)
                where name = 'projections'
                """);
        new LedgerReplay(jdbc, transactions).run(events -> {});
    }

    private static MeterHour metered(InstanceId id, UsageHour hour, int revision, String amount) {
        return new MeterHour(
                id,
                hour,
                revision,
                new CountedBy("egress", 1),
                new BigDecimal(amount),
                new EventSpan(3, hour.start(), hour.start()),
                new LogPosition(1, 7, 9),
                hour.end());
    }

    @Test
    void nothing_happens_without_yes_and_what_would_is_shown() {
        assertThat(decide("billed", UNKNOWN)).as(err.toString()).isEqualTo(ExitCode.NOT_ALL);
        assertThat(out.toString()).contains("usage-record-settled").contains("seen in the console");
        assertThat(err.toString()).contains("give --yes");
        assertThat(events("usage-record-settled")).isEmpty();
    }

    @Test
    void an_unknown_record_is_settled_once_with_who_and_why() {
        assertThat(decide("billed", UNKNOWN, "--yes")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(decide("billed", UNKNOWN, "--yes")).isEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("decided before");
        assertThat(events("usage-record-settled"))
                .singleElement()
                .asString()
                .contains("\"who\": \"li.wei\"")
                .contains("\"why\": \"seen in the console\"")
                .contains("\"billed\": true");
        assertThat(decide("not-billed", UNKNOWN, "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("refused (record-settled-otherwise)");
    }

    /** Such as of a decision that does nothing beside it. */
    @Test
    void each_transaction_of_a_decision_is_ended_if_its_process_stands_still() {
        jdbc.execute(
                """
                create table bounds as select ''::text as bound where false;
                create function keep_bounds() returns trigger language plpgsql as $$
                begin
                    insert into bounds select current_setting(name)
                    from unnest(array['idle_in_transaction_session_timeout', 'tcp_user_timeout', 'transaction_timeout']) name;
                    return null;
                end $$;
                create trigger keep_bounds after insert on ledger.event execute function keep_bounds()""");
        assertThat(decide("billed", UNKNOWN, "--yes")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(jdbc.queryForList("select distinct bound from bounds order by 1", String.class))
                .containsExactly("10000", "30s", "5s"); // the second in milliseconds
    }

    /** A record that the ledger refuses while the pusher may still send it would be billed all the same. */
    @Test
    void a_record_that_was_not_sent_can_be_withdrawn() {
        PusherSchema.migrate(dataSource);
        InstanceId id = new InstanceId("w");
        Product product = new Product("P", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
        ledger().handleAll(List.of(
                new OpenInstance(id, "CS-2", "CS-2-1", product, "buyer", false, TWO.start()),
                metered(id, TWO, 0, "1.5")));
        show();
        String sn = MeteringSn.of("w", UsageWindow.of(TWO)).value();
        assertThat(decide("withdraw", sn, "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("not on the pusher's queue");
        assertThat(events("usage-record-refused")).isEmpty();

        jdbc.update(
                """
                insert into pusher.work (account, metering_sn, instance_id, begin_at, end_at, deadline, expected_by, body)
                values ('default', ?, 'w', now(), now(), now(), now(), '{}')""",
                sn);
        assertThat(decide("withdraw", sn, "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("no pusher of its account that runs has compared");

        aPusherHasComparedWhatWasSent();
        assertThat(decide("withdraw", sn)).isEqualTo(ExitCode.NOT_ALL);
        assertThat(decide("withdraw", sn, "--yes")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(jdbc.queryForObject("select count(*) from pusher.work", Long.class))
                .isZero();
        assertThat(events("usage-record-refused"))
                .singleElement()
                .asString()
                .contains("\"code\": \"withdrawn\"")
                .contains("li.wei: seen in the console");
        assertThat(decide("withdraw", sn, "--yes")).isEqualTo(ExitCode.OK);
    }

    /** Whoever suspends the process by Ctrl-Z, say; every attempt of the pusher needs the lease's row. */
    @Test
    void a_command_that_freezes_while_it_decides_does_not_hold_up_the_pusher() {
        PusherSchema.migrate(dataSource);
        aPusherHasComparedWhatWasSent();
        FreezesWhileItDecides frozen = new FreezesWhileItDecides(jdbc);
        assertThat(run(new CommandLine(frozen), UNKNOWN, "--digest-key", KEY, "--who", "x", "--why", "x", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(frozen.pusherGoesOn).isTrue();
        assertThat(events("usage-record-settled")).isEmpty();
    }

    @Command(name = "freezes")
    private static final class FreezesWhileItDecides extends Decisions.AboutRecord {
        private final JdbcTemplate pusher;
        private boolean pusherGoesOn;

        FreezesWhileItDecides(JdbcTemplate pusher) {
            this.pusher = pusher;
        }

        @Override
        InstanceCommand command(InstanceId instance, MeteringSn sn, DecidedBy by, Instant at) {
            return SettleUsageRecord.asReported(instance, sn, by, at);
        }

        @Override
        DecidingLedger.Beside beside(LedgerDatabase.Open ledger) {
            return () -> {
                ledger.jdbc().queryForList("select from pusher.lease for update");
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> !pusher.queryForList("select from pusher.lease for share skip locked")
                                .isEmpty());
                pusherGoesOn = true;
                return Optional.empty();
            };
        }
    }

    private void aPusherHasComparedWhatWasSent() {
        jdbc.update(
                "insert into pusher.lease (account, owner, epoch, until) values ('default', 'one', 1, now() + interval '1 hour')");
        jdbc.update(
                """
                insert into pusher.journal_position (account, next_place, compared_at, compared_epoch)
                values ('default', 0, now(), 1)""");
    }

    @Test
    void a_dispute_names_who_entered_it_and_then_the_amount_can_be_written_off() {
        assertThat(decide("dispute", REPORTED, "--code", "013", "--yes"))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(events("usage-record-disputed")).singleElement().asString().contains("\"who\": \"li.wei\"");
        assertThat(decide("write-off", REPORTED, "--yes")).as(err.toString()).isEqualTo(ExitCode.OK);
        show();
        out.getBuffer().setLength(0);
        assertThat(run("statement", "--instance", "a", "--format", "csv")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains(REPORTED).contains("written-off").contains("li.wei,seen in the console");
    }

    @Test
    void a_duplicate_that_the_console_lists_is_noted_and_cannot_be_reissued() {
        assertThat(decide("dispute", REPORTED, "--code", "010", "--yes"))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("the first stands and is billed");
        assertThat(events("usage-record-duplicate-listed"))
                .singleElement()
                .asString()
                .contains("\"code\": \"010\"");
        assertThat(decide("reissue", REPORTED, "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("refused (duplicate-listed)");
        show();
        out.getBuffer().setLength(0);
        assertThat(run("statement", "--instance", "a", "--format", "csv")).isEqualTo(ExitCode.OK);
        assertThat(out.toString().lines().filter(line -> line.contains(REPORTED)))
                .singleElement()
                .asString()
                .contains(",reported,")
                .contains("li.wei,seen in the console");
    }

    @Test
    void a_record_not_billed_is_issued_again_and_what_is_withheld_is_billed_or_given_up() {
        assertThat(decide("not-billed", UNKNOWN, "--yes")).isEqualTo(ExitCode.OK);
        assertThat(decide("reissue", UNKNOWN, "--yes")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(events("usage-record-issued")).hasSize(3);
        String hour = TWO.toString();
        assertThat(decide("write-off-withheld", "a", hour, "--revision", "1", "--yes"))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(decide("bill-withheld", "a", hour, "--revision", "1", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(new LedgerVerifier(jdbc, transactions, new EventDigests(KEY))
                        .verify(List.of())
                        .findings())
                .isEmpty();
    }

    @Test
    void a_decision_needs_who_and_why_and_the_ledgers_own_key() {
        assertThat(run("decide", "billed", UNKNOWN, "--digest-key", KEY, "--why", "x", "--yes"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(run("decide", "billed", UNKNOWN, "--digest-key", KEY, "--who", " ", "--why", "x", "--yes"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(run(
                        "decide",
                        "billed",
                        UNKNOWN,
                        "--digest-key",
                        "another key of the same length",
                        "--who",
                        "x",
                        "--why",
                        "x",
                        "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(events("usage-record-settled")).isEmpty();
        assertThat(decide("billed", "no-such-record", "--yes")).isEqualTo(ExitCode.DIFFERENT);
    }

    @Test
    void another_key_is_refused_also_where_an_instance_was_silent_since_before_the_ledger_had_one() {
        InstanceId silent = new InstanceId("silent");
        Product product = new Product("P", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
        new PostgresLedger(
                        new EventTable(jdbc, new EventJson(), null),
                        new InstanceDecider(SellerPolicy.CAUTIOUS),
                        transactions)
                .handleAll(List.of(
                        new OpenInstance(silent, "CS-2", "CS-2-1", product, "buyer", false, ONE.start()),
                        metered(silent, ONE, 0, "2.50005")));
        show();

        assertThat(run(
                        "decide",
                        "write-off-remainder",
                        "silent",
                        "--digest-key",
                        "another key of the same length",
                        "--who",
                        "x",
                        "--why",
                        "x"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("does not fit this key");
    }

    private List<String> events(String type) {
        return jdbc.queryForList(
                "select payload::text from ledger.event where event_type = ? order by position", String.class, type);
    }

    private int decide(String... arguments) {
        List<String> all = new ArrayList<>(List.of("decide"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--digest-key", KEY, "--who", "li.wei", "--why", "seen in the console"));
        return run(all.toArray(String[]::new));
    }

    private int run(String... arguments) {
        return run(new CommandLine(new LedgerCommand()), arguments);
    }

    private int run(CommandLine line, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--database-url", database.jdbcUrl(), "--database-user", database.user()));
        all.addAll(List.of("--database-password", database.password()));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println(failure.getMessage());
            return ExitCode.DIFFERENT;
        });
        return line.execute(all.toArray(String[]::new));
    }
}
