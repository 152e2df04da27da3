package io.hourledger.cli.ledger;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.statement.HoursSum;
import io.hourledger.ledger.statement.MonthComparison;
import io.hourledger.ledger.statement.StatedRecord;
import io.hourledger.ledger.statement.Statement;
import io.hourledger.ledger.statement.Statement.Equation;
import io.hourledger.standalone.ExitCode;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering ledger statement}. */
@Command(
        name = "statement",
        header = "Hour by hour: what was metered, and what became of it.",
        description = {
            "",
            "First the sums by buyer and meter (`row` is `sum`). Then one row for each usage record, or for an hour"
                    + " that has none (`row` is `hour`): what the hour came to, what of it is withheld and why, the"
                    + " record, its state, what the marketplace said, and who decided about it and why. Hours with several"
                    + " records stand in several rows with the same `metered`. All times are UTC. The equation over the"
                    + " whole life follows on the error output. Of a month of all instances there is none: its amounts"
                    + " are compared with the events of its hours. With --totals the rows are one for each instance: its"
                    + " month, or without --month the equation of its life:",
            "metered + credits = reported + in flight + unknown + withheld + refused + disputed + written off +"
                    + " carried",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was answered, and the equation holds, or the amounts of the month are those of its events",
            "1:an equation does not hold, an amount is not that of its events, or there is no such instance or buyer",
            "2:the command line is wrong",
            "3:it could not run",
            "4:nothing is off, but an instance is incomplete: events of it wait (./metering ledger dead-letters list)"
        },
        footer = {
            "",
            "Example: ./metering ledger statement --data-dir data --buyer 4711 --month 2026-11",
            "         ./metering ledger statement --data-dir data --month 2026-11 --format csv > november.csv"
        })
final class StatementCommand extends LedgerQuestion {

    private static final int COLUMNS = 22;
    private static final int COLUMNS_OF_RECORD = 9;

    /** In which a record can be. */
    private static final List<Account> OF_RECORDS = List.of(
            Account.REPORTED,
            Account.IN_FLIGHT,
            Account.UNKNOWN,
            Account.REFUSED,
            Account.DISPUTED,
            Account.WRITTEN_OFF);

    @Option(names = "--instance", paramLabel = "ID", description = "only this instance")
    private @Nullable String instance;

    @Option(names = "--buyer", paramLabel = "ID", description = "only this buyer")
    private @Nullable String buyer;

    @Option(names = "--month", paramLabel = "YYYY-MM", description = "only hours of this month (UTC)")
    private @Nullable YearMonth month;

    @Mixin
    private SellerAccountOption account = new SellerAccountOption();

    @Option(
            names = "--totals",
            description = "one row for each instance instead of the hours; the exit codes are the same")
    private boolean totals;

