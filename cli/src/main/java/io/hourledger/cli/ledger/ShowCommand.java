package io.hourledger.cli.ledger;

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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./metering ledger show}. */
@Command(
        name = "show",
        header = "The history of an instance, and what it was at any past moment.",
        description = {
            "",
            "One row for each event, in order, with its business time (UTC), what it moved, who decided it and why"
                    + " where a person did, and all of its content. What the instance is, or was, follows on the error"
                    + " output.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was shown",
            "1:there is, or was then, no such instance",
            "2:the command line is wrong",
            "3:it could not run"
        },
        footer = {
            "",
            "Example: ./metering ledger show hwc-1 --data-dir data",
            "         ./metering ledger show hwc-1 --data-dir data --as-of 2026-11-24T14:00:00Z"
        })
final class ShowCommand extends LedgerQuestion {

    @Parameters(paramLabel = "INSTANCE", description = "its id")
    private String instance = "";

    @Option(
            names = "--as-of",
            paramLabel = "TIME",
            description = "business time in ISO 8601, such as 2026-11-24T14:00:00Z")
    private @Nullable Instant asOf;

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        InstanceTimeline.Shown shown = new InstanceTimeline(ledger.jdbc(), ledger.transactions(), new EventJson())
                .show(new InstanceId(instance), asOf);
        InstanceState state = shown.state();
        if (state == null) {
            err().println("metering: there " + (asOf == null ? "is" : "was at " + asOf) + " no instance " + instance);
            return ExitCode.DIFFERENT;
        }
        Output.Rows rows = output.rows(out(), "sequence_number", "at", "event", "who", "why", "content");
        JsonMapper json = new JsonMapper();
        shown.entries().forEach(entry -> {
            JsonNode content = json.readTree(entry.payload());
            rows.add(
                    entry.sequenceNumber(),
                    entry.at(),
                    entry.type(),
                    content.path("who").asString(null),
                    content.path("who").isString() ? content.path("why").asString(null) : null,
                    entry.payload());
        });
        rows.end();
        Totals totals = state.totals();
        err().printf(
                        "product %s of order %s, buyer %s, opened %s, %s%n",
                        state.origin().product().productId(),
                        state.origin().order().orderId(),
                        state.origin().buyerId(),
                        state.life().openedAt(),
                        state.life().releasedAt() == null
                                ? "alive"
                                : "released " + state.life().releasedAt());
        err().println("metered " + totals.metered().toPlainString() + ", credits "
                + totals.credits().toPlainString()
                + (totals.accounts().isEmpty() ? ", nothing in any account" : ": " + totals.accounts()));
        return ExitCode.OK;
    }
}
