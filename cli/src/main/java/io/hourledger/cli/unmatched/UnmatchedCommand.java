package io.hourledger.cli.unmatched;

import picocli.CommandLine.Command;

/** {@code ./metering unmatched}. */
@Command(
        name = "unmatched",
        description = "Usage of closed hours that is counted and not in the ledger: of whom, how much, and since when.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {UnmatchedListCommand.class, UnmatchedWriteOffCommand.class})
public final class UnmatchedCommand {}
