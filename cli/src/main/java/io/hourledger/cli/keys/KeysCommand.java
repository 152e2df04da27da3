package io.hourledger.cli.keys;

import picocli.CommandLine.Command;

/** {@code ./metering keys}. */
@Command(
        name = "keys",
        description = "API keys with which apps send usage: who may send what, and no more than how much.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {KeysCreateCommand.class, KeysListCommand.class, KeysRotateCommand.class, KeysRevokeCommand.class
        })
public final class KeysCommand {}
