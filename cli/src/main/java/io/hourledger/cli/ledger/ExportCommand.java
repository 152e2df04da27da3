package io.hourledger.cli.ledger;

import io.hourledger.ledger.statement.UsageRecordReport;
import io.hourledger.standalone.ExitCode;
import picocli.CommandLine.Command;

/** {@code ./metering ledger export}. */
@Command(
        name = "export",
        header = "Every usage record with where it stands.",
        description = {
            "",
            "Sorted by buyer, meter and begin; times are UTC. With --format csv the same ledger gives the same bytes,"
                    + " also after a replay.",
            ""
        },
        footer = {"", "Example: ./metering ledger export --data-dir data --format csv > records.csv"})
final class ExportCommand extends LedgerQuestion {

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        Output.Rows rows = output.rows(
                out(),
                "buyer",
                "meter",
                "instance_id",
                "begin_time",
                "end_time",
                "usage_value",
                "carried",
                "metering_sn",
                "state",
                "reported_at");
        new UsageRecordReport(ledger.jdbc(), ledger.transactions())
                .forEach(row -> rows.add(
                        row.instance().buyerId(),
                        row.instance().meter(),
                        row.instance().instanceId(),
                        row.record().window().begin(),
                        row.record().window().end(),
                        row.record().amount(),
                        row.record().carried(),
                        row.record().meteringSn(),
                        row.record().state(),
                        row.record().reportedAt()));
        rows.end();
        return ExitCode.OK;
    }
}
