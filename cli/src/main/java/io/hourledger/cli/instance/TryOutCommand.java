package io.hourledger.cli.instance;

import picocli.CommandLine.Command;

/** {@code ./metering instance}. */
@Command(
        name = "instance",
        description =
                "Opens instances and packages in a stack that runs, sends usage, and shows an instance and what waits.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            OpenInstanceCommand.class,
            SendUsageCommand.class,
            ShowInstanceCommand.class,
            ListUnopenedCommand.class,
            ResolveInstanceCommand.class
        })
public final class TryOutCommand {}
