package io.hourledger.cli.keys;

import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.access.NewSecret;
import io.hourledger.ledger.access.PostgresApiKeys;
import io.hourledger.ledger.access.PostgresApiKeys.Change;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering keys create}. */
@Command(
        name = "create",
        header = "Makes a key and prints its secret, once.",
        description = {
            "",
            "Only the hash of the secret is kept. Whoever loses the secret rotates the key.",
            "What is named with several options must all hold of an event.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was made",
            "1:it must not be made like that; it says why",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Example: ./metering keys create shop-eu --source-prefix /shop/ --type web.egress \\",
            "            --who li.wei --why \"the shop goes live\" --yes"
        })
final class KeysCreateCommand extends KeyChange {

    @Parameters(paramLabel = "NAME", description = "of the key, for people, logs and metrics")
    private String name = "";

    @Option(
            names = "--source",
            paramLabel = "SOURCE",
            description = "a CloudEvents source, exactly; may be given often")
    private List<String> sources = List.of();

    @Option(
            names = "--source-prefix",
            paramLabel = "PREFIX",
            description = "what a source may start with, up to its end or to one of / : ? #; \"\" allows all")
    private List<String> prefixes = List.of();

    @Option(names = "--type", paramLabel = "TYPE", description = "an event type; without one all are allowed")
    private Set<String> types = Set.of();

    @Option(names = "--instance", paramLabel = "ID", description = "an instance; without one all are allowed")
    private Set<String> instances = Set.of();

    @Option(
            names = "--product",
            paramLabel = "ID",
            description = "a product of which the instance must be; without one all are allowed")
    private Set<String> products = Set.of();

    @Option(names = "--events-per-second", paramLabel = "N", description = "on average; beyond it 429")
    private int eventsPerSecond;

    @Option(names = "--body-bytes", paramLabel = "N", description = "of one request; beyond it 413")
    private int bodyBytes;

    @Option(
            names = "--memory-percent",
            paramLabel = "N",
            description = "of the memory for bodies, what requests of this key hold together; beyond it 429")
    private int memoryPercent;

    @Override
    String name() {
        return name;
    }

    @Override
    String inWords(PostgresApiKeys keys) {
        KeyScope scope = scope();
        return "a key " + name + " would be made for " + ScopeWords.of(scope) + ScopeWords.of(limits());
    }

    @Override
    Change change(PostgresApiKeys keys, DecidedBy by) {
        NewSecret secret = NewSecret.draw();
        Change change = keys.create(name, scope(), limits(), secret, by);
        if (change == Change.DONE) {
            out().println(secret.show());
        }
        return change;
    }

    private KeyScope scope() {
        try {
            return new KeyScope(sources, prefixes, types, instances, products);
        } catch (IllegalArgumentException wrong) {
            throw wrong(String.valueOf(wrong.getMessage()));
        }
    }

    private KeyLimits limits() {
        try {
            return new KeyLimits(eventsPerSecond, bodyBytes, memoryPercent);
        } catch (IllegalArgumentException wrong) {
            throw wrong(String.valueOf(wrong.getMessage()));
        }
    }
}
