package io.hourledger.cli.ledger;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.store.DeadLetterQueue;
import io.hourledger.ledger.store.DeadLetterQueue.Sequence;
import io.hourledger.standalone.ExitCode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering ledger dead-letters retry}. */
@Command(
        name = "retry",
        header = "Lets readers try again what waits, in order, from the event that they could not take.",
        description = {
            "",
            "To be asked once the cause is mended. The process that runs the reader tries within a moment, or when it"
                    + " starts. An event that still cannot be taken goes on waiting; none is ever left out.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is asked for",
            "1:nothing waits",
            "2:the command line is wrong",
            "3:it could not run",
            "4:only shown, for want of --yes"
        },
        footer = {
            "",
            "Example: ./metering ledger dead-letters retry --instance ID --who anna --why 'the new build takes it'"
                    + " --yes"
        })
final class DeadLettersRetryCommand extends LedgerQuestion {

    @Option(names = "--reader", paramLabel = "NAME", description = "only those of this reader, such as projections")
    private @Nullable String reader;

    @Option(names = "--instance", paramLabel = "ID", description = "only this instance")
    private @Nullable String instance;

    @Mixin
    private Person person = new Person();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        DeadLetterQueue queue = new DeadLetterQueue(ledger.jdbc());
        List<Sequence> waiting = queue.waiting(reader, instance, null);
        if (waiting.isEmpty()) {
            err().println("metering: nothing waits that is to be tried again");
            return ExitCode.DIFFERENT;
        }
        if (!person.means()) {
            DeadLettersListCommand.show(output.rows(out(), DeadLettersListCommand.COLUMNS), waiting);
            err().println("nothing has happened yet: these would be tried again; give --yes to do so");
            return ExitCode.NOT_ALL;
        }
        int asked = queue.askRetry(reader, instance, by);
        err().printf(
                        "%,d instances are tried again by the processes that run their readers; see"
                                + " ./metering ledger dead-letters list%n",
                        asked);
        return ExitCode.OK;
    }
}
