package io.hourledger.cli.marketplace;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.CommandOnDatabase;
import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffUsageRecord;
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
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.instance.SellerPolicy;
import io.hourledger.ledger.projection.LedgerReplay;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.EventTable;
import io.hourledger.ledger.store.PostgresLedger;
import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** Files of the seller console beside a ledger with reported and unknown records. */
@Tag("servers")
class MarketplaceCommandTest {

    private static final String KEY = "a key for tests, not for money";
    private static final InstanceId A = new InstanceId("hwc-a");
    private static final InstanceId B = new InstanceId("hwc-b");
    private static final UsageHour TEN = UsageHour.of(Instant.parse("2026-11-24T10:00:00Z"));
    private static final UsageHour ELEVEN = UsageHour.of(TEN.end());
    private static final UsageHour TWELVE = UsageHour.of(ELEVEN.end());

    private final CommandOnDatabase cli = new CommandOnDatabase();
    private final TestDatabase.Address database = cli.database;
    private final JdbcTemplate jdbc = cli.jdbc;
    private final JdbcTransactionManager transactions =
            new JdbcTransactionManager(Objects.requireNonNull(jdbc.getDataSource()));
    private final StringWriter out = cli.out;
    private final StringWriter err = cli.err;

    @TempDir
    private Path folder = Path.of("");

