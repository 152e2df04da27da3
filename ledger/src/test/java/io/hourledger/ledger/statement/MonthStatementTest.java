package io.hourledger.ledger.statement;

import static io.hourledger.ledger.instance.Given.dispute;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.ledger.store.TestLedger;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** One instance meters every hour of January to March 2026. */
@Tag("servers")
class MonthStatementTest {

    private static final YearMonth MARCH = YearMonth.of(2026, 3);
    private static final int HOURS_BEFORE = 59 * 24;
    private static final int HOURS_OF_MARCH = 31 * 24;

    private final TestLedger test = new TestLedger();

    @AfterEach
    void close() {
        test.close();
    }

    @BeforeEach
    void three_months() {
        test.ledger.handleAll(Stream.<InstanceCommand>concat(
                        Stream.of(open("a")),
                        IntStream.range(0, HOURS_BEFORE + HOURS_OF_MARCH).mapToObj(hour -> meter("a", hour, "1")))
                .toList());
        for (int hour : new int[] {HOURS_BEFORE - 2, HOURS_BEFORE + 1}) {
            test.ledger.handleAll(List.of(report("a", sn("a", hour)), dispute("a", sn("a", hour))));
        }
        test.projections.start();
        await().atMost(Duration.ofMinutes(1)).until(test.projections::caughtUp);
        test.jdbc.execute("vacuum analyze ledger.event, ledger.metered_hour, ledger.usage_record");
    }

    @Test
    void a_statement_of_a_month_reads_nothing_of_the_months_before_it() {
        Statement statement = new Statement(test.jdbc, test.transactions);
        Statement.Scope scope = new Statement.Scope(null, null, MARCH);
        new TransactionTemplate(test.transactions).executeWithoutResult(status -> {
            long events = rowsRead("event");
            long hours = rowsRead("metered_hour");
            long records = rowsRead("usage_record");
            List<Statement.Line> lines = new ArrayList<>();
            statement.lines(scope, lines::add);
            assertThat(lines)
                    .hasSize(HOURS_OF_MARCH)
                    .filteredOn(line -> line.decidedBy() != null)
                    .hasSize(1);
            List<HoursSum> sums = new ArrayList<>();
            statement.sums(scope, Statement.Grouping.INSTANCE, sums::add);
            assertThat(sums).singleElement().satisfies(sum -> assertThat(sum.metered())
                    .isEqualByComparingTo(Integer.toString(HOURS_OF_MARCH)));
            assertThat(rowsRead("event") - events).isLessThan(10);
            assertThat(rowsRead("metered_hour") - hours).isEqualTo(2 * HOURS_OF_MARCH);
            assertThat(rowsRead("usage_record") - records).isEqualTo(2 * HOURS_OF_MARCH);
        });
    }

    @Test
    void the_amounts_of_a_month_are_compared_with_the_events_of_its_hours_alone() {
        new TransactionTemplate(test.transactions).executeWithoutResult(status -> {
            long events = rowsRead("event");
            long hours = rowsRead("metered_hour");
            long records = rowsRead("usage_record");
            assertThat(differences()).isEmpty();
            assertThat(rowsRead("event") - events).isEqualTo(2 * HOURS_OF_MARCH);
            assertThat(rowsRead("metered_hour") - hours).isEqualTo(HOURS_OF_MARCH);
            assertThat(rowsRead("usage_record") - records).isEqualTo(HOURS_OF_MARCH);
        });
    }

    @Test
    void a_record_lost_from_a_month_is_named() {
        test.jdbc.update(
                "delete from ledger.usage_record where hour = '2026-03-05T07:00:00Z' or hour = '2026-02-05T07:00:00Z'");
        assertThat(differences()).singleElement().satisfies(difference -> {
            assertThat(difference.about()).isEqualTo("instance a, hour 2026-03-05T07:00:00Z");
            assertThat(difference.detail()).isEqualTo("issued is 1 by the events and 0 in the tables");
        });
    }

    @Test
    void two_changed_amounts_do_not_make_up_for_each_other() {
        test.jdbc.update("update ledger.metered_hour set amount = 2 where hour = '2026-03-05T07:00:00Z'");
        test.jdbc.update("update ledger.metered_hour set amount = 0 where hour = '2026-03-05T08:00:00Z'");
        test.jdbc.update("update ledger.metered_hour set withheld = 3 where hour = '2026-03-05T09:00:00Z'");
        assertThat(differences())
                .extracting(MonthComparison.Difference::what)
                .containsExactly("metered", "metered", "withheld");
    }

    private List<MonthComparison.Difference> differences() {
        List<MonthComparison.Difference> differences = new ArrayList<>();
        long compared = new MonthComparison(test.jdbc, test.transactions)
                .differences(new Statement.Scope(null, null, MARCH), differences::add);
        assertThat(compared).isEqualTo(HOURS_OF_MARCH);
        return differences;
    }

    /** By this transaction. */
    private long rowsRead(String table) {
        Long rows = test.jdbc.queryForObject(
                """
                select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
                from pg_stat_xact_user_tables where relid = ('ledger.' || ?)::regclass""",
                Long.class,
                table);
        return rows == null ? 0 : rows;
    }
}
