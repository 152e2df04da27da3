package io.hourledger.cli.ledger;

import io.hourledger.aggregator.recount.HourRecount;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.seal.FileSeals;
import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.statement.MonthComparison;
import io.hourledger.ledger.statement.Statement;
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
            "With --month the equation gives way to a comparison of the month's amounts with the events of its hours."
                    + " Events are read from a seal before it to the end of the ledger. Queue and states are no matter of"
                    + " a month, and are named as not checked unless --only says what to check.",
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
            description =
                    "of ${COMPLETION-CANDIDATES}; may be given often (default: all; with --month equation, events, log)")
    private @Nullable Set<Check> only;

    @Option(
            names = "--hour",
            paramLabel = "TIME",
            description = "count only this hour again, such as 2026-11-24T14:00:00Z")
    private @Nullable Instant hour;

    @Option(
            names = "--month",
            paramLabel = "YYYY-MM",
            description =
                    "read only events behind a seal before this month, compare only amounts of its hours (UTC) and count"
                            + " only those again")
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
            nameLeftOut(findings);
            check(Check.equation, findings, () -> {
                if (month == null) {
                    checkEquations(ledger, findings, progress);
                } else {
                    checkAmounts(ledger, month, findings);
                }
            });
            check(Check.queue, findings, () -> checkQueue(ledger, findings));
            check(Check.states, findings, () -> checkStates(ledger, findings, progress));
            boolean kafkaIsNeeded =
                    asked().contains(Check.log) || (asked().contains(Check.events) && sealsFile == null);
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

    /** What is of whole lives, or of now, is no matter of a month, and costs more with every month. */
    private Set<Check> asked() {
        if (only != null) {
            return only;
        }
        return month == null ? EnumSet.allOf(Check.class) : EnumSet.of(Check.equation, Check.events, Check.log);
    }

    private void nameLeftOut(Findings findings) {
        if (only == null) {
            EnumSet.complementOf(EnumSet.copyOf(asked()))
                    .forEach(left -> findings.notChecked(
                            left.name(), "all", "a month's check leaves it out: ask for it with --only " + left));
        }
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
        EventCheck events = new EventCheck(ledger, place, sealKey, month, findings, progress);
        check(Check.events, findings, () -> events.run(() -> seals(kafka, noKafka, findings))
                .ifPresent(summary::add));
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
        if (!asked().contains(which)) {
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

    private void checkAmounts(LedgerDatabase.Open ledger, YearMonth ofMonth, Findings findings) {
        UpToDate.awaitShown(ledger);
        IncompleteAnswer incomplete = IncompleteAnswer.of(ledger, null, null);
        incomplete.notChecked(findings, Check.equation.name());
        long compared = new MonthComparison(ledger.jdbc(), ledger.transactions())
                .differences(new Statement.Scope(null, null, ofMonth), difference -> {
                    if (!incomplete.has(difference.instanceId())) {
                        findings.differs(Check.equation.name(), difference.about(), difference.detail());
                    }
                });
        summary.add(String.format("equation: the amounts of %,d hours compared with their events", compared));
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
