package io.hourledger.standalone.up;

import io.hourledger.embedded.Durability;
import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.clock.ClockFile;
import io.hourledger.standalone.clock.DemoClock;
import io.hourledger.standalone.clock.HourSpeed;
import io.hourledger.standalone.stack.DataDirectory;
import io.hourledger.standalone.stack.LocalStack;
import io.hourledger.standalone.stack.LogFile;
import io.hourledger.standalone.stack.OrderlyStop;
import io.hourledger.standalone.stack.Service;
import io.hourledger.standalone.stack.StackOptions;
import io.hourledger.standalone.stack.StackSecrets;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./metering up}. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "All services on this machine: durable, with the real clock, until Ctrl-C.",
        description = {
            "",
            "Starts a Kafka broker, a PostgreSQL, ingest, aggregator, pusher and a stand-in for the marketplace in this process. Keys are"
                    + " drawn at the first start and kept beside the data.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it was stopped", "2:the command line is wrong", "3:it could not start"})
public final class UpCommand implements Callable<Integer> {

    private static final String DEMO_CATALOGUE = "classpath:io/hourledger/standalone/demo/catalogue.json";

    /** Faster than that, an hour would be over before it can be closed and reported. */
    private static final int MAX_SPEED = 600;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "${sys:metering.home:-.}/data",
            description = "Where broker, database and keys are kept (default: ${DEFAULT-VALUE}).")
    private Path dataDir = Path.of("data");

    @Option(
            names = "--catalogue",
            paramLabel = "FILE",
            description = "Meters and products as JSON. Without it, the two of the demo.")
    private @Nullable Path catalogue;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A setting of the README's configuration table; may be given often.")
    private Map<String, Object> settings = new LinkedHashMap<>();

    @Option(
            names = "--speed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "How many times faster than the machine's the clock runs, to try it out; a folder keeps its kind of clock (default:"
                            + " ${DEFAULT-VALUE}).")
    private int speed;

    @Override
    public Integer call() throws Exception {
        if (speed < 1 || speed > MAX_SPEED) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "--speed must lie between 1 and " + MAX_SPEED);
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Map<String, Object> told = new HashMap<>(settings);
        told.putIfAbsent("hourledger.catalogue", catalogue());
        try (DataDirectory folder = DataDirectory.open(dataDir)) {
            LogFile.use(folder.log());
            return run(folder, told, out);
        }
    }

    private Integer run(DataDirectory folder, Map<String, Object> told, PrintStream out) throws IOException {
        Path log = folder.log();
        try {
            return OrderlyStop.around(() -> stayUp(folder, told, out));
        } catch (InterruptedException stopped) {
            out.println("Stopped.");
            return ExitCode.OK;
        } catch (Exception failure) {
            LoggerFactory.getLogger(UpCommand.class).error("the stack could not start", failure);
            throw new IOException(failure.getMessage() + " (the log is " + log + ")", failure);
        }
    }

    /** A clock that ran ahead once stays ahead, so it must never be taken for the real one, which would go back. */
    private Clock clock(DataDirectory folder) {
        if (speed == 1) {
            return Clock.systemUTC();
        }
        ClockFile file = new ClockFile(folder.path().resolve("clock"));
        Instant machineNow = Clock.systemUTC().instant();
        Instant from =
                file.reserved().filter(stored -> stored.isAfter(machineNow)).orElse(machineNow);
        DemoClock clock = new DemoClock(from, HourSpeed.times(speed), file, System::nanoTime);
        clock.allowUpTo(Instant.MAX);
        clock.start();
        return clock;
    }

    private String catalogue() {
        if (catalogue == null) {
            return DEMO_CATALOGUE;
        }
        if (!Files.isReadable(catalogue)) {
            CommandSpec known = spec;
            String sentence = "the catalogue cannot be read: " + catalogue;
            throw known == null
                    ? new IllegalArgumentException(sentence)
                    : new ParameterException(known.commandLine(), sentence);
        }
        return catalogue.toUri().toString();
    }

    private Integer stayUp(DataDirectory folder, Map<String, Object> told, PrintStream out) throws Exception {
        folder.belongsTo(speed == 1 ? "the stack with the real clock" : "the stack with a clock that runs ahead");
        StackSecrets keys = StackSecrets.of(folder.path());
        StackOptions plan =
                new StackOptions(folder.path(), Durability.SAFE, clock(folder), keys, told, StackOptions.Ports.USUAL);
        try (LocalStack stack = LocalStack.start(plan)) {
            out.printf(
                    Locale.ROOT,
                    "Ready in %.1f s.%n%s%n",
                    ManagementFactory.getRuntimeMXBean().getUptime() / 1_000.0,
                    stack.addresses());
            out.printf(
                    Locale.ROOT,
                    "  send usage to %s/v1/usage-events with Authorization: Bearer %s; this key may use any source%n",
                    stack.uri(Service.INGEST),
                    keys.apiKey());
            out.printf(Locale.ROOT, "  operator token %s, data and log in %s%n", keys.operatorToken(), folder.path());
            out.printf(
                    Locale.ROOT, "  look at it: %s, and sign in with the operator token%n", stack.uri(Service.CONSOLE));
            out.printf("  try it: ./metering instance open --data-dir %s%n", folder.path());
            out.println("Ctrl-C stops everything in order.");
            new CountDownLatch(1).await();
            return ExitCode.OK;
        }
    }
}
