package io.hourledger.cli.ledger;

import io.hourledger.embedded.DatabaseBackup;
import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering ledger backup}. */
@Command(
        name = "backup",
        description = {
            "Copies the whole PostgreSQL (ledger, aggregator, pusher) into a new folder while the stack goes on, with"
                    + " a SHA-256 of every file.",
            "The log of usage events, the seals and the topic of sent calls stay where they are, in Kafka; so do the"
                    + " keys (keys.properties): keep them apart from the backup.",
            "A PostgreSQL on another machine: use its own pg_basebackup; what to do after a restore of that,"
                    + " docs/restore.md says."
        })
final class BackupCommand extends LedgerQuestion {

    @Option(
            names = "--to",
            paramLabel = "FOLDER",
            required = true,
            description = "the folder to make; while it is being made its name ends in .partial")
    private Path to = Path.of("backup");

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        try {
            DatabaseBackup.Facts facts = DatabaseBackup.make(ledger.dataSource(), to);
            Output.Rows rows = output.rows(out(), "backup", "made_at", "files", "bytes", "start", "end");
            rows.add(
                    to.toAbsolutePath(),
                    facts.madeAt(),
                    facts.files(),
                    facts.bytes(),
                    facts.startPosition(),
                    facts.endPosition());
            rows.end();
            return ExitCode.OK;
        } catch (IOException notMade) {
            throw new UncheckedIOException(notMade.getMessage(), notMade);
        }
    }
}
