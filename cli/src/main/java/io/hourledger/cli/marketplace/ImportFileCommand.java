package io.hourledger.cli.marketplace;

import io.hourledger.cli.ledger.CliServiceSettings;
import io.hourledger.cli.ledger.DecidingLedger;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.cli.ledger.Person;
import io.hourledger.cli.ledger.SellerAccountOption;
import io.hourledger.cli.ledger.UpToDate;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.pusher.files.ComparedRecord;
import io.hourledger.pusher.files.FileColumn;
import io.hourledger.pusher.files.FileComparison;
import io.hourledger.pusher.files.FileDecision;
import io.hourledger.pusher.files.FileKind;
import io.hourledger.pusher.files.FileLayout;
import io.hourledger.pusher.files.FileTally;
import io.hourledger.pusher.files.Finding;
import io.hourledger.pusher.files.ImportedFiles;
import io.hourledger.pusher.files.ImportedFiles.ImportedFile;
import io.hourledger.pusher.files.ListedRow;
import io.hourledger.pusher.files.MarketplaceFile;
import io.hourledger.pusher.files.RowVerdict;
import io.hourledger.standalone.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering marketplace import}. */
@Command(
        name = "import",
        header = "Holds a file of the marketplace's seller console against the ledger, record by record.",
        description = {
            "",
            "rejected: records that the marketplace took and rejected later. With --yes those that count as reported are",
            "          disputed, and those of which nobody knew count as refused; then reissue them or write them off.",
            "          A duplicate (005, 010) is only noted: its first copy is billed.",
            "bill:     what was charged in --month. With --yes those of which nobody knew count as reported. What differs",
            "          is listed, from both sides, and a person looks.",
            "",
            "CSV or XLSX. A row without serial number and window counts for all of its instance's month. Nothing is decided",
            "about a row that differs. The same file may be given again: what was decided is decided once.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the ledger says the same, or was told",
            "1:something differs that a person must look at",
            "2:the command line is wrong",
            "3:it could not run",
            "4:the ledger could be told; it was only shown: give --yes"
        },
        footer = {
            "",
            "Examples: ./metering marketplace import rejected.csv --kind rejected --zone Asia/Shanghai --data-dir data \\",
            "            --who li.wei --why \"console, 30 November\" --yes",
            "          ./metering marketplace import bill.xlsx --kind bill --month 2026-11 --zone Asia/Shanghai \\",
            "            --column instance-id=\"Resource ID\" --column amount=Usage --who li.wei --why \"monthly close\"",
            "Next: ./metering ledger decide reissue|write-off METERING_SN, ./metering ledger trace METERING_SN"
        })
final class ImportFileCommand extends LedgerQuestion {

    private static final int EXAMPLES = 1000;

