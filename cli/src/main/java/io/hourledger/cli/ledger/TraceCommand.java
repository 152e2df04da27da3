package io.hourledger.cli.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.recount.HourRecount;
import io.hourledger.aggregator.recount.RawEvent;
import io.hourledger.aggregator.recount.Recount;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.statement.MeteredHours;
import io.hourledger.ledger.statement.RecordTrace;
import io.hourledger.ledger.statement.RecordTrace.Source;
import io.hourledger.standalone.ExitCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering ledger trace}. */
@Command(
        name = "trace",
        header = "From a usage record to the hours that made it, to the offsets of the usage log, to the events"
                + " themselves.",
        description = {
            "",
            "One row for each event as Kafka keeps it, in the order of the log: the hour, where it lies, its source"
                    + " and id, when it happened and when it was received, what it is in the meter's unit, and whether it"
                    + " counts or repeats one that does. One that amends or voids another says who did and why. Its own event"
                    + " stands there as it was sent. Before anything is shown the hour is counted again: the events"
                    + " that count come to exactly what the ledger has.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every event was shown",
            "1:there is no such record, the ledger has no hour for it, or the log says something else than the ledger",
            "2:the command line is wrong",
            "3:it could not run",
            "4:not all is shown: Kafka no longer keeps the events or does not answer, or there are too many hours"
        },
        footer = {
            "",
            "Example: ./metering ledger trace --data-dir data 3f0c66f1… --format csv",
            "         ./metering ledger trace --data-dir data 3f0c66f1… --offsets"
        })
final class TraceCommand extends LedgerQuestion {

    private static final String NOT_SHOWN = "not shown";

    private static final List<String> COLUMNS = List.of(
            "hour",
            "revision",
            "partition",
            "offset",
            "source",
            "event_id",
            "event_time",
            "received_at",
            "quantity",
            "counted");

    @Parameters(paramLabel = "METERING_SN", description = "the record's serial number")
    private String meteringSn = "";

    @Option(names = "--offsets", description = "only the hours and their offsets, one row an hour; needs no Kafka")
    private boolean offsetsOnly;

    @Option(
            names = "--all-hours",
            description =
                    "also the events of earlier hours, of which only a remainder below 0.0001 went into the record")
    private boolean allHours;

