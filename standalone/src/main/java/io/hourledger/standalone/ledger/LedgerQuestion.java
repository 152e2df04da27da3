package io.hourledger.standalone.ledger;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all commands of the ledger have: where it is, and where the answer goes. */
@Command(mixinStandardHelpOptions = true)
abstract class LedgerQuestion implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private LedgerDatabase database = new LedgerDatabase();

    @Mixin
    Output output = new Output();

    @Override
    public final Integer call() {
        return database.use(this::answer);
    }

    /** The exit code. */
    abstract int answer(LedgerDatabase.Open ledger);

    /** The folder of the house, if that is how the ledger was named. */
    final Optional<Path> houseFolder() {
        return database.houseFolder();
    }

    final PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    final PrintWriter err() {
        return Objects.requireNonNull(spec).commandLine().getErr();
    }
}
