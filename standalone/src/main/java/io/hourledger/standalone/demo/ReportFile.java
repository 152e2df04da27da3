package io.hourledger.standalone.demo;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.files.table.Cells;
import io.hourledger.standalone.file.CsvLine;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code OUT.csv}: one row for each usage record that the gallery accepted, by buyer, meter and begin (RFC 4180, LF). */
final class ReportFile {

    private static final String HEADER =
            "buyer,meter,instance_id,begin_time,end_time,usage_value,carried,metering_sn,state,reported_at";

    /**
     * One accepted record, with what the ledger knows of it.
     *
     * @param inLedger null if the ledger does not know it
     */
    record Row(String buyer, String meter, BilledRecord billed, @Nullable LedgerRecord inLedger) {}

    private static final Comparator<Row> ORDER = Comparator.comparing(Row::buyer)
            .thenComparing(Row::meter)
            .thenComparing(row -> row.billed().begin())
            .thenComparing(row -> row.billed().end());

    private ReportFile() {}

    static void write(Path file, List<Row> rows) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            out.write(HEADER);
            out.write('\n');
            for (Row row : rows.stream().sorted(ORDER).toList()) {
                out.write(line(row));
                out.write('\n');
            }
        }
    }

    private static String line(Row row) {
        LedgerRecord inLedger = row.inLedger;
        Instant reportedAt = inLedger == null ? null : inLedger.reportedAt();
        return String.join(
                ",",
                CsvLine.quoted(Cells.noFormula(row.buyer)),
                CsvLine.quoted(row.meter),
                CsvLine.quoted(row.billed.instanceId()),
                row.billed.begin().toString(),
                row.billed.end().toString(),
                BillableAmount.canonical(row.billed.amount()).toPlainString(),
                inLedger == null
                        ? ""
                        : BillableAmount.canonical(inLedger.carried()).toPlainString(),
                CsvLine.quoted(row.billed.meteringSn()),
                inLedger == null ? "unknown to the ledger" : CsvLine.quoted(inLedger.state()),
                reportedAt == null ? "" : reportedAt.toString());
    }
}
