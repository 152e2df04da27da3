package io.hourledger.cli.unmatched;

import io.hourledger.aggregator.unmatched.SubjectUsage;
import io.hourledger.aggregator.unmatched.SubjectUsage.State;
import io.hourledger.aggregator.unmatched.UnmatchedUsage;
import io.hourledger.aggregator.unmatched.UnmatchedUsage.Filter;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.ExitCode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering unmatched list}. */
@Command(
        name = "list",
        header = "Usage of closed hours that is not in the ledger, by subject and meter, the oldest first.",
        description = {
            "",
            "unmatched: no instance has this subject yet. Its usage is entered by itself when one is opened.",
            "refused:   a rule of the ledger does not let the usage in, or the meter of its product does not read it.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:there is none", "1:there is some", "2:the command line is wrong", "3:it could not run"},
        footer = {
            "",
            "Examples: ./metering unmatched list --data-dir data",
            "          ./metering unmatched list --data-dir data --state refused --format csv",
            "Next: ./metering instance open, or mend the app that sends this subject, then ./metering unmatched write-off"
        })
final class UnmatchedListCommand extends LedgerQuestion {

    @Option(names = "--subject", paramLabel = "SUBJECT", description = "of this subject only")
    private @Nullable String subject;

    @Option(names = "--state", paramLabel = "STATE", description = "unmatched or refused (default: both)")
    private @Nullable String state;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "rows at most (default: 100)")
    private int limit;

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        List<SubjectUsage> found =
                new UnmatchedUsage(ledger.dataSource()).list(new Filter(subject, wantedState()), limit + 1);
        Output.Rows rows = output.rows(
                out(),
                "subject",
                "meter",
                "state",
                "since",
                "first-hour",
                "last-hour",
                "hours",
                "events",
                "raw-total",
                "reason");
        found.stream().limit(limit).forEach(usage -> {
            SubjectUsage.Hours hours = usage.hours();
            rows.add(
                    usage.subject(),
                    usage.meter(),
                    usage.state().code(),
                    usage.since(),
                    UsageHour.of(hours.first()),
                    UsageHour.of(hours.last()),
                    hours.count(),
                    hours.events(),
                    usage.rawTotal(),
                    usage.reason());
        });
        rows.end();
        if (found.size() > limit) {
            err().println("there are more: --limit N shows them");
        }
        return found.isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    /** A misspelt state must not be one that no usage has. */
    private @Nullable State wantedState() {
        if (state == null) {
            return null;
        }
        return State.ofCode(state).orElseThrow(() -> wrong("--state is unmatched or refused, and not " + state));
    }
}
