package io.hourledger.cli.ledger;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A command of the ledger that answers in rows. */
@Command
public abstract class LedgerQuestion extends LedgerSubcommand {

    @Mixin
    protected Output output = new Output();
}
