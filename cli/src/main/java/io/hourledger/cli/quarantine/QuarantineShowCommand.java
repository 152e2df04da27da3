package io.hourledger.cli.quarantine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Partitioner;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.postgres.PostgresQuarantine;
import io.hourledger.aggregator.quarantine.EventNames;
import io.hourledger.aggregator.quarantine.LogPlace;
import io.hourledger.aggregator.quarantine.QuarantineEntry;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Decision;
import io.hourledger.aggregator.recount.Receipts;
import io.hourledger.aggregator.recount.Receipts.Search;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.cli.ledger.UsageLogPlace;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.standalone.ExitCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ./metering quarantine show}. */
@Command(
        name = "show",
        header = "One event in quarantine: the whole record, why it was not counted, what can be done.",
        description = {
            "",
            "Also says whether an event of the same subject, source and id has counted in its hour, and where it lies.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was shown",
            "1:it is not in quarantine",
            "2:the command line is wrong",
            "3:it could not run"
        },
        footer = {
            "",
            "Example: ./metering quarantine show 2/1041 --data-dir data",
            "Next: ./metering quarantine resend 2/1041 or ./metering quarantine write-off 2/1041"
        })
final class QuarantineShowCommand extends LedgerQuestion {

    @Parameters(paramLabel = "PARTITION/OFFSET", description = "where it lies in the usage log")
    private String record = "";

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        LogPlace wanted = LogPlace.of(record)
                .orElseThrow(() -> wrong("a record is named by PARTITION/OFFSET, and not by " + record));
        Optional<QuarantineEntry> found = new PostgresQuarantine(ledger.dataSource()).of(wanted);
        if (found.isEmpty()) {
            err().println("metering: " + wanted + " is not in quarantine");
            return ExitCode.DIFFERENT;
        }
        QuarantineEntry entry = found.get();
        EventNames names = entry.names();
        Output.Rows rows = output.rows(out(), "about", "value");
        rows.add("record", entry.place());
        rows.add("recorded", entry.recordedAt());
        rows.add(
                "reason",
                entry.reason() + ": " + entry.known().map(ReasonWords::meaning).orElse(ReasonWords.NEWER));
        rows.add("detail", entry.detail());
        rows.add("state", state(entry));
        rows.add("source", names.source());
        rows.add("instance", names.subject());
        rows.add("id", names.id());
        rows.add("time", names.time());
        rows.add("counted already", counted(ledger, entry));
        rows.add("what can be done", remedy(entry));
        rows.add("key", text(entry.key()));
        rows.add("value", text(entry.value()));
        rows.end();
        return ExitCode.OK;
    }

    private static String state(QuarantineEntry entry) {
        Decision decision = entry.decision();
        if (decision == null) {
            return "open";
        }
        return decision.isUnfinished() ? "open, " + decision.sentence() : decision.sentence();
    }

    private static String remedy(QuarantineEntry entry) {
        Decision decision = entry.decision();
        if (decision != null && !decision.isUnfinished()) {
            return "nothing more";
        }
        if (decision != null) {
            return "resend it again: it counts once, however often it is sent; or write it off";
        }
        return entry.known().map(ReasonWords::remedy).orElse("use the commands of the newer version");
    }

    private String counted(LedgerDatabase.Open ledger, QuarantineEntry entry) {
        String subject = entry.names().subject();
        if (entry.value() == null || subject == null) {
            return "nobody can say, since its names cannot be read";
        }
        byte[] bytes = subject.getBytes(UTF_8);
        try (Kafka kafka = place.open(ledger)) {
            int partition = Partitioner.partitionOf(bytes, 0, bytes.length, kafka.partitions());
            Receipts receipts = new Receipts(kafka.log(), kafka::catalogues, ledger.dataSource());
            return switch (receipts.countedOffset(partition, entry.value())) {
                case Search.Found(int of, long offset) ->
                    "yes, an event of the same names at " + new LogPlace(of, offset);
                case Search.NothingCounted() -> "no event of the same names in its hour";
                case Search.LogGone(String detail) -> "nobody can say: " + detail;
            };
        } catch (KafkaMissingException | StoreUnavailableException noAnswer) {
            return "not known: " + noAnswer.getMessage();
        }
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "none" : new String(bytes, UTF_8);
    }
}
