package io.hourledger.cli.quarantine;

import picocli.CommandLine.Command;

/** {@code ./metering quarantine}. */
@Command(
        name = "quarantine",
        description = "Events that were not counted: which, why, and what a person decides about them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            QuarantineListCommand.class,
            QuarantineShowCommand.class,
            QuarantineResendCommand.class,
            QuarantineWriteOffCommand.class
        })
public final class QuarantineCommand {}
