package io.hourledger.cli.ledger;

import io.hourledger.aggregator.recount.HourRecount;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.seal.FileSeals;
import io.hourledger.ledger.seal.LedgerVerifier;
import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.seal.SealKey;
import io.hourledger.ledger.seal.UnsealedEvents;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.SnapshotStore;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering ledger verify}. */
@Command(
        name = "verify",
        header = "Whether the ledger is what was written and what the usage log says.",
        description = {
            "",
            "equation  metered + credits = reported + in flight + unknown + withheld + refused + disputed + written"
                    + " off + carried, for each instance",
            "queue     each record on its way against the outbox, the pusher's queue and the shadow: it waits in one of"
                    + " them, and what waits is on its way",
            "states    the kept state of each instance, on which decisions rest, against the fold of its events",
            "events    each event against its keyed digest and its place, the whole ledger against the seals on"
                    + " Kafka's topic; names what is not sealed yet",
            "log       every closed hour counted again from the usage log, the cutoffs and the version of the"
                    + " catalogue it was counted with",
            "",
            "What differs and what could not be checked is listed as it is found; nothing that was not checked passes"
                    + " for equal.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all that was asked for was checked, and all fits",
            "1:something differs",
            "2:the command line is wrong",
            "3:it could not run",
            "4:nothing differs, but something could not be checked: no key, no seals, the log is gone,"
                    + " or events of an instance wait (./metering ledger dead-letters list)"
        },
        footer = {"", "Example: ./metering ledger verify --data-dir data --month 2026-11"})
final class VerifyCommand extends LedgerQuestion {

    private static final int NAMED_UNSEALED = 20;

    /** A finding that begins with the name of an event. */
    private static final Pattern OF_AN_EVENT = Pattern.compile("(\\S+ event \\d+ \\([^)]*\\)): (.*)", Pattern.DOTALL);

    /** What can be checked. */
    enum Check {
        equation,
        queue,
        states,
        events,
        log
    }

    @Option(
            names = "--only",
            paramLabel = "CHECK",
            split = ",",
            description = "of ${COMPLETION-CANDIDATES}; may be given often (default: all)")
    private Set<Check> only = EnumSet.allOf(Check.class);

    @Option(
            names = "--hour",
            paramLabel = "TIME",
            description = "count only this hour again, such as 2026-11-24T14:00:00Z")
    private @Nullable Instant hour;

    @Option(names = "--month", paramLabel = "YYYY-MM", description = "count only hours of this month (UTC) again")
    private @Nullable YearMonth month;

    @Option(names = "--partition", paramLabel = "N", description = "count only hours of this partition again")
    private @Nullable Integer partition;

    @Option(
            names = "--seals",
            paramLabel = "FILE",
            description = "the seals from a file, one a line, instead of those on Kafka's topic")
    private @Nullable Path sealsFile;

    @Option(
            names = "--seals-topic",
            paramLabel = "TOPIC",
            description = "the topic of the seals (default: ledger-seals)")
    private @Nullable String sealsTopic;