    @Option(names = "--raw", description = "a further column with each event as the app sent it")
    private boolean raw;

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        Optional<RecordTrace.Traced> found =
                new RecordTrace(ledger.jdbc(), ledger.transactions()).trace(new MeteringSn(meteringSn));
        if (found.isEmpty()) {
            err().println("metering: the ledger has no record " + meteringSn);
            return ExitCode.DIFFERENT;
        }
        RecordTrace.Traced record = found.get();
        err().printf(
                        "%s of buyer %s, meter %s: %s for %s to %s, %s%n",
                        record.instance().instanceId(),
                        record.instance().buyerId(),
                        record.instance().meter(),
                        record.record().amount().toPlainString(),
                        record.record().window().begin(),
                        record.record().window().end(),
                        record.record().state());
        if (offsetsOnly) {
            return offsets(record);
        }
        List<Source> wanted = record.sources().stream()
                .filter(source -> allHours || source.own())
                .toList();
        wanted.forEach(source -> err().printf(
                        "hour %s revision %d: %s in %,d events between offsets %d and %d of partition %d (%s)%n",
                        source.hour(),
                        source.revision(),
                        source.amount().toPlainString(),
                        source.eventCount(),
                        source.log().firstOffset(),
                        source.log().lastOffset(),
                        source.log().partition(),
                        gave(source)));
        int remainders = record.sources().size() - wanted.size();
        if (remainders > 0) {
            err().printf("%,d earlier hours gave a remainder below 0.0001; --all-hours shows them%n", remainders);
        }
        return events(ledger, record, wanted);
    }

    /** What the ledger itself cannot say of where the record comes from. */
    private int sayWhatIsMissing(Output.Rows rows, RecordTrace.Traced record) {
        int exit = ExitCode.OK;
        if (record.sources().stream().noneMatch(Source::own)) {
            missing(rows, record, "the ledger has no hour for it; run ./metering ledger verify and replay");
            exit = ExitCode.DIFFERENT;
        }
        if (allHours && record.moreSources()) {
            missing(rows, record, "there are more hours than are listed; the earliest are left out");
            exit = worse(exit, ExitCode.NOT_ALL);
        }
        return exit;
    }

    private static String gave(Source source) {
        return source.own() ? "its amount" : "what it left over";
    }

    private int offsets(RecordTrace.Traced record) {
        Output.Rows rows = output.rows(
                out(),
                "hour",
                "revision",
                "metered",
                "events",
                "partition",
                "first_offset",
                "last_offset",
                "catalogue_version",
                "gave");
        record.sources()
                .forEach(source -> rows.add(
                        source.hour(),
                        source.revision(),
                        source.amount(),
                        source.eventCount(),
                        source.log().partition(),
                        source.log().firstOffset(),
                        source.log().lastOffset(),
                        source.catalogueVersion(),
                        gave(source)));
        rows.end();
        if (record.sources().stream().noneMatch(Source::own)) {
            err().println("metering: the ledger has no hour for it; run ./metering ledger verify and replay");
            return ExitCode.DIFFERENT;
        }
        if (record.moreSources()) {
            err().println("there are more hours than are listed; the earliest are left out");
            return ExitCode.NOT_ALL;
        }
        return ExitCode.OK;
    }

    private int events(LedgerDatabase.Open ledger, RecordTrace.Traced record, List<Source> sources) {
        Output.Rows rows = raw ? output.rows(out(), columns("event")) : output.rows(out(), columns());
        int exit = sayWhatIsMissing(rows, record);
        int done = 0;
        try (Kafka kafka = place.open(ledger)) {
            SortedMap<Integer, HourRecount> recounts = kafka.recounts(ledger.dataSource());
            for (Source source : sources) {
                exit = worse(exit, eventsOf(ledger, record, source, recounts, rows));
                done++;
            }
        } catch (KafkaMissingException | StoreUnavailableException noAnswer) {
            sources.subList(done, sources.size())
                    .forEach(source -> notShown(rows, source, String.valueOf(noAnswer.getMessage())));
            exit = worse(exit, ExitCode.NOT_ALL);
        }
        rows.end();
        return exit;
    }

    private static String[] columns(String... further) {
        List<String> columns = new ArrayList<>(COLUMNS);
        columns.addAll(List.of(further));
        return columns.toArray(String[]::new);
    }

    private static int worse(int one, int other) {
        if (one == ExitCode.DIFFERENT || other == ExitCode.DIFFERENT) {
            return ExitCode.DIFFERENT;
        }
        return Math.max(one, other);
    }

    private int eventsOf(
            LedgerDatabase.Open ledger,
            RecordTrace.Traced record,
            Source source,
            SortedMap<Integer, HourRecount> recounts,
            Output.Rows rows) {
        Optional<HourMetered> metered = new MeteredHours(ledger.dataSource())
                .of(new InstanceId(record.instance().instanceId()), new UsageHour(source.hour()), source.revision());
        if (metered.isEmpty()) {
            notShown(rows, source, "the ledger's event for it is gone; run ./metering ledger verify");
            return ExitCode.DIFFERENT;
        }
        HourRecount recount = recounts.get(source.catalogueVersion());
        if (recount == null) {
            notShown(
                    rows,
                    source,
                    "version " + source.catalogueVersion()
                            + " of the catalogue is not at hand; give it as --catalogue FILE");
            return ExitCode.NOT_ALL;
        }
        Recount<Long> outcome = recount.trace(metered.get(), event -> show(rows, source, event));
        return switch (outcome) {
            case Recount.Counted<Long> _ -> ExitCode.OK;
            case Recount.Differs<Long>(String detail) -> {
                notShown(rows, source, "the log says something else than the ledger: " + detail);
                yield ExitCode.DIFFERENT;
            }
            case Recount.LogGone<Long>(String detail) -> {
                notShown(rows, source, "Kafka no longer keeps them: " + detail);
                yield ExitCode.NOT_ALL;
            }
            case Recount.NotOver<Long>(String detail) -> {
                notShown(rows, source, detail);
                yield ExitCode.NOT_ALL;
            }
            case Recount.NoRoom<Long>(String detail) -> {
                notShown(rows, source, detail);
                yield ExitCode.NOT_ALL;
            }
        };
    }

    private void show(Output.Rows rows, Source source, RawEvent event) {
        add(rows, source, event.offset(), event, roleOf(event), new String(event.bytes(), UTF_8));
    }

    private static String roleOf(RawEvent event) {
        UsageAmendment amendment = event.amendment();
        if (amendment == null) {
            return event.counted() ? "counted" : "duplicate";
        }
        return amendment.change().code() + " " + amendment.change().eventId() + " by " + amendment.decidedBy() + ": "
                + amendment.why();
    }

    /** A row instead of the events, so that an answer in a file never looks complete when it is not. */
    private void notShown(Output.Rows rows, Source source, String why) {
        add(rows, source, source.log().firstOffset(), null, NOT_SHOWN, "");
        err().println("the events of hour " + source.hour() + " are not shown: " + why);
    }

    /** Nothing is known of the record's hours, or not of all. */
    private void missing(Output.Rows rows, RecordTrace.Traced record, String why) {
        @Nullable Object[] row = new @Nullable Object[raw ? COLUMNS.size() + 1 : COLUMNS.size()];
        row[COLUMNS.indexOf("hour")] = record.hour();
        row[COLUMNS.indexOf("revision")] = record.revision();
        row[COLUMNS.indexOf("counted")] = NOT_SHOWN;
        rows.add(row);
        err().println("metering: " + why);
    }

    private void add(
            Output.Rows rows, Source source, long offset, @Nullable RawEvent event, String counted, String bytes) {
        @Nullable Object[] common = {
            source.hour(),
            source.revision(),
            source.log().partition(),
            offset,
            event == null ? null : event.source(),
            event == null ? null : event.id(),
            event == null ? null : event.at(),
            event == null ? null : event.recordedAt(),
            event == null ? null : event.quantity(),
            counted
        };
        if (raw) {
            @Nullable Object[] more = Arrays.copyOf(common, common.length + 1);
            more[common.length] = bytes;
            rows.add(more);
        } else {
            rows.add(common);
        }
    }
}
