package io.hourledger.cli.event;

import io.hourledger.aggregator.recount.Receipt;
import io.hourledger.aggregator.recount.Receipt.AppliedAmendment;
import io.hourledger.aggregator.recount.Receipt.UsedHour;
import io.hourledger.aggregator.recount.Receipts;
import io.hourledger.aggregator.recount.Receipts.EventName;
import io.hourledger.aggregator.recount.Receipts.Search;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.cli.ledger.UsageLogPlace;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.standalone.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./metering event show}. */
@Command(
        name = "show",
        header = "Shows where a usage event counted, and who amended or voided it.",
        description = {"", "The last row holds for the event.", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it counted",
            "1:no such event counted in the hour of that time",
            "2:the command line is wrong",
            "3:it could not run",
            "4:nobody can say any more"
        },
        footer = {
            "",
            "Example: ./metering event show --subject i-1 --source /app --id e-1 --time 2026-11-30T10:00:01Z --data-dir data",
            "Next: ./metering ledger trace"
        })
final class EventShowCommand extends LedgerQuestion {

    @Mixin
    private EventNameOptions name = new EventNameOptions();

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        try (Kafka kafka = place.open(ledger)) {
            Receipts receipts = kafka.receipts();
            EventName event = new EventName(name.subject(), name.source(), name.id(), name.time());
            return switch (receipts.placeOf(event, kafka.countingRules())) {
                case Search.Found(int partition, long offset) -> show(receipts, partition, offset);
                case Search.NothingCounted() -> {
                    err().println("metering: no such event counted in the hour of that time");
                    yield ExitCode.DIFFERENT;
                }
                case Search.LogGone(String detail) -> {
                    err().println("metering: " + detail);
                    yield ExitCode.NOT_ALL;
                }
            };
        } catch (KafkaMissingException missing) {
            throw new IllegalStateException(missing.getMessage(), missing);
        }
    }

    private int show(Receipts receipts, int partition, long offset) {
        Receipt receipt = receipts.of(partition, offset).orElseThrow();
        if (!(receipt instanceof Receipt.Counted(UsedHour hour))) {
            err().println("metering: record " + partition + "/" + offset + " did not count");
            return ExitCode.DIFFERENT;
        }
        Output.Rows rows = output.rows(out(), "record", "revision", "what", "recorded_at", "who", "why");
        rows.add(
                partition + "/" + offset,
                hour.revision(),
                "counted, " + hour.status().word(),
                null,
                null,
                null);
        for (AppliedAmendment amendment : hour.amendments()) {
            rows.add(
                    partition + "/" + amendment.offset(),
                    amendment.revision(),
                    amendment.kind(),
                    amendment.recordedAt(),
                    amendment.decidedBy(),
                    amendment.why());
        }
        rows.end();
        return ExitCode.OK;
    }
}
