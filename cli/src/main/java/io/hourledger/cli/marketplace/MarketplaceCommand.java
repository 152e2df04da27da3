package io.hourledger.cli.marketplace;

import picocli.CommandLine.Command;

/** {@code ./metering marketplace}. */
@Command(
        name = "marketplace",
        description = {
            "Holds what the marketplace's seller console says against the ledger: rejected records, monthly bills.",
            "Shows what is issued in shadow and not sent, and ends the shadow."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ImportFileCommand.class,
            ImportedFilesCommand.class,
            AcceptFileCommand.class,
            ShadowCommand.class,
            GoLiveCommand.class
        })
public final class MarketplaceCommand {}
