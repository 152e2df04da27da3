package io.hourledger.cli;

import io.hourledger.cli.account.AccountCommand;
import io.hourledger.cli.audit.AuditCommand;
import io.hourledger.cli.catalogue.CatalogueCommand;
import io.hourledger.cli.event.EventCommand;
import io.hourledger.cli.instance.TryOutCommand;
import io.hourledger.cli.keys.KeysCommand;
import io.hourledger.cli.ledger.LagCommand;
import io.hourledger.cli.ledger.LedgerCommand;
import io.hourledger.cli.marketplace.MarketplaceCommand;
import io.hourledger.cli.notice.NoticeCommand;
import io.hourledger.cli.partition.PartitionCommand;
import io.hourledger.cli.quarantine.QuarantineCommand;
import io.hourledger.cli.unmatched.UnmatchedCommand;
import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.demo.DemoCommand;
import io.hourledger.standalone.up.UpCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/** What {@code ./metering} runs. */
@Command(
        name = "metering",
        description = "Meters what the buyers of a SaaS app use and reports it to the marketplace, every hour, once.",
        mixinStandardHelpOptions = true,
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            TryOutCommand.class,
            LedgerCommand.class,
            LagCommand.class,
            PartitionCommand.class,
            QuarantineCommand.class,
            EventCommand.class,
            UnmatchedCommand.class,
            NoticeCommand.class,
            AccountCommand.class,
            MarketplaceCommand.class,
            CatalogueCommand.class,
            AuditCommand.class,
            KeysCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all went well",
            "1:it ran, and the answer is no (numbers differ, something is missing)",
            "2:the command line is wrong",
            "3:it could not run"
        })
public final class MeteringCli {

    private MeteringCli() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command with all below it, for whoever runs it inside a JVM. */
    public static CommandLine commandLine() {
        CommandLine line = new CommandLine(new MeteringCli());
        shareExitCodes(line, line.getCommandSpec().usageMessage());
        line.setParameterExceptionHandler((wrong, arguments) -> {
            CommandLine command = wrong.getCommandLine();
            command.getErr().println("metering: " + sentenceOf(wrong));
            UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
            command.getErr()
                    .println("See: ./metering "
                            + command.getCommandSpec().qualifiedName().replaceFirst("^\\S+ ?", "") + " --help");
            return ExitCode.USAGE;
        });
        return line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("metering: " + sentenceOf(failure));
            return ExitCode.COULD_NOT_RUN;
        });
    }

    /** A command that says nothing of its exit codes has the common ones. */
    private static void shareExitCodes(CommandLine line, UsageMessageSpec common) {
        for (CommandLine sub : line.getSubcommands().values()) {
            UsageMessageSpec usage = sub.getCommandSpec().usageMessage();
            if (usage.exitCodeList().isEmpty()) {
                usage.exitCodeListHeading(common.exitCodeListHeading());
                usage.exitCodeList(common.exitCodeList());
            }
            shareExitCodes(sub, common);
        }
    }

    private static String sentenceOf(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
