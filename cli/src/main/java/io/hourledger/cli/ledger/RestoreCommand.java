package io.hourledger.cli.ledger;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.embedded.DatabaseBackup;
import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.ledger.installation.Installation;
import io.hourledger.pusher.PusherSchema;
import io.hourledger.pusher.push.Reconciliation;
import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.stack.DataDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./metering ledger restore}. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Checks a backup byte by byte, puts it into a stack's folder that has no database, starts PostgreSQL on it once, and holds pushing:"
                    + " the database knows less than the marketplace now.",
            "Overwrites nothing: move DIR/postgresql away first, and keep it. Kafka's folder and keys.properties must stay in DIR.",
            "Then start the stack, and lift the hold by ./metering ledger reconcile; docs/restore.md goes through it step by step."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:restored, and held", "2:the command line is wrong", "3:not restored; nothing was changed"})
final class RestoreCommand implements Callable<Integer> {

    private static final String DATABASE = "hourledger";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--from", paramLabel = "FOLDER", required = true, description = "the backup")
    private Path from = Path.of("backup");

    @Option(names = "--data-dir", paramLabel = "DIR", required = true, description = "the folder of the stack")
    private Path dataDir = Path.of("data");

    @Mixin
    private Decision by = new Decision();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws IOException {
        DecidedBy decided = by.decidedBy();
        try (DataDirectory stack = DataDirectory.open(dataDir)) {
            Path folder = stack.path().resolve("postgresql");
            AtomicLong events = new AtomicLong();
            DatabaseBackup.Facts facts =
                    DatabaseBackup.restore(from, folder, (files, made) -> events.set(hold(files, decided, made)));
            Output.Rows rows =
                    output.rows(spec().commandLine().getOut(), "restored", "as_of", "ledger_events", "pushing");
            rows.add(folder, facts.madeAt(), events.get(), "held");
            rows.end();
            spec().commandLine()
                    .getErr()
                    .println(
                            "Start the stack, wait until its hours are closed again, then: ./metering ledger reconcile --data-dir "
                                    + dataDir);
            return ExitCode.OK;
        }
    }

    /** In the restored database itself, before it is where a stack would start it. */
    private static long hold(Path folder, DecidedBy decided, DatabaseBackup.Facts facts) {
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder, 0, Durability.SAFE)) {
            DataSource database = server.dataSource(DATABASE);
            PusherSchema.migrate(database);
            Installation.forgetDraw(database);
            new Reconciliation(JdbcClient.create(database), Clock.systemUTC()).restored(decided, facts.madeAt());
            return Objects.requireNonNull(
                    new JdbcTemplate(database).queryForObject("select count(*) from ledger.event", Long.class));
        }
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }

    /** Who decides, and why. */
    static final class Decision {

        @Option(names = "--who", paramLabel = "NAME", required = true, description = "who decides this")
        private String who = "";

        @Option(
                names = "--why",
                paramLabel = "SENTENCE",
                required = true,
                description = "for those who read it in a year")
        private String why = "";

        DecidedBy decidedBy() {
            return new DecidedBy(who, why);
        }
    }
}
