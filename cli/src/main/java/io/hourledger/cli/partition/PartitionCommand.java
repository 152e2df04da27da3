package io.hourledger.cli.partition;

import picocli.CommandLine.Command;

/** {@code ./metering partition}. */
@Command(
        name = "partition",
        description = "Which partitions of the usage log are halted, why, and how they go on.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {PartitionListCommand.class, PartitionShowCommand.class, PartitionResumeCommand.class})
public final class PartitionCommand {}