    private IncompleteAnswer incomplete = IncompleteAnswer.NONE;

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        Statement statement = new Statement(ledger.jdbc(), ledger.transactions());
        MonthComparison comparison = new MonthComparison(ledger.jdbc(), ledger.transactions());
        Statement.Scope scope = new Statement.Scope(instance, buyer, month, account.named(ledger));
        if (totals) {
            return statement.together(() -> {
                tellIncomplete(ledger);
                return month == null ? equations(statement, scope) : totalsOfMonth(statement, comparison, scope);
            });
        }
        Output.Rows rows = output.rows(
                out(),
                "row",
                "buyer",
                "meter",
                "instance_id",
                "hour",
                "revision",
                "metered",
                "withheld",
                "withheld_non_billable",
                "withheld_reason",
                "withheld_written_off",
                "metering_sn",
                "begin_time",
                "end_time",
                "usage_value",
                "carried",
                "state",
                "reported_at",
                "code",
                "detail",
                "who",
                "why");
        return statement.together(() -> {
            tellIncomplete(ledger);
            boolean any = sumsBefore(rows, statement, scope);
            statement.lines(scope, line -> rows.add(values(line)));
            rows.end();
            if (!any) {
                sayThereAreNoHours();
            }
            return checked(statement, comparison, scope);
        });
    }

    private void tellIncomplete(LedgerDatabase.Open ledger) {
        incomplete = IncompleteAnswer.of(ledger, instance, buyer);
        incomplete.tell(err());
    }

    /** Sums over all, then by buyer and meter. Whether there are any. */
    private static boolean sumsBefore(Output.Rows rows, Statement statement, Statement.Scope scope) {
        List<HoursSum> sums = new ArrayList<>();
        SortedMap<String, HoursSum> byMeter = new TreeMap<>();
        statement.sums(scope, Statement.Grouping.BUYER_AND_METER, sum -> {
            sums.add(sum);
            byMeter.merge(sum.instance().meter(), sum, HoursSum::plus);
        });
        if (sums.size() > byMeter.size()) {
            byMeter.values().forEach(sum -> add(rows, "sum of all", sum));
        }
        sums.forEach(sum -> add(rows, "sum", sum));
        return !sums.isEmpty();
    }

    /** A row for what is reported, and one for each other state that has something. */
    private static void add(Output.Rows rows, String row, HoursSum sum) {
        rows.add(sumValues(row, sum, Account.REPORTED, sum.metered().add(sum.credits())));
        for (Account account : OF_RECORDS) {
            if (account != Account.REPORTED && sum.in(account).signum() != 0) {
                rows.add(sumValues(row, sum, account, null));
            }
        }
    }

    private static @Nullable Object[] sumValues(
            String row, HoursSum sum, Account account, @Nullable BigDecimal metered) {
        @Nullable Object[] values = new @Nullable Object[COLUMNS];
        values[0] = row;
        values[1] = sum.instance().buyerId();
        values[2] = sum.instance().meter();
        if (metered != null) {
            values[6] = metered;
            values[7] = sum.in(Account.WITHHELD);
            values[15] = sum.carriedOn();
        }
        BigDecimal inNoRecord = account == Account.WRITTEN_OFF ? sum.withheldWrittenOff() : BigDecimal.ZERO;
        values[14] = sum.in(account).subtract(inNoRecord);
        if (inNoRecord.signum() != 0) {
            values[10] = inNoRecord;
        }
        values[16] = account.label();
        return values;
    }

    private static @Nullable Object[] values(Statement.Line line) {
        List<@Nullable Object> values = new ArrayList<>(Arrays.asList(
                "hour",
                line.instance().buyerId(),
                line.instance().meter(),
                line.instance().instanceId(),
                line.hour(),
                line.revision(),
                line.metered(),
                line.withheld().amount(),
                line.withheld().nonBillable(),
                line.withheld().reason(),
                line.withheld().writtenOff()));
        values.addAll(Arrays.asList(values(line.record())));
        DecidedBy by = line.decidedBy();
        values.add(by == null ? null : by.who());
        values.add(by == null ? null : by.why());
        return values.toArray();
    }

    private static @Nullable Object[] values(@Nullable StatedRecord record) {
        if (record == null) {
            return new @Nullable Object[COLUMNS_OF_RECORD];
        }
        return new @Nullable Object[] {
            record.meteringSn(),
            record.window().begin(),
            record.window().end(),
            record.amount(),
            record.carried(),
            record.state(),
            record.reportedAt(),
            record.code(),
            record.detail()
        };
    }

    /** What a statement says is not left to its rows: a month's amounts are those of its events, and what was metered is somewhere. */
    private int checked(Statement statement, MonthComparison comparison, Statement.Scope scope) {
        int ofMonth = scope.month() == null ? ExitCode.OK : ofMonth(comparison, scope);
        if (scope.month() != null && scope.instanceId() == null && scope.buyerId() == null) {
            return ofMonth; // of one account or all: an equation of all lives would read all months
        }
        int ofLife = wholeLife(statement, scope);
        return ofLife == ExitCode.OK || ofMonth == ExitCode.DIFFERENT ? ofMonth : ofLife;
    }

    private int ofMonth(MonthComparison comparison, Statement.Scope scope) {
        AtomicLong differing = new AtomicLong();
        long compared = comparison.differences(scope, difference -> {
            if (!incomplete.has(difference.instanceId())) {
                differing.incrementAndGet();
                err().println(difference.about() + ": " + difference.detail());
            }
        });
        err().printf(
                        "%s: the amounts of %,d hours compared with their events, %,d differ%n",
                        scope.month(), compared, differing.get());
        return incomplete.exitCode(differing.get() == 0 ? ExitCode.OK : ExitCode.DIFFERENT);
    }

    /** The equation of everything that the rows belong to, summed up by meter: it is of whole lives, of which a month is a part. */
    private int wholeLife(Statement statement, Statement.Scope scope) {
        SortedMap<String, Equation> byMeter = new TreeMap<>();
        AtomicLong broken = new AtomicLong();
        statement.equations(scope, equation -> {
            byMeter.merge(equation.instance().meter(), equation, Equation::plus);
            if (isOff(equation)) {
                broken.incrementAndGet();
                err().println("instance " + equation.instance().instanceId() + " is off by "
                        + equation.difference().toPlainString());
            }
        });
        byMeter.forEach((meter, sum) -> err().printf("over the whole life, %s: %s%n", meter, sum.sentence()));
        return exitCode(byMeter.size(), broken.get());
    }

    /** What lacks events is told as incomplete. */
    private boolean isOff(Equation equation) {
        return !equation.holds() && !incomplete.has(equation.instance().instanceId());
    }

    private int exitCode(long answers, long broken) {
        if (answers == 0 && !incomplete.any()) {
            return nobody();
        }
        return incomplete.exitCode(broken == 0 ? ExitCode.OK : ExitCode.DIFFERENT);
    }

    private int totalsOfMonth(Statement statement, MonthComparison comparison, Statement.Scope scope) {
        Output.Rows rows = output.rows(
                out(),
                "month",
                "buyer",
                "meter",
                "instance_id",
                "metered",
                "credits",
                "reported",
                "in_flight",
                "unknown",
                "withheld",
                "refused",
                "disputed",
                "written_off",
                "carried_on");
        AtomicLong instances = new AtomicLong();
        statement.sums(scope, Statement.Grouping.INSTANCE, sum -> {
            instances.incrementAndGet();
            rows.add(
                    scope.month(),
                    sum.instance().buyerId(),
                    sum.instance().meter(),
                    sum.instance().instanceId(),
                    sum.metered(),
                    sum.credits(),
                    sum.in(Account.REPORTED),
                    sum.in(Account.IN_FLIGHT),
                    sum.in(Account.UNKNOWN),
                    sum.in(Account.WITHHELD),
                    sum.in(Account.REFUSED),
                    sum.in(Account.DISPUTED),
                    sum.in(Account.WRITTEN_OFF),
                    sum.carriedOn());
        });
        rows.end();
        if (instances.get() == 0) {
            sayThereAreNoHours();
        }
        return checked(statement, comparison, scope);
    }

    private void sayThereAreNoHours() {
        err().println("metering: there are no hours on the bill" + (month == null ? "" : " in " + month + " (UTC)")
                + "; an hour comes onto it once it is over. ./metering ledger hours INSTANCE shows the open one, too");
    }

    private int equations(Statement statement, Statement.Scope scope) {
        Output.Rows rows = output.rows(
                out(),
                "buyer",
                "meter",
                "instance_id",
                "metered",
                "credits",
                "reported",
                "in_flight",
                "unknown",
                "withheld",
                "refused",
                "disputed",
                "written_off",
                "carried",
                "holds");
        AtomicLong broken = new AtomicLong();
        AtomicLong instances = new AtomicLong();
        statement.equations(scope, equation -> {
            instances.incrementAndGet();
            add(rows, equation);
            if (isOff(equation)) {
                broken.incrementAndGet();
            }
        });
        rows.end();
        return exitCode(instances.get(), broken.get());
    }

    /** An empty answer to a mistyped id must not look like a month without usage. */
    private int nobody() {
        if (instance == null && buyer == null) {
            return ExitCode.OK;
        }
        err().println("metering: the ledger has no such instance or buyer");
        return ExitCode.DIFFERENT;
    }

    private static void add(Output.Rows rows, Equation equation) {
        rows.add(
                equation.instance().buyerId(),
                equation.instance().meter(),
                equation.instance().instanceId(),
                equation.metered(),
                equation.credits(),
                equation.in(Account.REPORTED),
                equation.in(Account.IN_FLIGHT),
                equation.in(Account.UNKNOWN),
                equation.in(Account.WITHHELD),
                equation.in(Account.REFUSED),
                equation.in(Account.DISPUTED),
                equation.in(Account.WRITTEN_OFF),
                equation.in(Account.CARRIED),
                equation.holds());
    }
}