    /** At ten and eleven reported, at twelve unknown; the other instance reported at ten. */
    @BeforeEach
    void a_ledger_with_records() {
        Product product = new Product("P", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
        ledger().handleAll(List.of(
                new OpenInstance(A, "CS-1", "CS-1-1", product, "buyer", false, TEN.start()),
                new OpenInstance(B, "CS-2", "CS-2-1", product, "buyer", false, TEN.start()),
                metered(A, TEN, "1.5"),
                metered(A, ELEVEN, "2.25"),
                metered(A, TWELVE, "4"),
                metered(B, TEN, "8"),
                new ReportUsageRecord(A, sn(A, TEN), TWELVE.start()),
                new ReportUsageRecord(A, sn(A, ELEVEN), TWELVE.start()),
                new MarkUsageRecordUnknown(A, sn(A, TWELVE), "no answer came", TWELVE.end()),
                new ReportUsageRecord(B, sn(B, TEN), TWELVE.start())));
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

    private static MeterHour metered(InstanceId id, UsageHour hour, String amount) {
        return new MeterHour(
                id,
                hour,
                0,
                new CountedBy("egress", 1),
                new BigDecimal(amount),
                new EventSpan(3, hour.start(), hour.start()),
                new LogPosition(1, 7, 9),
                hour.end());
    }

    private static MeteringSn sn(InstanceId id, UsageHour hour) {
        return MeteringSn.of(id.value(), UsageWindow.of(hour));
    }

    private int importFile(String text, String... more) throws IOException {
        Path file = folder.resolve("console.csv");
        Files.writeString(file, text);
        List<String> arguments = new ArrayList<>(List.of(
                "marketplace",
                "import",
                file.toString(),
                "--format",
                "csv",
                "--digest-key",
                KEY,
                "--who",
                "li.wei",
                "--why",
                "console, 30 November"));
        arguments.addAll(List.of(more));
        return run(arguments);
    }

    private int run(List<String> words) {
        return cli.run(words);
    }

    private List<String> eventsOf(String type) {
        return jdbc.queryForList(
                "select payload::text from ledger.event where event_type = ? order by position", String.class, type);
    }

    @Test
    void rejected_records_are_disputed_once_and_only_with_yes() throws IOException {
        String file = "metering_sn,error_code,error_msg\n" + sn(A, TEN) + ",013,resource frozen\n" + sn(A, TWELVE)
                + ",013,\n";
        assertThat(importFile(file, "--kind", "rejected")).as(err.toString()).isEqualTo(ExitCode.NOT_ALL);
        assertThat(out.toString()).contains("2,rejected," + sn(A, TEN)).contains("3,not-billed," + sn(A, TWELVE));
        assertThat(err.toString()).contains("2 would be decided").contains("--yes");
        assertThat(eventsOf("usage-record-disputed")).isEmpty();

        assertThat(importFile(file, "--kind", "rejected", "--yes"))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(eventsOf("usage-record-disputed"))
                .singleElement()
                .asString()
                .contains(sn(A, TEN).value())
                .contains("\"code\": \"013\"")
                .contains("li.wei");
        assertThat(eventsOf("usage-record-settled")).singleElement().asString().contains("\"billed\": false");

        show();
        assertThat(importFile(file, "--kind", "rejected", "--yes"))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("2 same");
        assertThat(eventsOf("usage-record-disputed")).hasSize(1);
        assertThat(run(List.of("marketplace", "files", "--format", "csv"))).isEqualTo(ExitCode.OK);
        assertThat(out.toString().lines().skip(1)).hasSize(2);
        assertThat(out.toString())
                .contains("rejected,,2,0,2,0,0")
                .contains("rejected,,2,2,0,0,0")
                .contains("li.wei");
    }

    /** The commonest doubling: what is listed because it came twice is billed once more. */
    @Test
    void a_listed_duplicate_moves_no_amount_and_can_never_be_reissued() throws IOException {
        sentTwice(sn(A, TEN));
        assertThat(importFile("metering_sn,error_code\n" + sn(A, TEN) + ",5.0\n", "--kind", "rejected", "--yes"))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(eventsOf("usage-record-disputed")).isEmpty();
        assertThat(eventsOf("usage-record-duplicate-listed")).hasSize(1);
        show();
        assertThat(jdbc.queryForObject(
                        "select state from ledger.usage_record where metering_sn = ?",
                        String.class,
                        sn(A, TEN).value()))
                .isEqualTo("reported");
    }

    private void sentTwice(MeteringSn... records) {
        for (MeteringSn record : records) {
            jdbc.update(
                    """
                    insert into pusher.attempt (account, epoch, business_at, metering_sns, body_digest, answer)
                    select 'seller', 1, now(), array[?], '', answer from unnest(array['silence', 'http']) as a (answer)""",
                    record.value());
        }
    }

    /** Another system had sent that window before, with its own amount: the copy that stands is not ours. */
    @Test
    void a_duplicate_of_a_record_that_we_sent_once_is_left_to_a_person() throws IOException {
        assertThat(importFile("metering_sn,error_code\n" + sn(A, TEN) + ",010\n", "--kind", "rejected", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("duplicate-of-another," + sn(A, TEN));
        assertThat(eventsOf("usage-record-duplicate-listed")).isEmpty();
    }

    /** Its first copy is billed, and the ledger has given the amount up, or billed it again. */
    @Test
    void a_duplicate_of_a_record_that_was_given_up_is_left_to_a_person() throws IOException {
        sentTwice(sn(A, TWELVE));
        ledger().handleAll(List.of(
                new WriteOffUsageRecord(A, sn(A, TWELVE), new DecidedBy("li.wei", "not in the list"), TWELVE.end())));
        show();
        assertThat(importFile("metering_sn,error_code\n" + sn(A, TWELVE) + ",005\n", "--kind", "rejected", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("billed-though-not-reported," + sn(A, TWELVE));
    }

    /** Only its last call is known, so nobody can say that there was no other copy. */
    @Test
    void a_record_that_a_lost_database_sent_is_left_to_a_person() throws IOException {
        jdbc.update(
                """
                insert into pusher.sent_by_lost_database
                    (metering_sn, account, instance_id, begin_at, end_at, amount, body, sent_place, place_in_call,
                     sent_at, outcome)
                values (?, 'seller', 'hwc-a', now(), now(), 1.5, '', 1, 0, now(), 'reported')""",
                sn(A, TEN).value());
        assertThat(importFile("metering_sn,error_code\n" + sn(A, TEN) + ",013\n", "--kind", "rejected", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("several-copies," + sn(A, TEN));
        assertThat(eventsOf("usage-record-disputed")).isEmpty();
    }

    /** The one copy that was rejected says nothing of the copy that was taken before. */
    @Test
    void a_record_that_went_twice_is_left_to_a_person_unless_every_copy_must_be_wrong() throws IOException {
        sentTwice(sn(A, TEN), sn(A, ELEVEN));
        String file = "metering_sn,error_code\n" + sn(A, TEN) + ",013\n" + sn(A, ELEVEN) + ",003\n";
        assertThat(importFile(file, "--kind", "rejected", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("several-copies," + sn(A, TEN)).contains("rejected," + sn(A, ELEVEN));
        assertThat(eventsOf("usage-record-disputed"))
                .singleElement()
                .asString()
                .contains(sn(A, ELEVEN).value());
    }

    @Test
    void a_code_that_is_documented_nowhere_decides_nothing() throws IOException {
        String file = "metering_sn,error_code\n" + sn(A, TEN) + ",008\n" + sn(A, ELEVEN) + ",E005\n" + sn(B, TEN)
                + ",010 duplicate\n";
        assertThat(importFile(file, "--kind", "rejected", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("3 unknown-code");
        assertThat(eventsOf("usage-record-disputed")).isEmpty();
    }

    /** An amount that nobody compared, and a window that another record of the instance may have. */
    @Test
    void a_row_without_serial_number_and_amount_decides_nothing() throws IOException {
        String file = "instance_id,begin_time,end_time,error_code\nhwc-a,20261124T100000Z,20261124T110000Z,013\n";
        assertThat(importFile(file, "--kind", "rejected", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("1 no-amount");
        assertThat(eventsOf("usage-record-disputed")).isEmpty();
    }

    /** It stands on its own month's bill, too. */
    @Test
    void a_record_on_another_months_bill_is_shown_and_settles_nothing() throws IOException {
        String file = "metering_sn,usage_value\n" + sn(A, TEN) + ",1.5\n" + sn(A, TWELVE) + ",4\n";
        assertThat(importFile(file, "--kind", "bill", "--month", "2026-12", "--zone", "UTC", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("2 other-month");
        assertThat(eventsOf("usage-record-settled")).isEmpty();
    }

    @Test
    void what_differs_is_open_until_a_person_accepts_it() throws IOException {
        assertThat(importFile("metering_sn,error_code\n" + sn(A, TEN) + ",008\n", "--kind", "rejected", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        String digest = jdbc.queryForObject("select encode(digest, 'hex') from pusher.marketplace_file", String.class);
        List<String> accept =
                List.of("marketplace", "accept", String.valueOf(digest), "--who", "li.wei", "--why", "seen");
        assertThat(run(accept)).isEqualTo(ExitCode.NOT_ALL);
        List<String> meant = new ArrayList<>(accept);
        meant.add("--yes");
        assertThat(run(meant)).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(run(meant)).isEqualTo(ExitCode.DIFFERENT);
    }

    /** Whichever row came first would decide whether the amount can be billed again. */
    @Test
    void a_record_that_is_listed_as_a_duplicate_and_as_rejected_is_left_to_a_person() throws IOException {
        String file = "metering_sn,error_code\n" + sn(A, TEN) + ",013\n" + sn(A, TEN) + ",010\n";
        assertThat(importFile(file, "--kind", "rejected", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("2 listed-twice");
        assertThat(eventsOf("usage-record-disputed")).isEmpty();
        assertThat(eventsOf("usage-record-duplicate-listed")).isEmpty();
    }

    @Test
    void nothing_is_decided_about_a_row_that_says_something_else_than_the_ledger() throws IOException {
        String file = "metering_sn,instance_id,begin_time,end_time,usage_value,error_code\n"
                + sn(A, TEN) + ",hwc-a,2026-11-24 18:00:00,2026-11-24 19:00:00,1.6,013\n"
                + sn(A, ELEVEN) + ",hwc-b,2026-11-24 19:00:00,2026-11-24 20:00:00,2.25,013\n"
                + ",hwc-b,2026-11-24 18:00:00,2026-11-24 19:00:00,8,\n"
                + ",hwc-c,2026-11-24 18:00:00,2026-11-24 19:00:00,8,013\n"
                + sn(A, TWELVE) + ",hwc-a,yesterday,today,4,013\n";
        assertThat(importFile(file, "--kind", "rejected", "--zone", "Asia/Shanghai", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString())
                .contains("2,amount-differs")
                .contains("3,contradicts-itself")
                .contains("4,no-code")
                .contains("5,not-in-ledger")
                .contains("6,unreadable");
        assertThat(eventsOf("usage-record-disputed")).isEmpty();
        assertThat(eventsOf("usage-record-settled")).isEmpty();
    }

    @Test
    void a_bill_settles_what_nobody_knew_and_names_what_either_side_lacks() throws IOException {
        String file =
                """
                instance_id,begin_time,end_time,usage_value
                hwc-a,2026-11-24 18:00:00,2026-11-24 19:00:00,1.5
                hwc-a,2026-11-24 20:00:00,2026-11-24 21:00:00,4
                hwc-b,2026-11-24 18:00:00,2026-11-24 19:00:00,8.5
                hwc-a,2026-11-24 18:00:00,2026-11-24 19:00:00,1.5
                """;
        assertThat(importFile(file, "--kind", "bill")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--month");

        assertThat(importFile(file, "--kind", "bill", "--month", "2026-11", "--zone", "Asia/Shanghai", "--yes"))
                .as(err.toString())
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString())
                .contains("3,billed," + sn(A, TWELVE))
                .contains("4,amount-differs," + sn(B, TEN))
                .contains("5,listed-twice," + sn(A, TEN))
                .contains(",not-on-bill," + sn(A, ELEVEN));
        assertThat(eventsOf("usage-record-settled")).singleElement().asString().contains("\"billed\": true");
        assertThat(run(List.of("marketplace", "files", "--format", "csv"))).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .as("0.5 more for one, 1.5 twice, 2.25 not at all")
                .contains("bill,2026-11,4,1,1,3,-0.25");
    }

    /** A bill of one console lacks all that another seller has reported, and must settle none of it. */
    @Test
    void while_there_are_several_accounts_a_bill_is_held_against_the_records_of_the_one_that_is_named()
            throws IOException {
        jdbc.update("insert into ledger.seller_account (account) values ('default'), ('intl')");
        jdbc.update("insert into pusher.requested_instance"
                + " (account, order_id, order_line_id, product_hint, instance_id, test, first_called_at, state)"
                + " values ('default', 'CS-1', 'CS-1-1', '', 'hwc-a', false, now(), 'open'),"
                + " ('intl', 'CS-2', 'CS-2-1', '', 'hwc-b', false, now(), 'open')");
        String file =
                """
                instance_id,begin_time,end_time,usage_value
                hwc-b,2026-11-24 18:00:00,2026-11-24 19:00:00,8
                hwc-a,2026-11-24 20:00:00,2026-11-24 21:00:00,4
                """;
        List<String> bill = List.of("--kind", "bill", "--month", "2026-11", "--zone", "Asia/Shanghai");
        assertThat(importFile(file, bill.toArray(String[]::new))).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--account", "default, intl");

        List<String> ofIntl = new ArrayList<>(bill);
        ofIntl.addAll(List.of("--account", "intl", "--yes"));
        assertThat(importFile(file, ofIntl.toArray(String[]::new))).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("3,not-in-ledger").doesNotContain("not-on-bill");
        assertThat(eventsOf("usage-record-settled")).isEmpty();
    }

    /** An amount that was given up or issued anew, and the buyer is charged for it: nobody else would notice. */
    @Test
    void what_was_written_off_and_is_on_the_bill_is_shown() throws IOException {
        String rejected = "metering_sn,error_code\n" + sn(A, TEN) + ",013\n";
        assertThat(importFile(rejected, "--kind", "rejected", "--yes")).isEqualTo(ExitCode.OK);
        show();
        String bill =
                "metering_sn,usage_value\n" + sn(A, TEN) + ",1.5\n" + sn(A, ELEVEN) + ",2.25\n" + sn(B, TEN) + ",8\n";
        assertThat(importFile(bill, "--kind", "bill", "--month", "2026-11", "--zone", "UTC"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString().lines().skip(1))
                .singleElement()
                .asString()
                .contains("billed-though-not-reported")
                .contains("disputed");
    }

    @Test
    void nothing_is_decided_about_an_instance_of_which_events_wait() throws IOException {
        jdbc.update(
                """
                insert into ledger.dead_letter (reader, instance_id, sequence_number, event_type, cause)
                values ('projections', 'hwc-a', 1, 'hour-metered', 'a cause')""");
        String file = "metering_sn,instance_id,begin_time,end_time,usage_value,error_code\n"
                + sn(A, TEN) + ",,,,,013\n"
                + ",hwc-a,2026-11-20 18:00:00,2026-11-20 19:00:00,8,013\n"
                + ",hwc-c,2026-11-24 18:00:00,2026-11-24 19:00:00,8,013\n";
        assertThat(importFile(file, "--kind", "rejected", "--zone", "Asia/Shanghai", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString())
                .contains("2,incomplete")
                .contains("3,incomplete")
                .contains("4,not-in-ledger");
        assertThat(eventsOf("usage-record-disputed")).isEmpty();
    }

    @Test
    void a_bill_by_instance_is_held_against_the_sum_of_its_month() throws IOException {
        String file = "Resource,Usage\nhwc-a,3.75\nhwc-b,7\nhwc-c,1\n";
        assertThat(importFile(
                        file,
                        "--kind",
                        "bill",
                        "--month",
                        "2026-11",
                        "--zone",
                        "UTC",
                        "--column",
                        "instance-id=Resource",
                        "--column",
                        "amount=Usage"))
                .as(err.toString())
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString())
                .contains("1 same")
                .contains("1 amount-differs")
                .contains("1 not-in-ledger");
        assertThat(out.toString()).contains("amount-differs,,hwc-b,,,7,8").contains("not-in-ledger,,hwc-c");
    }

    @Test
    void going_live_is_shown_first_and_said_once() {
        jdbc.update("insert into ledger.seller_account (account, reports_from) values ('default', 'infinity')");
        jdbc.update(
                """
                insert into pusher.shadow_record (account, metering_sn, instance_id, hour, begin_at, end_at, deadline, expected_by, body)
                select 'default', 'sn-' || hour, 'hwc-a', hour, hour, hour + interval '1 hour', hour + interval '75 minutes', hour + interval '75 minutes', '{}'
                from unnest(array['2026-11-24T10:00Z', '2026-11-24T11:00Z', '2026-11-24T12:00Z']::timestamptz[]) as hour
                """);
        List<String> goLive = List.of(
                "marketplace", "go-live", "--from", "2026-11-24T11:00:00Z", "--who", "li.wei", "--why", "agreed");

        assertThat(run(List.of("marketplace", "shadow", "--format", "csv"))).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("2026-11-24T12:00:00Z,1,1");
        assertThat(err.toString()).contains("in shadow");
        assertThat(run(goLive)).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString())
                .contains("written off: 1")
                .contains("to be sent: 2")
                .contains("2 come too late");

        List<String> meant = new ArrayList<>(goLive);
        meant.add("--yes");
        assertThat(run(meant)).isEqualTo(ExitCode.OK);
        assertThat(run(meant)).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("as li.wei said: agreed");
    }

    /** A wrong year would write off all that is metered until then. */
    @Test
    void nobody_goes_live_in_the_far_future() {
        jdbc.update("insert into ledger.seller_account (account, reports_from) values ('default', 'infinity')");
        assertThat(run(List.of(
                        "marketplace",
                        "go-live",
                        "--from",
                        "2062-11-24T11:00:00Z",
                        "--who",
                        "li.wei",
                        "--why",
                        "agreed",
                        "--yes")))
                .isEqualTo(2);
        assertThat(err.toString()).contains("more than 31 days ahead");
    }

    @Test
    void going_live_begins_with_an_hour() {
        assertThat(run(List.of(
                        "marketplace",
                        "go-live",
                        "--from",
                        "2026-11-24T11:30:00Z",
                        "--who",
                        "li.wei",
                        "--why",
                        "agreed")))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--from is not the start of an hour");
    }
}
