package io.hourledger.cli.marketplace;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.pusher.files.ImportedFiles;
import io.hourledger.pusher.files.ImportedFiles.ImportedFile;
import io.hourledger.standalone.ExitCode;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering marketplace files}. */
@Command(
        name = "files",
        header = "Which files were compared with the ledger, by whom, and what was left to look at; the newest first.",
        footer = {"", "Example: ./metering marketplace files --data-dir data"})
final class ImportedFilesCommand extends LedgerQuestion {

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "files at most (default: 100)")
    private int limit;

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        List<ImportedFile> files = new ImportedFiles(JdbcClient.create(ledger.dataSource())).newest(limit);
        Output.Rows rows = output.rows(
                out(),
                "imported_at",
                "kind",
                "month",
                "listed",
                "same",
                "decided",
                "differing",
                "amount_difference",
                "who",
                "why",
                "sha256");
        for (ImportedFile file : files) {
            rows.add(
                    file.at(),
                    file.kind(),
                    file.month(),
                    file.tally().listed(),
                    file.tally().same(),
                    file.tally().decided(),
                    file.tally().differing(),
                    file.tally().difference(),
                    file.by().who(),
                    file.by().why(),
                    file.digest());
        }
        rows.end();
        return ExitCode.OK;
    }
}
