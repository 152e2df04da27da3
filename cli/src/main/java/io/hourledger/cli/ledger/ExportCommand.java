package io.hourledger.cli.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.files.export.RecordExport;
import io.hourledger.files.focus.FocusExport;
import io.hourledger.files.table.Column;
import io.hourledger.files.table.CsvTable;
import io.hourledger.files.table.FileForm;
import io.hourledger.files.table.JsonTable;
import io.hourledger.files.table.TableFile;
import io.hourledger.files.table.TableHead;
import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering ledger export}. */
@Command(
        name = "export",
        header = "Every usage record with where it stands.",
        description = {
            "",
            "Sorted by buyer, meter and begin; times are UTC. Rows and sums are of one moment, and no file is written"
                    + " whose rows do not come to the ledger's sums. The same ledger gives the same bytes of CSV, also"
                    + " after a replay. Its sums and notes stand in FILE.sums.csv, or on standard error if it is printed."
                    + " If events of an instance wait, its notes name it, and it exits with 4.",
            ""
        },
        footer = {
            "",
            "Example: ./metering ledger export --month 2026-11 --format xlsx --out november.xlsx",
            "         ./metering ledger export --format csv > records.csv",
            "         ./metering ledger export --month 2026-11 --focus 1.4 --account-id seller-1 --seller Example"
                    + " --service Gateway --prices prices.json --format parquet --out focus.parquet"
        })
final class ExportCommand extends LedgerSubcommand {

    /** The forms rows can have. */
    enum Format {
        table,
        csv,
        json,
        xlsx,
        parquet
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "${COMPLETION-CANDIDATES} (default: table); xlsx and parquet need --out")
    private Format format = Format.table;

    @Option(names = "--out", paramLabel = "FILE", description = "the file, replaced when it is whole (default: print)")
    private @Nullable Path file;

    @Option(names = "--month", paramLabel = "YYYY-MM", description = "only records of hours in this month (UTC)")
    private @Nullable YearMonth month;

    @Option(names = "--buyer", paramLabel = "ID", description = "only this buyer's records")
    private @Nullable String buyer;

    @Mixin
    private SellerAccountOption account = new SellerAccountOption();

    @Mixin
    private FocusOptions focus = new FocusOptions();

    /** Writes the rows of one kind of export. */
    private interface Rows {
        long write(RecordExport.Begin begin, LongConsumer progress);
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        Rows rows = focus.areGiven() ? charges(ledger) : records(ledger);
        ProgressLine progress = new ProgressLine(err());
        Path whole = file;
        IncompleteAnswer incomplete = IncompleteAnswer.of(ledger, null, buyer);
        if (whole == null) {
            rows.write(this::printed, count -> {});
            incomplete.tell(err());
            return incomplete.exitCode(ExitCode.OK);
        }
        if (format == Format.table) {
            throw wrong("a file is csv, json, xlsx or parquet; say which by --format");
        }
        FileForm form = FileForm.valueOf(format.name().toUpperCase(Locale.ROOT));
        TableHead[] begun = new TableHead[1];
        long[] written = {0};
        WholeFile.write(whole, out -> {
            written[0] = rows.write(
                    head -> {
                        begun[0] = head;
                        return form.begin(head, out);
                    },
                    count -> progress.show("records written", count, begun[0].rows()));
            if (format == Format.csv) {
                writeBeside(whole, begun[0]);
            }
        });
        progress.end();
        err().printf("%s has %,d records%n", whole, written[0]);
        incomplete.tell(err());
        return incomplete.exitCode(ExitCode.OK);
    }

    /** A CSV file has no place for sums and notes. */
    private void writeBeside(Path csv, TableHead head) {
        Path sums = csv.resolveSibling(csv.getFileName() + ".sums.csv");
        WholeFile.write(sums, out -> CsvTable.beside(head, new OutputStreamWriter(out, UTF_8)));
        err().println("its sums and notes are in " + sums);
    }

    private Rows records(LedgerDatabase.Open ledger) {
        RecordExport export = new RecordExport(ledger.jdbc(), ledger.transactions());
        RecordExport.Scope scope = new RecordExport.Scope(month, buyer, account.named(ledger));
        return (begin, progress) -> export.write(scope, begin, progress);
    }

    private Rows charges(LedgerDatabase.Open ledger) {
        YearMonth period = month;
        if (period == null || buyer != null) {
            throw wrong("--focus needs --month, and has all buyers");
        }
        focus.problem().ifPresent(problem -> {
            throw wrong(problem);
        });
        FocusExport export = focus.export(ledger);
        String ofAccount = account.namedOrOnly(ledger, "a FOCUS file");
        return (begin, progress) -> export.write(period, ofAccount, begin::file, progress);
    }

    private TableFile printed(TableHead head) throws IOException {
        return switch (format) {
            case table -> new PrintedTable(new Output().rows(out(), names(head)));
            case csv -> {
                CsvTable.beside(head, err());
                yield new CsvTable(head, out());
            }
            case json -> new JsonTable(head, out());
            case xlsx, parquet -> throw wrong(format + " is no text; name a file by --out");
        };
    }

    private static String[] names(TableHead head) {
        return head.columns().stream().map(Column::name).toArray(String[]::new);
    }

    private record PrintedTable(Output.Rows rows) implements TableFile {

        @Override
        public void add(List<? extends @Nullable Object> values) {
            rows.add(values.toArray());
        }

        @Override
        public void finish() {
            rows.end();
        }

        @Override
        public void close() {
            // printed rows have nothing to let go of
        }
    }
}
