package io.hourledger.standalone.up;

import io.hourledger.embedded.Durability;
import io.hourledger.standalone.ExitCode;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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

    @Override
    public Integer call() throws Exception {
        Path log = Files.createDirectories(dataDir).resolve("metering.log");
        LogFile.use(log);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Map<String, Object> told = new HashMap<>(settings);
        told.putIfAbsent("hourledger.catalogue", catalogue());
        try {
            return OrderlyStop.around(() -> stayUp(told, log, out));
        } catch (InterruptedException stopped) {
            out.println("Stopped.");
            return ExitCode.OK;
        } catch (Exception failure) {
            LoggerFactory.getLogger(UpCommand.class).error("the stack could not start", failure);
            throw new IOException(failure.getMessage() + " (the log is " + log + ")", failure);
        }
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

    private Integer stayUp(Map<String, Object> told, Path log, PrintStream out) throws Exception {
        try (DataDirectory folder = DataDirectory.open(dataDir)) {
            folder.belongsTo("the house with the real clock");
            StackSecrets keys = StackSecrets.of(folder.path());
            StackOptions plan = new StackOptions(
                    folder.path(), Durability.SAFE, Clock.systemUTC(), keys, told, StackOptions.Ports.USUAL);
            try (LocalStack stack = LocalStack.start(plan)) {
                out.printf(
                        Locale.ROOT,
                        "Ready in %.1f s.%n%s%n",
                        ManagementFactory.getRuntimeMXBean().getUptime() / 1_000.0,
                        stack.addresses());
                out.printf(
                        Locale.ROOT,
                        "  send usage to %s/v1/usage-events with Authorization: Bearer %s%n",
                        stack.uri(Service.INGEST),
                        keys.apiKey());
                out.printf(
                        Locale.ROOT,
                        "  operator token %s, data and log in %s%n",
                        keys.operatorToken(),
                        log.getParent());
                out.println("Ctrl-C stops everything in order.");
                new CountDownLatch(1).await();
                return ExitCode.OK;
            }
        }
    }
}
