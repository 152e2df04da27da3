package io.hourledger.cli.quarantine;

import io.hourledger.aggregator.postgres.PostgresPartitionPositions;
import io.hourledger.aggregator.postgres.PostgresQuarantine;
import io.hourledger.aggregator.quarantine.QuarantineEntry;
import io.hourledger.aggregator.quarantine.ResendQuarantined;
import io.hourledger.aggregator.quarantine.ResendQuarantined.Outcome;
import io.hourledger.aggregator.run.KafkaUsageLogWriter;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.Output;
import io.hourledger.cli.ledger.Person;
import io.hourledger.cli.ledger.UsageLogPlace;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.UsageEventReader;
import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering quarantine resend}. */
@Command(
        name = "resend",
        header = "Appends events in quarantine to the usage log again, so that they are counted by the usual rules.",
        description = {
            "",
            "Each goes to the partition of its subject, with headers that say where it comes from, who sent it and"
                    + " why. Nothing is counted by hand: an event that counted already stays counted once, however often"
                    + " it is sent. What could not count anyway is refused with the reason.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all were resent",
            "1:some were not: refused, decided before, or not in quarantine; it says which",
            "2:the command line is wrong",
            "3:it could not run; an event may have been sent then: resend it, it counts once",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Examples: ./metering quarantine resend 2/1041 --data-dir data --who li.wei --why \"sent to the wrong"
                    + " partition\" --yes",
            "          ./metering quarantine resend 2/1042 --event mended.json --data-dir data --who li.wei --why"
                    + " \"unit was missing\" --yes",
            "          ./metering quarantine resend --reason wrong-partition --data-dir data --who li.wei --why \"old"
                    + " client\" --yes",
            "Next: ./metering quarantine list"
        })
final class QuarantineResendCommand extends DecisionOnQuarantined {

    @Option(
            names = "--event",
            paramLabel = "FILE",
            description = "the event with what was wrong put right; of one record only")
    private @Nullable Path event;

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    private int resent;
    private int notResent;

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        if (event != null && !isOne()) {
            throw wrong("--event is for one record, named by PARTITION/OFFSET");
        }
        DecidedBy by = person.decidedBy();
        byte[] mended = mended();
        List<QuarantineEntry> meant = meant(ledger);
        Instant now = Person.now(ledger);
        Output.Rows rows = output.rows(out(), "record", "outcome", "detail");
        try (Kafka kafka = place.open(ledger);
                KafkaUsageLogWriter writer = new KafkaUsageLogWriter(kafka.log())) {
            PostgresPartitionPositions positions = new PostgresPartitionPositions(ledger.dataSource());
            ResendQuarantined resending = new ResendQuarantined(
                    new PostgresQuarantine(ledger.dataSource()),
                    new UsageEventReader(kafka.catalogues()),
                    writer,
                    new ResendQuarantined.Log(kafka.partitions(), positions::acceptsFrom, kafka.acceptedAhead()));
            for (QuarantineEntry entry : meant) {
                Outcome outcome =
                        person.means() ? resending.send(entry, mended, by, now) : resending.plan(entry, mended, now);
                show(rows, entry, outcome);
            }
        } catch (KafkaMissingException missing) {
            throw new IllegalStateException(missing.getMessage(), missing);
        } finally {
            rows.end();
        }
        if (meant.isEmpty() || isAnyMissing() || notResent > 0) {
            err().printf("%,d resent, %,d not%n", resent, notResent);
            return ExitCode.DIFFERENT;
        }
        if (!person.means()) {
            err().println("nothing has happened yet: this would; give --yes to resend");
            return ExitCode.NOT_ALL;
        }
        err().printf("%,d resent; the aggregator counts them by its rules within a second or so%n", resent);
        return ExitCode.OK;
    }

    private byte @Nullable [] mended() {
        if (event == null) {
            return null;
        }
        try {
            return Files.readAllBytes(event);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the event " + event + " cannot be read", unreadable);
        }
    }

    private void show(Output.Rows rows, QuarantineEntry entry, Outcome outcome) {
        switch (outcome) {
            case Outcome.Sendable sendable ->
                rows.add(entry.place(), "would be resent", "to partition " + sendable.partition());
            case Outcome.Sent sent -> {
                resent++;
                rows.add(entry.place(), "resent", "as " + sent.place());
            }
            case Outcome.Decided decided -> {
                notResent++;
                rows.add(entry.place(), "decided before", decided.decision().sentence());
            }
            case Outcome.Refused refused -> {
                notResent++;
                rows.add(entry.place(), "refused", refused.sentence());
            }
        }
    }
}
