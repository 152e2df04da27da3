package io.hourledger.cli.ledger;

import io.hourledger.aggregator.lag.LagMonitor;
import io.hourledger.aggregator.lag.LagReport;
import io.hourledger.aggregator.lag.LagVerdict;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./metering lag}. */
@Command(
        name = "lag",
        header = "How far counting lags behind, and whether every hour will be reported in time.",
        description = {
            "",
            "Asks Kafka and PostgreSQL alone, all partitions, also while no aggregator runs. It looks twice, since a rate needs two looks.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every hour will be in time",
            "1:an hour is late or at risk, or it cannot be known",
            "2:the command line is wrong",
            "3:it could not run"
        },
        footer = {
            "",
            "Example: ./metering lag --data-dir data --watch",
            "         ./metering lag --database-url jdbc:postgresql://db/hourledger --bootstrap-servers kafka-1:9092"
        })
public final class LagCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private LedgerDatabase database = new LedgerDatabase();

    @Mixin
    private UsageLogPlace log = new UsageLogPlace();

    @Option(names = "--watch", description = "look again and again, until Ctrl-C")
    private boolean watch;

    @Option(
            names = "--interval",
            paramLabel = "SPAN",
            defaultValue = "PT2S",
            description = "between two looks, ISO 8601 (default: ${DEFAULT-VALUE})")
    private Duration interval = Duration.ofSeconds(2);

    @Option(
            names = "--looks",
            paramLabel = "N",
            defaultValue = "0",
            description = "with --watch: end after so many (default: ${DEFAULT-VALUE}, never)")
    private int looks;

    @Option(names = "--json", description = "one JSON object a look, as GET /lag answers")
    private boolean json;

    private final JsonMapper mapper = JsonMapper.shared();

    @Override
    public Integer call() {
        if (interval.isNegative() || interval.isZero()) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "--interval must be above zero, such as PT2S");
        }
        return database.use(this::answer);
    }

    private int answer(LedgerDatabase.Open ledger) {
        Clock clock = BusinessTimeOfStack.of(ledger.stack(), log.settings);
        try (Kafka kafka = log.open(ledger);
                LagMonitor monitor = kafka.lag(ledger.dataSource(), clock)) {
            return look(monitor).verdict() == LagVerdict.IN_TIME ? ExitCode.OK : ExitCode.DIFFERENT;
        } catch (KafkaMissingException missing) {
            PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
            err.println("metering: the lag is unknown: " + missing.getMessage());
            return ExitCode.DIFFERENT;
        }
    }

    private LagReport look(LagMonitor monitor) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        LagView view = new LagView(out);
        LagReport report = monitor.look();
        for (int look = 1; watch ? looks == 0 || look < looks : look < 2; look++) {
            if (watch) {
                show(view, out, report);
            }
            LockSupport.parkNanos(interval.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                return report;
            }
            report = monitor.look();
        }
        show(view, out, report);
        return report;
    }

    private void show(LagView view, PrintWriter out, LagReport report) {
        if (json) {
            out.println(mapper.writeValueAsString(report));
        } else if (watch) {
            view.draw(report);
        } else {
            view.print(report);
        }
        out.flush();
    }
}
