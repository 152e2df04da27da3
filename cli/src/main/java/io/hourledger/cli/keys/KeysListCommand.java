package io.hourledger.cli.keys;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.ledger.access.PostgresApiKeys;
import io.hourledger.ledger.access.StoredKey;
import io.hourledger.standalone.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering keys list}. */
@Command(
        name = "list",
        header = "The keys, by name: what each may send, and how it stands.",
        description = {
            "",
            "No secret is shown: only hashes are kept. Keys of ingest's settings file are not listed.",
            ""
        })
final class KeysListCommand extends LedgerQuestion {

    @Option(names = "--all", description = "also those that were revoked")
    private boolean all;

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        Output.Rows rows =
                output.rows(out(), "name", "id", "allows", "secrets", "old_secret_until", "created", "who", "revoked");
        for (StoredKey stored : new PostgresApiKeys(ledger.dataSource()).all()) {
            if (all || stored.revokedAt() == null) {
                rows.add(
                        stored.key().name(),
                        stored.key().id(),
                        ScopeWords.of(stored.key().scope())
                                + ScopeWords.of(stored.key().limits()),
                        stored.key().secrets().size(),
                        stored.oldSecretUntil(),
                        stored.createdAt(),
                        stored.createdBy(),
                        stored.revokedAt());
            }
        }
        rows.end();
        return ExitCode.OK;
    }
}
