package io.hourledger.cli.keys;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.access.NewSecret;
import io.hourledger.ledger.access.PostgresApiKeys;
import io.hourledger.ledger.access.PostgresApiKeys.Change;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering keys rotate}. */
@Command(
        name = "rotate",
        header = "Gives a key another secret and prints it, once. The one before stays valid for a while.",
        description = {"", "Never more than two secrets are valid: a still older one ends at once.", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was rotated",
            "1:there is no such key",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Example: ./metering keys rotate shop-eu --overlap PT24H --who li.wei --why \"yearly\" --yes",
            "A secret that somebody else has seen: --overlap PT0S ends it at once."
        })
final class KeysRotateCommand extends KeyChange {

    @Parameters(paramLabel = "NAME", description = "of the key")
    private String name = "";

    @Option(
            names = "--overlap",
            paramLabel = "DURATION",
            defaultValue = "PT24H",
            description = "how long the secret before stays valid (default: ${DEFAULT-VALUE})")
    private Duration overlap = Duration.ofHours(24);

    @Override
    String name() {
        return name;
    }

    @Override
    String inWords() {
        if (overlap.isNegative()) {
            throw wrong("--overlap is a time from now on, such as PT24H, and not " + overlap);
        }
        return "key " + name + " would get another secret, and the one before would end in " + overlap;
    }

    @Override
    Change change(PostgresApiKeys keys, DecidedBy by) {
        NewSecret secret = NewSecret.draw();
        Change change = keys.rotate(name, overlap, secret, by);
        if (change == Change.DONE) {
            out().println(secret.show());
        }
        return change;
    }
}
