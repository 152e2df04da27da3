package io.hourledger.cli.ledger;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.push.Reconciliation;
import io.hourledger.pusher.push.Reconciliation.Verdict;
import io.hourledger.standalone.ExitCode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering ledger reconcile}. */
@Command(
        name = "reconcile",
        sortOptions = false,
        description = {
            "After the database was restored: what was sent by its later state, beside what the ledger has now; a"
                    + " person's word on what no machine can decide; and the end of the hold on pushing.",
            "Without --decide, --lift or --hold it only lists. How a record stands: equal (reported, and the ledger"
                    + " has the same: the pusher enters it by itself), differs (the ledger has another amount, window or"
                    + " package), missing (the ledger has no such record yet: wait until the hours are closed again),"
                    + " no-answer, refused, unknown (what came of the call), cannot-be-done (the ledger would not take it,"
                    + " see ledger_said); then entered, billed, goes-again, stays-refused, set-aside. new: issued for an"
                    + " hour from before the last call, and never sent by the later state: its instance may have been"
                    + " frozen, released or written off there.",
            "Decisions are carried out by the running pusher within seconds."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing is left to be put right, or what was asked is done",
            "1:records are left, or the hold stays",
            "2:the command line is wrong",
            "3:the database could not be asked"
        })
final class ReconcileCommand extends LedgerQuestion {

    private static final String NEW = "new";
    private static final String SEND = "send";

    private static final Map<String, Verdict> VERDICTS = Map.of(
            "billed", Verdict.BILLED,
            "not-billed", Verdict.NOT_BILLED,
            "refused", Verdict.REFUSED,
            "set-aside", Verdict.SET_ASIDE);

    @Option(
            names = "--decide",
            paramLabel = "VERDICT",
            description =
                    "billed: the marketplace has it as it was sent; it counts as reported with the ledger's amount,"
                            + " and if that differs the difference must be credited or written off; not-billed: it does"
                            + " not have it, the identical record goes again (only if the ledger has the same); refused:"
                            + " the marketplace refused it, and it does not go again; set-aside: never send it again, and"
                            + " leave it to a person (the only one for what is missing); send: of what is new, that it is"
                            + " sent")
    private @Nullable String verdict;

    @Option(
            names = "--record",
            paramLabel = "METERING_SN",
            description = "with --decide: of this record; may be given often")
    private List<String> records = new ArrayList<>();

    @Option(
            names = "--all",
            paramLabel = "STANDING",
            description = "with --decide: of all records that stand like this, such as differs or no-answer")
    private @Nullable String status;

    @Option(names = "--lift", description = "let pushing go on; refused while records are left")
    private boolean resume;

    @Option(names = "--hold", description = "hold pushing, such as after a restore with other tools")
    private boolean hold;

    @Option(names = "--who", paramLabel = "NAME", description = "who decides; needed with --decide, --lift and --hold")
    private @Nullable String who;

