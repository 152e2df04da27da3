package io.hourledger.cli.ledger;

import io.hourledger.ledger.store.DeadLetterQueue;
import io.hourledger.ledger.store.DeadLetterQueue.Sequence;
import io.hourledger.standalone.ExitCode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering ledger dead-letters list}. */
@Command(
        name = "list",
        header = "Which instances wait for which reader, before which event, and why. The longest first.",
        description = {
            "",
            "The event that cannot be taken and all later ones of its instance wait for that reader. All other"
                    + " instances go on. Nothing is lost: the events stand in the ledger, and records are pushed all the"
                    + " same.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:none waits", "1:some wait", "2:the command line is wrong", "3:it could not run"},
        footer = {"", "Next: ./metering ledger dead-letters retry --instance ID --who NAME --why TEXT"})
final class DeadLettersListCommand extends LedgerQuestion {

    @Option(names = "--reader", paramLabel = "NAME", description = "only those of this reader, such as projections")
    private @Nullable String reader;

    @Option(names = "--instance", paramLabel = "ID", description = "only this instance")
    private @Nullable String instance;

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        List<Sequence> waiting = new DeadLetterQueue(ledger.jdbc()).waiting(reader, instance, null);
        show(output.rows(out(), COLUMNS), waiting);
        return waiting.isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    static final String[] COLUMNS = {
        "reader", "instance", "event", "type", "waiting", "since", "last_tried", "tries", "retry_asked", "cause"
    };

    static void show(Output.Rows rows, List<Sequence> waiting) {
        for (Sequence one : waiting) {
            rows.add(
                    one.reader(),
                    one.letter().instanceId(),
                    one.letter().sequenceNumber(),
                    one.letter().eventType(),
                    one.events(),
                    one.firstTriedAt(),
                    one.lastTriedAt(),
                    one.tries(),
                    one.retryAsked(),
                    one.letter().cause());
        }
        rows.end();
    }
}
