package io.hourledger.cli.ledger;

import picocli.CommandLine.Command;

/** {@code ./metering ledger dead-letters}. */
@Command(
        name = "dead-letters",
        description = "Instances whose events wait, since a reader of the ledger cannot take one of them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DeadLettersListCommand.class, DeadLettersRetryCommand.class})
final class DeadLettersCommand {}
