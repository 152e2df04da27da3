package io.hourledger.cli.marketplace;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.pusher.push.SellerAccounts;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Option;

/** The seller account that a command is about. Where there is only one it need not be named. */
final class OneAccount {

    @Option(
            names = "--account",
            paramLabel = "NAME",
            description = "the seller account; needed if the installation has several")
    private @Nullable String name;

    /** Empty if there is none yet, or if there are several and none is named: then {@link #whyNone} says so. */
    Optional<String> of(LedgerDatabase.Open ledger) {
        List<String> known = known(ledger);
        String named = name;
        if (named == null) {
            return known.size() == 1 ? Optional.of(known.getFirst()) : Optional.empty();
        }
        return known.contains(named) ? Optional.of(named) : Optional.empty();
    }

    /** Why {@link #of} found none. */
    String whyNone(LedgerDatabase.Open ledger) {
        List<String> known = known(ledger);
        if (known.isEmpty()) {
            return "no pusher has run on this database yet";
        }
        return name == null
                ? "there are several seller accounts; say by --account which: " + String.join(", ", known)
                : "no seller account is called " + name + "; there are: " + String.join(", ", known);
    }

    private static List<String> known(LedgerDatabase.Open ledger) {
        return new SellerAccounts(JdbcClient.create(ledger.dataSource()))
                .all().stream().map(SellerAccounts.Shown::account).toList();
    }
}