    @Mixin
    private SealKeyOption sealKey = new SealKeyOption();

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    private final List<String> summary = new ArrayList<>();

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        LogCheck.Scope scope = scope();
        Output.Rows rows = output.rows(out(), "check", "result", "about", "detail");
        Findings findings = new Findings(rows);
        ProgressLine progress = new ProgressLine(err());
        try {
            check(Check.equation, findings, () -> checkEquations(ledger, findings, progress));
            check(Check.queue, findings, () -> checkQueue(ledger, findings));
            check(Check.states, findings, () -> checkStates(ledger, findings, progress));
            boolean kafkaIsNeeded = only.contains(Check.log) || (only.contains(Check.events) && sealsFile == null);
            if (kafkaIsNeeded) {
                try (Kafka kafka = place.open(ledger)) {
                    checkWith(kafka, null, ledger, scope, findings, progress);
                } catch (KafkaMissingException missing) {
                    checkWith(null, String.valueOf(missing.getMessage()), ledger, scope, findings, progress);
                }
            } else {
                checkWith(null, "", ledger, scope, findings, progress);
            }
        } finally {
            rows.end();
            progress.end();
        }
        summary.forEach(err()::println);
        err().printf("%,d differ, %,d could not be checked%n", findings.differing(), findings.unchecked());
        return findings.exitCode();
    }

    private LogCheck.Scope scope() {
        if (hour != null && month != null) {
            throw wrong("--hour and --month exclude each other");
        }
        if (month != null) {
            return new LogCheck.Scope(partition, start(month), start(month.plusMonths(1)));
        }
        if (hour != null) {
            UsageHour one = UsageHour.of(hour);
            return new LogCheck.Scope(partition, one.start(), one.end());
        }
        return new LogCheck.Scope(partition, null, null);
    }

    private static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private void checkWith(
            @Nullable Kafka kafka,
            @Nullable String noKafka,
            LedgerDatabase.Open ledger,
            LogCheck.Scope scope,
            Findings findings,
            ProgressLine progress) {
        check(Check.events, findings, () -> checkEvents(kafka, noKafka, ledger, findings, progress));
        check(Check.log, findings, () -> {
            if (kafka == null) {
                findings.notChecked("log", "all hours", String.valueOf(noKafka));
            } else {
                checkLog(kafka, ledger, scope, findings, progress);
            }
        });
    }

    /** What one check stumbles over, such as an event that nobody can read any more, must not hide what the others find. */
    private void check(Check which, Findings findings, Runnable work) {
        if (!only.contains(which)) {
            return;
        }
        try {
            work.run();
        } catch (RuntimeException stumbled) {
            findings.notChecked(which.name(), "what is left of it", reason(stumbled));
        }
    }

    private void checkEquations(LedgerDatabase.Open ledger, Findings findings, ProgressLine progress) {
        long checked = new EquationCheck(ledger, findings, progress).check();
        summary.add(String.format("equation: %,d instances", checked));
    }

    private void checkQueue(LedgerDatabase.Open ledger, Findings findings) {
        QueueCheck queue = new QueueCheck(ledger.jdbc());
        UpToDate.awaitShown(ledger);
        IncompleteAnswer.of(ledger, null, null).notChecked(findings, "queue");
        long waiting = queue.waiting();
        queue.waitingNowhere()
                .forEach(record -> findings.differs(
                        "queue",
                        record.name(),
                        "it is issued and without an outcome, and waits neither in the outbox nor on the queue: nobody"
                                + " will send it. See docs/restore.md"));
        queue.waitingInVain(() -> UpToDate.awaitShown(ledger))
                .forEach(record -> findings.differs(
                        "queue", record.name(), "it has an outcome and waits to be sent all the same: hold pushing"));
        summary.add(String.format("queue: %,d records wait to be sent", waiting));
    }

    private void checkStates(LedgerDatabase.Open ledger, Findings findings, ProgressLine progress) {
        long all =
                Objects.requireNonNull(ledger.jdbc().queryForObject("select count(*) from ledger.event", Long.class));
        long instances = new SnapshotStore(ledger.jdbc(), ledger.transactions())
                .compare(
                        (instance, difference) -> findings.differs("states", "instance " + instance, difference),
                        events -> progress.show("events folded into states", events, all));
        summary.add(String.format("states: those of %,d instances folded again from the events", instances));
    }

    private void checkEvents(
            @Nullable Kafka kafka,
            @Nullable String noKafka,
            LedgerDatabase.Open ledger,
            Findings findings,
            ProgressLine progress) {
        String key = place.settings.digestKey(ledger.stack());
        if (key == null) {
            findings.notChecked(
                    "events", "all events", "the key of the digests is not known; give it as --digest-key KEY");
            return;
        }
        List<Seal> seals = seals(kafka, noKafka, findings);
        long all =
                Objects.requireNonNull(ledger.jdbc().queryForObject("select count(*) from ledger.event", Long.class));
        LedgerVerifier.Report report = new LedgerVerifier(ledger.jdbc(), ledger.transactions(), new EventDigests(key))
                .verify(
                        seals,
                        signatureKey(ledger, seals, findings),
                        events -> progress.show("events against their digests", events, all));
        report.findings().forEach(finding -> {
            Matcher ofEvent = OF_AN_EVENT.matcher(finding);
            boolean names = ofEvent.matches();
            findings.differs("events", names ? ofEvent.group(1) : "all events", names ? ofEvent.group(2) : finding);
        });
        if (report.withoutDigest() > 0) {
            findings.notChecked(
                    "events",
                    report.withoutDigest() + " events",
                    "they have no digest: they were kept before the ledger had a key");
        }
        if (!seals.isEmpty()) {
            nameUnsealed(ledger, report, seals, findings);
        }
        summary.add(String.format(
                "events: %,d events, %,d seals, %,d events not sealed yet",
                report.events(), seals.size(), report.notSealedYet()));
    }

    /** Null if signatures cannot be checked. */
    private @Nullable SealKey signatureKey(LedgerDatabase.Open ledger, List<Seal> seals, Findings findings) {
        SealKey key = sealKey.of(ledger, place.settings);
        if (key == null) {
            if (seals.stream().anyMatch(seal -> seal.signature() != null)) {
                findings.notChecked(
                        "events", "the signatures of the seals", "the key is not known; give it as --public-key KEY");
            }
        } else if (!seals.isEmpty() && seals.stream().noneMatch(key::hasSigned)) {
            findings.notChecked("events", "the signatures of the seals", "no seal is signed by the key");
        }
        return key;
    }

    private List<Seal> seals(@Nullable Kafka kafka, @Nullable String noKafka, Findings findings) {
        if (sealsFile != null) {
            List<Seal> seals = new FileSeals(sealsFile).all();
            if (seals.isEmpty()) {
                findings.notChecked("events", "the seals", "there are none in " + sealsFile);
            }
            return seals;
        }
        if (kafka == null) {
            findings.notChecked("events", "the seals", String.valueOf(noKafka));
            return List.of();
        }
        try {
            List<Seal> seals = kafka.seals(sealsTopic);
            if (seals.isEmpty()) {
                findings.notChecked("events", "the seals", "there are none on topic " + kafka.sealsTopic(sealsTopic));
            }
            return seals;
        } catch (KafkaException noAnswer) {
            findings.notChecked("events", "the seals", "Kafka did not hand them over: " + noAnswer.getMessage());
            return List.of();
        }
    }

    private static void nameUnsealed(
            LedgerDatabase.Open ledger, LedgerVerifier.Report report, List<Seal> seals, Findings findings) {
        if (report.notSealedYet() == 0 || !report.sound()) {
            return;
        }
        Seal last = seals.get(seals.size() - 1);
        List<String> names = new UnsealedEvents(ledger.jdbc()).first(last.eventCount(), NAMED_UNSEALED);
        names.forEach(name -> findings.note("events", name, "not sealed yet"));
        if (report.notSealedYet() > names.size()) {
            findings.note("events", (report.notSealedYet() - names.size()) + " more events", "not sealed yet");
        }
    }

    private void checkLog(
            Kafka kafka, LedgerDatabase.Open ledger, LogCheck.Scope scope, Findings findings, ProgressLine progress) {
        SortedMap<Integer, HourRecount> recounts;
        try {
            recounts = kafka.recounts(ledger.dataSource());
        } catch (RuntimeException unusable) {
            findings.notChecked("log", "all hours", reason(unusable));
            return;
        }
        if (recounts.isEmpty()) {
            findings.notChecked("log", "all hours", "no catalogue is at hand; give each version as --catalogue FILE");
            return;
        }
        LogCheck check = new LogCheck(ledger, recounts, scope, findings, progress);
        check.run();
        summary.add("log: " + check.summary());
    }

    /** The settings say themselves how to mend them; the binder wraps that. */
    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
