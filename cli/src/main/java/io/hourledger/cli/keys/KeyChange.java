package io.hourledger.cli.keys;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Person;
import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.access.PostgresApiKeys;
import io.hourledger.ledger.access.PostgresApiKeys.Change;
import io.hourledger.standalone.ExitCode;
import picocli.CommandLine.Mixin;

/** A person changes a key: shown first, done with {@code --yes}. Ingest knows of it once an aggregator has told it. */
abstract class KeyChange extends LedgerQuestion {

    @Mixin
    private Person person = new Person();

    @Override
    protected final boolean needsTables() {
        return false;
    }

    /** What would happen, in words. */
    abstract String inWords(PostgresApiKeys keys);

    /** Does it, and says what came of it unless it was refused. */
    abstract Change change(PostgresApiKeys keys, DecidedBy by);

    /** The name of the key, for a refusal. */
    abstract String name();

    @Override
    protected final int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        PostgresApiKeys keys = new PostgresApiKeys(ledger.dataSource());
        String words = inWords(keys);
        if (!person.means()) {
            err().println("nothing has happened yet: " + words + "; give --yes to do it");
            return ExitCode.NOT_ALL;
        }
        String refused =
                switch (change(keys, by)) {
                    case DONE -> "";
                    case NO_SUCH_KEY -> "there is no valid key " + name() + "; see ./metering keys list";
                    case NAME_TAKEN -> "there is or was a key " + name() + "; a name is never given twice";
                    case TOO_MANY -> "there are " + ToldKeys.MOST_KEYS + " keys, and no more can be told to ingest";
                    case TOO_LARGE ->
                        "the keys would have more than " + ToldKeys.MOST_BYTES
                                + " bytes, and no more can be told to ingest; name fewer sources, types or instances";
                    case OLDER_SECRET_VALID ->
                        "an older secret is still valid; wait for its end, or give --end-older to end it at once";
                };
        if (!refused.isEmpty()) {
            err().println("refused: " + refused);
            return ExitCode.DIFFERENT;
        }
        out().flush();
        return ExitCode.OK;
    }
}
