package io.hourledger.cli.keys;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.access.PostgresApiKeys;
import io.hourledger.ledger.access.PostgresApiKeys.Change;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ./metering keys revoke}. */
@Command(
        name = "revoke",
        header = "Ends a key with all its secrets, for good.",
        description = {
            "",
            "Its requests are answered 401 once an aggregator has told ingest, which takes seconds while one runs.",
            "What was accepted before stays counted.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was revoked",
            "1:there is no such key",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        })
final class KeysRevokeCommand extends KeyChange {

    @Parameters(paramLabel = "NAME", description = "of the key")
    private String name = "";

    @Override
    String name() {
        return name;
    }

    @Override
    String inWords(PostgresApiKeys keys) {
        return "key " + name + " would end for good, with all its secrets";
    }

    @Override
    Change change(PostgresApiKeys keys, DecidedBy by) {
        Change change = keys.revoke(name, by);
        if (change == Change.DONE) {
            out().println("key " + name + " is revoked; ingest refuses it once an aggregator has told it");
        }
        return change;
    }
}
