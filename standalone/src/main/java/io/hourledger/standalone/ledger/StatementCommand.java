package io.hourledger.standalone.ledger;

import io.hourledger.ledger.statement.Statement;
import io.hourledger.ledger.statement.Statement.Equation;
import io.hourledger.standalone.ExitCode;
import java.time.YearMonth;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering ledger statement}. */
@Command(
        name = "statement",
        description = {
            "Hour by hour: what was metered, what is withheld and why, the usage records and their states; or, with --totals, the"
                    + " equation of each instance over its life.",
            "metered + credits = reported + in flight + unknown + withheld + refused + disputed + written off + carried"
        })
final class StatementCommand extends LedgerQuestion {

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
                "metering_sn",
                "begin_time",
                "end_time",
                "usage_value",
                "carried",
                "state",
                "reported_at");
        statement.lines(
                scope,
                line -> rows.add(
                        line.buyerId(),
                        line.meter(),
                        line.instanceId(),
                        line.hour(),
                        line.revision(),
                        line.metered(),
                        line.withheld(),
                        line.withheldReason(),
                        line.meteringSn(),
                        line.begin(),
                        line.end(),
                        line.amount(),
                        line.carried(),
                        line.state(),
                        line.reportedAt()));
        rows.end();
        return ExitCode.OK;
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
        statement.equations(scope, equation -> {
            add(rows, equation);
            if (!equation.holds()) {
                broken.incrementAndGet();
            }
        });
        rows.end();
        return broken.get() == 0 ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    private static void add(Output.Rows rows, Equation equation) {
        rows.add(
                equation.buyerId(),
                equation.meter(),
                equation.instanceId(),
                equation.metered(),
                equation.credits(),
                equation.reported(),
                equation.inFlight(),
                equation.unknown(),
                equation.withheld(),
                equation.refused(),
                equation.disputed(),
                equation.writtenOff(),
                equation.carried(),
                equation.holds());
    }
}
