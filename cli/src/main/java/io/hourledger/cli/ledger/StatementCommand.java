package io.hourledger.cli.ledger;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.instance.Account;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering ledger statement}. */
@Command(
        name = "statement",
        header = "Hour by hour: what was metered, and what became of it.",
        description = {
            "",
            "One row for each usage record, or for an hour that has none: what the hour came to, what of it is withheld and why, the record, its"
                    + " state, what the marketplace said, and who decided about it and why. Hours with several records stand in several rows"
                    + " with the same `metered`. All times are UTC. Sums of the rows and the equation over the whole life follow beside the"
                    + " answer, on the error output. With --totals the rows are the equations of the instances:",
            "metered + credits = reported + in flight + unknown + withheld + refused + disputed + written off + carried",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was answered, and the equation holds",
            "1:the equation of an instance does not hold, or there is no such instance or buyer",
            "2:the command line is wrong",
            "3:it could not run"
        },
        footer = {
            "",
            "Example: ./metering ledger statement --data-dir data --buyer 4711 --month 2026-11",
            "         ./metering ledger statement --data-dir data --month 2026-11 --format csv > november.csv"
        })
final class StatementCommand extends LedgerQuestion {

    private static final int COLUMNS_OF_RECORD = 9;

    @Option(names = "--instance", paramLabel = "ID", description = "only this instance")
    private @Nullable String instance;

    @Option(names = "--buyer", paramLabel = "ID", description = "only this buyer")
    private @Nullable String buyer;

    @Option(names = "--month", paramLabel = "YYYY-MM", description = "only hours of this month (UTC)")
    private @Nullable YearMonth month;

    @Option(names = "--totals", description = "the equation instead of the hours; exits with 1 if one does not hold")
    private boolean totals;

    @Override
    int answer(LedgerDatabase.Open ledger) {
        Statement statement = new Statement(ledger.jdbc(), ledger.transactions());
        Statement.Scope scope = new Statement.Scope(instance, buyer, month);
        if (totals) {
            return equations(statement, scope);
        }
        Output.Rows rows = output.rows(
                out(),
                "buyer",
                "meter",
                "instance_id",
                "hour",
                "revision",
                "metered",
                "withheld",
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
        Sums sums = new Sums();
        statement.lines(scope, line -> {
            sums.add(line);
            rows.add(values(line));
        });
        rows.end();
        sums.sentences().forEach(err()::println);
        return wholeLife(statement, scope);
    }

    private static @Nullable Object[] values(Statement.Line line) {
        List<@Nullable Object> values = new ArrayList<>(Arrays.asList(
                line.instance().buyerId(),
                line.instance().meter(),
                line.instance().instanceId(),
                line.hour(),
                line.revision(),
                line.metered(),
                line.withheld().amount(),
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

    /** The equation of everything that the rows belong to, summed up by meter. */
    private int wholeLife(Statement statement, Statement.Scope scope) {
        SortedMap<String, Equation> byMeter = new TreeMap<>();
        AtomicLong broken = new AtomicLong();
        statement.equations(scope, equation -> {
            byMeter.merge(equation.instance().meter(), equation, Equation::plus);
            if (!equation.holds()) {
                broken.incrementAndGet();
                err().println("instance " + equation.instance().instanceId() + " is off by "
                        + equation.difference().toPlainString());
            }
        });
        byMeter.forEach((meter, sum) -> err().printf("over the whole life, %s: %s%n", meter, sum.sentence()));
        return byMeter.isEmpty() ? nobody() : broken.get() == 0 ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    /** What the rows come to, by meter and state. */
    private static final class Sums {
        private final SortedMap<String, BigDecimal> metered = new TreeMap<>();
        private final SortedMap<String, SortedMap<String, BigDecimal>> became = new TreeMap<>();
        private String lastRevision = "";
        private String lastMeter = "";

        void add(Statement.Line line) {
            String revision = line.instance().instanceId() + " " + line.hour() + " " + line.revision();
            if (!revision.equals(lastRevision)) {
                lastRevision = revision;
                lastMeter = line.instance().meter();
                metered.merge(lastMeter, line.metered(), BigDecimal::add);
                became("withheld", line.withheld().amount());
                became("withheld and written off", line.withheld().writtenOff());
            }
            if (line.record() != null) {
                became(line.record().state(), line.record().amount());
            }
        }

        private void became(String state, BigDecimal amount) {
            if (amount.signum() != 0) {
                became.computeIfAbsent(lastMeter, meter -> new TreeMap<>()).merge(state, amount, BigDecimal::add);
            }
        }

        List<String> sentences() {
            List<String> sentences = new ArrayList<>();
            metered.forEach((meter, sum) -> sentences.add("these rows, " + meter + ": metered " + sum.toPlainString()
                    + became.getOrDefault(meter, new TreeMap<>()).entrySet().stream()
                            .map(state -> ", " + state.getKey() + " "
                                    + state.getValue().toPlainString())
                            .collect(Collectors.joining())));
            return sentences;
        }
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
            if (!equation.holds()) {
                broken.incrementAndGet();
            }
        });
        rows.end();
        return instances.get() == 0 ? nobody() : broken.get() == 0 ? ExitCode.OK : ExitCode.DIFFERENT;
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