    @Option(names = "--why", paramLabel = "SENTENCE", description = "why; needed with --decide, --lift and --hold")
    private @Nullable String why;

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        Reconciliation reconciliation = new Reconciliation(JdbcClient.create(ledger.dataSource()), Clock.systemUTC());
        if ((verdict == null ? 0 : 1) + (resume ? 1 : 0) + (hold ? 1 : 0) > 1) {
            throw wrong("give one of --decide, --lift and --hold");
        }
        if (verdict != null) {
            return decide(reconciliation, verdict);
        }
        if (hold) {
            boolean now = reconciliation.hold(decidedBy(), null);
            err().println(now ? "Pushing is held." : "Pushing was held already; nothing was changed.");
            return ExitCode.OK;
        }
        return resume ? resume(reconciliation) : list(reconciliation);
    }

    private int decide(Reconciliation reconciliation, String word) {
        Verdict known = VERDICTS.get(word);
        if (known == null && !word.equals(SEND)) {
            throw wrong("--decide is " + word + "; it can be billed, not-billed, refused, set-aside or send");
        }
        if ((status == null) == records.isEmpty()) {
            throw wrong("say of which records: --record METERING_SN (once or more) or --all STANDING");
        }
        DecidedBy by = decidedBy();
        List<String> of = NEW.equals(status)
                ? newRecords(reconciliation)
                : status == null ? records : reconciliation.status(status);
        int decided = known == null ? 0 : reconciliation.decide(of, known, by);
        if (known == null || known == Verdict.SET_ASIDE) {
            decided += reconciliation.decideNew(of, known == null, by);
        }
        err().printf(Locale.ROOT, "%,d records decided; the pusher carries it out.%n", decided);
        if (decided < of.size()) {
            err().printf(
                            Locale.ROOT,
                            "%,d not: they are put right already, or %s cannot be said of them, since the ledger has"
                                    + " no such record or another than was sent.%n",
                            of.size() - decided,
                            word);
        }
        return decided > 0 && decided == of.size() ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    private static List<String> newRecords(Reconciliation reconciliation) {
        List<String> records = new ArrayList<>();
        reconciliation.newRecords(record -> records.add(record.meteringSn()));
        return records;
    }

    private int resume(Reconciliation reconciliation) {
        if (reconciliation.resume(decidedBy())) {
            err().println("Pushing goes on.");
            return ExitCode.OK;
        }
        long left = reconciliation.left();
        if (!reconciliation.isCompared()) {
            List<String> accounts = reconciliation.accountsNotCompared();
            err().println("Pushing stays held: the pusher"
                    + (accounts.isEmpty() ? "" : " of account " + String.join(", ", accounts))
                    + " has not compared yet what was sent. Start the stack and wait a moment.");
            return ExitCode.DIFFERENT;
        }
        err().println(
                        left == 0
                                ? "Pushing is not held."
                                : "Pushing stays held: " + left
                                        + " records are not put right yet. List them without --lift.");
        return left == 0 ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    private int list(Reconciliation reconciliation) {
        Output.Rows rows = output.rows(
                out(),
                "metering_sn",
                "instance",
                "begin",
                "end",
                "sent",
                "ledger",
                "outcome",
                "sent_at",
                "status",
                "ledger_said");
        Map<String, Integer> tally = new TreeMap<>();
        reconciliation.lines(line -> {
            Reconciliation.Sent sent = line.sent();
            tally.merge(line.status(), 1, Integer::sum);
            rows.add(
                    sent.meteringSn(),
                    sent.instanceId(),
                    sent.begin(),
                    sent.end(),
                    sent.amount(),
                    line.ledger() == null ? null : line.ledger().amount(),
                    line.outcome(),
                    sent.at(),
                    line.status(),
                    line.ledgerSaid());
        });
        reconciliation.newRecords(record -> {
            tally.merge(NEW, 1, Integer::sum);
            rows.add(
                    record.meteringSn(),
                    record.instanceId(),
                    record.begin(),
                    record.end(),
                    null,
                    null,
                    null,
                    null,
                    NEW,
                    null);
        });
        rows.end();
        reconciliation
                .open()
                .ifPresentOrElse(
                        held -> err().printf(
                                        "Held since %s by %s: %s%s%n",
                                        held.since(),
                                        held.who(),
                                        held.why(),
                                        held.backupAt() == null ? "" : " (backup of " + held.backupAt() + ")"),
                        () -> err().println("Pushing is not held."));
        err().printf(Locale.ROOT, "%s; %,d records left to be put right%n", tally, reconciliation.left());
        return reconciliation.left() == 0 ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    private DecidedBy decidedBy() {
        if (who == null || why == null || who.isBlank() || why.isBlank()) {
            throw wrong("say who decides and why: --who NAME --why SENTENCE");
        }
        return new DecidedBy(who, why);
    }
}
