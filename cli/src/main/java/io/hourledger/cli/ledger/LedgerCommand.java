package io.hourledger.cli.ledger;

import picocli.CommandLine.Command;

/** {@code ./metering ledger}. */
@Command(
        name = "ledger",
        description =
                "What finance asks: statements, one instance's history, the way of a record, whether all of it is sound; and what a person decides.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            StatementCommand.class,
            HoursCommand.class,
            ShowCommand.class,
            DiffCommand.class,
            TraceCommand.class,
            ExportCommand.class,
            ProveCommand.class,
            DecideCommand.class,
            ReplayCommand.class,
            VerifyCommand.class,
            DeadLettersCommand.class,
            MoveCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            ReconcileCommand.class,
            IncarnationCommand.class
        })
public final class LedgerCommand {}
