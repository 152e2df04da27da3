package io.hourledger.standalone.ledger;

import io.hourledger.ledger.projection.LedgerReplay;
import io.hourledger.standalone.ExitCode;
import java.util.Objects;
import picocli.CommandLine.Command;

/** {@code ./metering ledger replay}. */
@Command(
        name = "replay",
        header = "Makes every projection again from the events, and compares.",
        description = {
            "",
            "Makes every projection again from the first event, beside the live ones, compares them and swaps. The house goes on meanwhile.",
            "Exits with 1 if the live ones differed from those made anew; the new ones are live then.",
            ""
        },
        footer = {"", "Example: ./metering ledger replay --data-dir data"})
final class ReplayCommand extends LedgerQuestion {

    @Override
    int answer(LedgerDatabase.Open ledger) {
        long all =
                Objects.requireNonNull(ledger.jdbc().queryForObject("select count(*) from ledger.event", Long.class));
        long start = System.nanoTime();
        ProgressLine progress = new ProgressLine(err());
        LedgerReplay.Outcome outcome = new LedgerReplay(ledger.jdbc(), ledger.transactions())
                .run(events -> progress.show("events replayed", events, all));
        progress.end();
        double seconds = (System.nanoTime() - start) / 1e9;
        err().printf("%,d events in %.1f s, %,.0f a second%n", outcome.events(), seconds, outcome.events() / seconds);
        Output.Rows rows = output.rows(out(), "difference");
        outcome.differences().forEach(rows::add);
        rows.end();
        return outcome.differences().isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
    }
}
