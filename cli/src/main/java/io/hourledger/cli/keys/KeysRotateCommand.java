package io.hourledger.cli.keys;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.access.NewSecret;
import io.hourledger.ledger.access.PostgresApiKeys;
import io.hourledger.ledger.access.PostgresApiKeys.Change;
import io.hourledger.ledger.access.PostgresApiKeys.Older;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering keys rotate}. */
@Command(
        name = "rotate",
        header = "Gives a key another secret and prints it, once. The one before stays valid for a while.",
        description = {"", "Never more than two secrets are valid: a third one is refused, but with --end-older.", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was rotated",
            "1:there is no such key, or an older secret is still valid",
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

    @Option(names = "--end-older", description = "ends at once the secret that an earlier rotation has left valid")
    private boolean endOlder;

    @Override
    String name() {
        return name;
    }

    @Override
    String inWords(PostgresApiKeys keys) {
        if (overlap.isNegative()) {
            throw wrong("--overlap is a time from now on, such as PT24H, and not " + overlap);
        }
        return "key " + name + " would get another secret, and the one before would end in " + overlap
                + olderSecretUntil(keys).map(this::olderInWords).orElse("");
    }

    private String olderInWords(Instant until) {
        return endOlder
                ? "; the older one, valid until " + until + ", would end now"
                : "; but the older one is valid until " + until + ", so it is refused without --end-older";
    }

    private Optional<Instant> olderSecretUntil(PostgresApiKeys keys) {
        return keys.all().stream()
                .filter(stored -> stored.key().name().equals(name))
                .flatMap(stored -> Stream.ofNullable(stored.oldSecretUntil()))
                .findFirst();
    }

    @Override
    Change change(PostgresApiKeys keys, DecidedBy by) {
        NewSecret secret = NewSecret.draw();
        Change change = keys.rotate(name, overlap, endOlder ? Older.END : Older.KEEP, secret, by);
        if (change == Change.DONE) {
            out().println(secret.show());
        }
        return change;
    }
}
