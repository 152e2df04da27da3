package io.hourledger.cli.ledger;

import io.hourledger.ledger.config.LedgerSchema;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The seller account that a command is about. */
public final class SellerAccountOption {

    @Option(
            names = "--account",
            paramLabel = "NAME",
            description = "this seller account alone; what is of one account needs it if there are several")
    private @Nullable String name;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /**
     * The one that is named; null if none is, so that all are meant.
     *
     * @throws ParameterException with a sentence, if the ledger knows none of this name
     */
    public @Nullable String named(LedgerDatabase.Open ledger) {
        String named = name;
        if (named != null && !known(ledger).contains(named)) {
            throw wrong("--account knows no " + named + "; it knows " + String.join(", ", known(ledger)));
        }
        return named;
    }

    /**
     * The one that is named; null if none need be, since there is one at most.
     *
     * @param what is of one account, with its article
     * @throws ParameterException with a sentence, if there are several or the ledger knows none of this name
     */
    public @Nullable String namedOrOnly(LedgerDatabase.Open ledger, String what) {
        if (name == null && known(ledger).size() > 1) {
            throw wrong(what + " needs --account, since there are several seller accounts: "
                    + String.join(", ", known(ledger)));
        }
        return named(ledger);
    }

    /** Empty if there is none yet, or if there are several and none is named: then {@link #whyNone} says so. */
    public Optional<String> of(LedgerDatabase.Open ledger) {
        Set<String> known = known(ledger);
        String named = name;
        if (named == null) {
            return known.size() == 1 ? known.stream().findAny() : Optional.empty();
        }
        return known.contains(named) ? Optional.of(named) : Optional.empty();
    }

    /** Why {@link #of} found none. */
    public String whyNone(LedgerDatabase.Open ledger) {
        Set<String> known = known(ledger);
        if (known.isEmpty()) {
            return "no pusher has run on this database yet";
        }
        return name == null
                ? "there are several seller accounts; say by --account which: " + String.join(", ", known)
                : "no seller account is called " + name + "; there are: " + String.join(", ", known);
    }

    private static Set<String> known(LedgerDatabase.Open ledger) {
        return new TreeSet<>(LedgerSchema.sellerAccounts(ledger.dataSource()));
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(Objects.requireNonNull(command).commandLine(), sentence);
    }
}
