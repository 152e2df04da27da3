package io.hourledger.cli.ledger;

import io.hourledger.ledger.projection.LedgerReplay;
import io.hourledger.ledger.store.SnapshotStore;
import io.hourledger.standalone.ExitCode;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering ledger replay}. */
@Command(
        name = "replay",
        header = "Makes every projection again from the events, and compares.",
        description = {
            "",
            "Makes every projection again from the first event, beside the live ones, compares them and swaps. The"
                    + " stack goes on meanwhile.",
            "Exits with 1 if the live ones differed from those made anew; the new ones are live then. Exits with 4 if"
                    + " an instance has an event that the projections cannot take: it is made up to that event.",
            "",
            "With --states the states that decisions rest on are folded again from the events as well, each that"
                    + " differs is named and mended. Read what ./metering ledger verify says first: a state may be the"
                    + " witness of an event that was removed.",
            ""
        },
        footer = {"", "Example: ./metering ledger replay --data-dir data"})
final class ReplayCommand extends LedgerQuestion {

    @Option(
            names = "--states",
            description = "also fold the kept state of every instance again, and mend those that differ")
    private boolean states;

    /** It makes them itself, also when they cannot catch up. */
    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        long all =
                Objects.requireNonNull(ledger.jdbc().queryForObject("select count(*) from ledger.event", Long.class));
        long start = System.nanoTime();
        ProgressLine progress = new ProgressLine(err());
        LedgerReplay.Outcome outcome = new LedgerReplay(ledger.jdbc(), ledger.transactions())
                .run(events -> progress.show("events replayed", events, all));
        progress.end();
        UpToDate.bring(ledger, err());
        double seconds = (System.nanoTime() - start) / 1e9;
        err().printf("%,d events in %.1f s, %,.0f a second%n", outcome.events(), seconds, outcome.events() / seconds);
        IncompleteAnswer incomplete = IncompleteAnswer.of(ledger, null, null);
        incomplete.tell(err());
        Output.Rows rows = output.rows(out(), "difference");
        outcome.differences().forEach(rows::add);
        boolean statesFit = !states || foldStates(ledger, rows, progress, all);
        rows.end();
        return incomplete.exitCode(outcome.differences().isEmpty() && statesFit ? ExitCode.OK : ExitCode.DIFFERENT);
    }

    private static boolean foldStates(
            LedgerDatabase.Open ledger, Output.Rows rows, ProgressLine progress, long allEvents) {
        SnapshotStore stored = new SnapshotStore(ledger.jdbc(), ledger.transactions());
        Map<String, String> differing = new TreeMap<>();
        stored.compare(
                (instance, difference) -> differing.merge(instance, difference, (one, more) -> one + "; " + more),
                events -> progress.show("events folded into states", events, allEvents));
        progress.end();
        differing.forEach((instance, difference) -> {
            String end;
            try {
                stored.foldAnew(instance);
                end = "mended";
            } catch (IllegalStateException cannot) {
                end = "not mended: " + cannot.getMessage();
            }
            rows.add("state of instance " + instance + ": " + difference + " (" + end + ")");
        });
        return differing.isEmpty();
    }
}
