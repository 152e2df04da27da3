package io.hourledger.standalone.ledger;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.instance.InstanceState;
import io.hourledger.ledger.instance.Totals;
import io.hourledger.ledger.statement.InstanceTimeline;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.standalone.ExitCode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering ledger show}. */
@Command(name = "show", description = "The history of an instance, and what it was at a moment.")
final class ShowCommand extends LedgerQuestion {

    @Parameters(paramLabel = "INSTANCE", description = "its id")
    private String instance = "";

    @Option(
            names = "--as-of",
            paramLabel = "TIME",
            description = "business time in ISO 8601, such as 2026-11-24T14:00:00Z")
    private @Nullable Instant asOf;

    @Override
    int answer(LedgerDatabase.Open ledger) {
        InstanceTimeline.Shown shown = new InstanceTimeline(ledger.jdbc(), ledger.transactions(), new EventJson())
                .show(new InstanceId(instance), asOf);
        InstanceState state = shown.state();
        if (state == null) {
            err().println("metering: there was no instance " + instance);
            return ExitCode.DIFFERENT;
        }
        Output.Rows rows = output.rows(out(), "sequence_number", "at", "event", "content");
        shown.entries().forEach(entry -> rows.add(entry.sequenceNumber(), entry.at(), entry.type(), entry.payload()));
        rows.end();
        Totals totals = state.totals();
        err().printf(
                        "product %s of order %s, buyer %s, opened %s, %s%n",
                        state.origin().productId(),
                        state.origin().orderId(),
                        state.origin().buyerId(),
                        state.life().openedAt(),
                        state.life().releasedAt() == null
                                ? "alive"
                                : "released " + state.life().releasedAt());
        err().println("metered " + totals.metered().toPlainString() + ", credits "
                + totals.credits().toPlainString() + ": " + totals.accounts());
        return ExitCode.OK;
    }
}
