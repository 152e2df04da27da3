package io.hourledger.cli.account;

import io.hourledger.cli.instance.TryAccountCommand;
import picocli.CommandLine.Command;

/** {@code ./metering account}. */
@Command(
        name = "account",
        description =
                "Seller accounts of this installation: adds one, tries its way to the marketplace, lists them, suspends one alone and resumes it, and removes one that was never used.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            AddAccountCommand.class,
            TryAccountCommand.class,
            ListAccountsCommand.class,
            SuspendAccountCommand.class,
            ResumeAccountCommand.class,
            RemoveAccountCommand.class
        })
public final class AccountCommand {}
