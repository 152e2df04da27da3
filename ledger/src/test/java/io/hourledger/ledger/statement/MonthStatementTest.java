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
            List<Statement.Equation> equations = new ArrayList<>();
            statement.equationsOfStates(scope, equations::add);
            assertThat(equations).singleElement().satisfies(equation -> {
                assertThat(equation.holds()).isTrue();
                assertThat(equation.metered()).isEqualByComparingTo(Integer.toString(HOURS_BEFORE + HOURS_OF_MARCH));
            });

            assertThat(rowsRead("event") - events).isLessThan(10);
            assertThat(rowsRead("metered_hour") - hours).isEqualTo(2 * HOURS_OF_MARCH);
            assertThat(rowsRead("usage_record") - records).isEqualTo(2 * HOURS_OF_MARCH);
        });
    }

    /** By this session, as far as it has not told yet. */
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
