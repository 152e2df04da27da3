package io.hourledger.cli.ledger;

import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.statement.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Checks the equation of each instance. One whose events wait for the projections is named as incomplete, and its equation says nothing. */
final class EquationCheck {

    private static final String CHECK = "equation";
    private static final int TURNS = 5;

    /** Instances that the tables of the equation leave out, though their first event has been shown. */
    private static final String WITHOUT_A_LINE =
            """
            select e.instance_id, i.instance_id is null as not_in_projections
            from ledger.event e
            cross join ledger.reader r
            left join ledger.instance i on i.instance_id = e.instance_id
            left join ledger.instance_snapshot s on s.instance_id = e.instance_id
            where e.sequence_number = 0 and r.name = ?
              and (e.transaction_id, e.position) <= (r.transaction_id, r.position)
              and (i.instance_id is null or s.instance_id is null)
            order by e.instance_id
            """;

    private final LedgerDatabase.Open ledger;
    private final Statement statement;
    private final Findings findings;
    private final ProgressLine progress;

    EquationCheck(LedgerDatabase.Open ledger, Findings findings, ProgressLine progress) {
        this.ledger = ledger;
        this.statement = new Statement(ledger.jdbc(), ledger.transactions());
        this.findings = findings;
        this.progress = progress;
    }

    /** How many were checked. */
    long check() {
        long all = Objects.requireNonNull(
                ledger.jdbc().queryForObject("select count(*) from ledger.instance", Long.class));
        long[] checked = {0};
        List<String> suspects = new ArrayList<>();
        UpToDate.awaitShown(ledger);
        statement.equations(Statement.Scope.ALL, equation -> {
            progress.show("equations of instances", ++checked[0], all);
            if (!equation.holds()) {
                suspects.add(equation.instance().instanceId());
            }
        });
        IncompleteAnswer incomplete = IncompleteAnswer.of(ledger, null, null);
        incomplete.notChecked(findings, CHECK);
        suspects.stream().filter(instance -> !incomplete.has(instance)).forEach(this::askAgain);
        nameThoseWithoutALine(incomplete);
        return checked[0];
    }

    private void nameThoseWithoutALine(IncompleteAnswer incomplete) {
        ledger.jdbc()
                .query(
                        WITHOUT_A_LINE,
                        row -> {
                            String instance = row.getString(1);
                            boolean notInProjections = row.getBoolean(2);
                            if (!notInProjections || !incomplete.has(instance)) {
                                findings.differs(
                                        CHECK,
                                        "instance " + instance,
                                        notInProjections
                                                ? "it was opened, and the projections do not have it: ./metering ledger"
                                                        + " replay makes them anew"
                                                : "it was opened, and no state of it is kept: ./metering ledger replay"
                                                        + " --states folds it anew");
                            }
                        },
                        LedgerProjections.READER);
    }

    /** The tables of a running stack are a moment behind its events: what does not hold then is asked for again. */
    private void askAgain(String instance) {
        List<String> off = new ArrayList<>();
        for (int turn = 0; turn < TURNS && (turn == 0 || !off.isEmpty()); turn++) {
            off.clear();
            UpToDate.awaitShown(ledger);
            statement.equations(new Statement.Scope(instance, null, null), equation -> {
                if (!equation.holds()) {
                    off.add(equation.difference().toPlainString());
                }
            });
        }
        off.forEach(difference -> findings.differs(CHECK, "instance " + instance, "off by " + difference));
    }
}
