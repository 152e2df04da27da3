package io.hourledger.cli.quarantine;

import io.hourledger.aggregator.postgres.PostgresQuarantine;
import io.hourledger.aggregator.quarantine.EventNames;
import io.hourledger.aggregator.quarantine.LogPlace;
import io.hourledger.aggregator.quarantine.QuarantineEntry;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Decision;
import io.hourledger.aggregator.quarantine.QuarantineFilter;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.ExitCode;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering quarantine list}. */
@Command(
        name = "list",
        header = "Events that were not counted: first how many by reason, source and hour, then one by one.",
        description = {
            "",
            "Without a filter it sums up by reason, source and hour of the event's time. With a filter it lists the"
                    + " events. Open are those that were neither written off nor sent again; --all shows the others, too.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing of what was asked for is open",
            "1:something is open",
            "2:the command line is wrong",
            "3:it could not run"
        },
        footer = {
            "",
            "Examples: ./metering quarantine list --data-dir data",
            "          ./metering quarantine list --data-dir data --reason malformed --source /app/eu-1",
            "Next: ./metering quarantine show PARTITION/OFFSET"
        })
final class QuarantineListCommand extends LedgerQuestion {

    @Mixin
    private FilterOptions filter = new FilterOptions();

    @Option(names = "--all", description = "also those that were resent or written off")
    private boolean all;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "events at most (default: 100)")
    private int limit;

    @Option(names = "--after", paramLabel = "PARTITION/OFFSET", description = "go on behind this event")
    private @Nullable String after;

    private boolean hasOpen;
    private @Nullable LogPlace lastPlace;

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        QuarantineFilter wanted = all ? filter.all() : filter.open();
        PostgresQuarantine quarantine = new PostgresQuarantine(ledger.dataSource());
        if (wanted.isNarrow() || after != null) {
            list(quarantine, wanted);
        } else {
            sumUp(quarantine, wanted);
        }
        return hasOpen ? ExitCode.DIFFERENT : ExitCode.OK;
    }

    private record Group(String reason, String source, UsageHour hour) {

        static Group of(QuarantineEntry entry) {
            String source = entry.names().source();
            return new Group(entry.reason(), source == null ? "" : source, UsageHour.of(entry.time()));
        }
    }

    private void sumUp(PostgresQuarantine quarantine, QuarantineFilter wanted) {
        Map<Group, long[]> groups = new TreeMap<>(
                Comparator.comparing(Group::reason).thenComparing(Group::source).thenComparing(Group::hour));
        quarantine.read(wanted, null, entry -> {
            long[] counts = groups.computeIfAbsent(Group.of(entry), group -> new long[2]);
            counts[entry.isOpen() ? 0 : 1]++;
            hasOpen |= entry.isOpen();
            return true;
        });
        Output.Rows rows = output.rows(out(), "reason", "source", "hour", "open", "decided");
        groups.forEach((group, counts) -> rows.add(group.reason, group.source, group.hour, counts[0], counts[1]));
        rows.end();
        if (hasOpen) {
            err().println("next: ./metering quarantine list --reason CODE shows the events of one reason");
        }
    }

    private static String state(QuarantineEntry entry) {
        Decision decision = entry.decision();
        if (decision == null) {
            return "open";
        }
        return decision.isUnfinished()
                ? "open, resending was begun"
                : decision.kind().code();
    }

    private void list(PostgresQuarantine quarantine, QuarantineFilter wanted) {
        LogPlace from = after == null
                ? null
                : LogPlace.of(after).orElseThrow(() -> wrong("--after is PARTITION/OFFSET, and not " + after));
        Output.Rows rows = output.rows(
                out(), "record", "reason", "state", "source", "instance", "id", "time", "recorded", "detail");
        int[] shown = {0};
        quarantine.read(wanted, from, entry -> {
            if (shown[0]++ == limit) {
                return false;
            }
            hasOpen |= entry.isOpen();
            EventNames names = entry.names();
            rows.add(
                    entry.place(),
                    entry.reason(),
                    state(entry),
                    names.source(),
                    names.subject(),
                    names.id(),
                    names.time(),
                    entry.recordedAt(),
                    entry.detail());
            lastPlace = entry.place();
            return true;
        });
        rows.end();
        if (shown[0] > limit) {
            err().println("there are more: --after " + lastPlace);
        }
    }
}