    @Parameters(paramLabel = "FILE", description = "as the console exported it")
    private Path file = Path.of("");

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            required = true,
            description = "what it lists: ${COMPLETION-CANDIDATES}")
    private Kind kind = Kind.rejected;

    @Option(names = "--month", paramLabel = "YYYY-MM", description = "of a bill: the month that it charges")
    private @Nullable YearMonth month;

    @Option(
            names = "--zone",
            paramLabel = "ZONE",
            description = "of times in the file that name none, and of the bill's month, such as Asia/Shanghai or UTC")
    private @Nullable ZoneId zone;

    @Mixin
    private SellerAccountOption account = new SellerAccountOption();

    @Option(
            names = "--column",
            paramLabel = "NAME=HEADER",
            description =
                    "what a column is headed: metering-sn, instance-id, begin, end, amount, code, reason (default:"
                            + " as in the marketplace's calls); may be given often")
    private Map<String, String> columns = new LinkedHashMap<>();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "" + EXAMPLES,
            description = "rows shown at most (default: " + EXAMPLES + "); all are compared")
    private int limit;

    @Mixin
    private Person person = new Person();

    @Mixin
    private CliServiceSettings settings = new CliServiceSettings();

    private final FileTally tally = new FileTally();
    private final List<Finding> shown = new ArrayList<>();
    private final List<Finding> decidable = new ArrayList<>();

    /** As the command line spells {@link FileKind}. */
    enum Kind {
        rejected,
        bill;

        FileKind kind() {
            return this == bill ? FileKind.BILL : FileKind.REJECTED;
        }
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        if (!Files.isReadable(file)) {
            throw new IllegalStateException("there is no file " + file + " that can be read");
        }
        String digest = MarketplaceFile.sha256(file);
        compare(ledger);
        if (!MarketplaceFile.sha256(file).equals(digest)) {
            throw new IllegalStateException("file " + file + " changed while it was read; nothing was decided");
        }
        show();
        if (person.means()) {
            decide(ledger, by, digest);
        }
        return told();
    }

    private void compare(LedgerDatabase.Open ledger) {
        MarketplaceFile read = new MarketplaceFile(file, layout());
        TransactionTemplate oneView = new TransactionTemplate(ledger.transactions());
        oneView.setReadOnly(true);
        oneView.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        oneView.executeWithoutResult(status -> {
            if (kind == Kind.rejected) {
                FileComparison.ofRejected(ledger.dataSource(), read, this::take);
            } else {
                FileComparison.ofBill(ledger.dataSource(), billedAccount(ledger), read, billed(), this::take);
            }
        });
    }

    private FileComparison.Month billed() {
        if (month == null || zone == null) {
            throw wrong("a bill needs --month, and --zone in whose clock that month begins");
        }
        return new FileComparison.Month(month, zone);
    }

    /** A bill is of one account: held against the records of all, it would lack those of the others. */
    private @Nullable String billedAccount(LedgerDatabase.Open ledger) {
        return account.namedOrOnly(ledger, "a bill");
    }

    private FileLayout layout() {
        Map<FileColumn, String> headers = new EnumMap<>(FileColumn.class);
        columns.forEach((name, header) ->
                headers.put(FileColumn.labelled(name).orElseThrow(() -> wrong("--column knows no " + name)), header));
        return new FileLayout(headers, zone);
    }

    private void take(Finding finding) {
        tally.add(finding);
        if (finding.verdict().remedy() == RowVerdict.Remedy.DECISION) {
            decidable.add(finding);
        }
        if (finding.verdict() != RowVerdict.SAME && shown.size() < limit) {
            shown.add(finding);
        }
    }

    private void show() {
        Output.Rows rows = output.rows(
                out(),
                "line",
                "verdict",
                "metering_sn",
                "instance_id",
                "begin_time",
                "end_time",
                "listed_amount",
                "ledger_amount",
                "ledger_state",
                "code",
                "detail");
        shown.forEach(finding -> add(rows, finding));
        rows.end();
        tally.byVerdict()
                .forEach((verdict, count) -> err().println(count + " " + verdict.label() + ": " + verdict.meaning()));
    }

    private static void add(Output.Rows rows, Finding finding) {
        ListedRow row = finding.row();
        ComparedRecord record = finding.record();
        var window = record == null ? row == null ? null : row.window() : record.window();
        rows.add(
                row == null ? null : row.line(),
                finding.verdict().label(),
                record == null ? row == null ? null : row.meteringSn() : record.meteringSn(),
                record == null ? row == null ? null : row.instanceId() : record.instanceId(),
                window == null ? null : window.begin(),
                window == null ? null : window.end(),
                row == null ? null : row.amount(),
                finding.ledgerAmount(),
                record == null ? null : record.state(),
                row == null ? null : row.code(),
                row == null ? null : row.unreadable() == null ? row.reason() : row.unreadable());
    }

    /** What was decided is written down with the file, also if a later row breaks it off. */
    private void decide(LedgerDatabase.Open ledger, DecidedBy by, String digest) {
        Instant at = Person.now(ledger);
        try {
            if (!decidable.isEmpty()) {
                decide(ledger, by, at);
            }
        } finally {
            new ImportedFiles(JdbcClient.create(ledger.dataSource()))
                    .add(new ImportedFile(
                            kind.kind().label(),
                            digest,
                            kind == Kind.bill ? month : null,
                            account.named(ledger),
                            tally.sum(),
                            by,
                            at));
        }
    }

    private void decide(LedgerDatabase.Open ledger, DecidedBy by, Instant at) {
        try (DecidingLedger deciding = DecidingLedger.open(ledger, settings)) {
            for (Finding finding : decidable) {
                InstanceCommand command = FileDecision.of(finding, by, at).orElseThrow();
                switch (deciding.decide(command)) {
                    case Decision.Done _ -> tally.decided();
                    case Decision.AlreadyDone _ -> tally.decidedBefore();
                    case Decision.Refused(String rule, String detail) -> refused(finding, rule + ": " + detail);
                    case Decision.UnknownInstance _ -> refused(finding, "the ledger has no such instance");
                }
            }
        }
        UpToDate.bring(ledger, err());
    }

    private void refused(Finding finding, String why) {
        tally.refused();
        err().println("line " + Objects.requireNonNull(finding.row()).line() + " is not decided: " + why);
    }

    private int told() {
        if (tally.sum().decided() > 0) {
            err().println("decided: " + tally.sum().decided());
        } else if (!decidable.isEmpty() && !person.means()) {
            err().println("nothing has happened yet: " + decidable.size()
                    + " would be decided; give --yes to decide so, and to keep that the file was compared");
        }
        if (tally.needsPerson()) {
            return ExitCode.DIFFERENT;
        }
        return decidable.isEmpty() || person.means() ? ExitCode.OK : ExitCode.NOT_ALL;
    }
}
