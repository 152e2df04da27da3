package io.hourledger.cli.instance;

import picocli.CommandLine.Command;

/** {@code ./metering instance}. */
@Command(
        name = "instance",
        description =
                "Tries out a stack that ./metering up has started: opens an instance or a package, sends usage, shows what waits.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            OpenInstanceCommand.class,
            SendUsageCommand.class,
            ListUnopenedCommand.class,
            ResolveInstanceCommand.class
        })
public final class TryOutCommand {}
