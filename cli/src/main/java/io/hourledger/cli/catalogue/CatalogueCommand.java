package io.hourledger.cli.catalogue;

import picocli.CommandLine.Command;

/** {@code ./metering catalogue}. */
@Command(
        name = "catalogue",
        description =
                "Looks at a file with meters and products before a service reads it, and lets it rule from an hour on.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CheckCommand.class,
            CatalogueDiffCommand.class,
            CatalogueSimulateCommand.class,
            CataloguePublishCommand.class
        })
public final class CatalogueCommand {}
