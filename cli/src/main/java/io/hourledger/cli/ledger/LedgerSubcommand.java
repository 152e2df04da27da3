package io.hourledger.cli.ledger;

import io.hourledger.ledger.store.LogicalCopy;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands of the ledger have: where it is, and where the answer goes. */
@Command(mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true)
public abstract class LedgerSubcommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private LedgerDatabase database = new LedgerDatabase();

    @Override
    public Integer call() {
        return database.use(ledger -> {
            if (!worksOnALogicalCopy()) {
                LogicalCopy.found(ledger.jdbc()).ifPresent(moved -> {
                    throw new IllegalStateException(moved);
                });
            }
            if (needsTables()) {
                UpToDate.bring(ledger, err());
            }
            return answer(ledger);
        });
    }

    /** Whether the answer is read from the projections, so that those of a stack that was killed must catch up first. */
    protected boolean needsTables() {
        return true;
    }

    /** Whether it can answer on a ledger that was moved by a logical copy and is not at home in its PostgreSQL yet. */
    protected boolean worksOnALogicalCopy() {
        return false;
    }

    /** The exit code. */
    protected abstract int answer(LedgerDatabase.Open ledger);

    protected final PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    protected final PrintWriter err() {
        return Objects.requireNonNull(spec).commandLine().getErr();
    }

    /** The command line is wrong in a way that its parser cannot see. */
    protected final ParameterException wrong(String sentence) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence);
    }
}
