package io.hourledger.standalone.demo;

import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.stack.LogFile;
import io.hourledger.standalone.stack.StackOptions;
import io.hourledger.standalone.traffic.AccessLog;
import io.hourledger.standalone.traffic.GeneratedDay;
import io.hourledger.standalone.traffic.Traffic;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./metering demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header =
                "From a web server's access log to signed usage records in the marketplace, and a comparison of all three.",
        description = {
            "",
            "Starts a Kafka broker, a PostgreSQL, ingest, aggregator, pusher and a stand-in for the marketplace in this process. Each client"
                    + " address of the log is a buyer with two billing items: requests, and egress in MB. Business time runs fast, an"
                    + " hour in about five seconds, and never ahead of what was sent.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:log, ledger and gallery agree exactly and nothing is missing",
            "1:they do not",
            "2:the command line is wrong",
            "3:the demo could not run"
        },
        footer = {
            "",
            "Without --data-dir everything is thrown away at the end. With it, a demo that was killed goes on where it was when the same"
                    + " command is given again, and ends with the same report."
        })
public final class DemoCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--access-log",
            paramLabel = "FILE",
            description = "An access log in Apache's combined format. Without it a day of traffic is generated.")
    private @Nullable Path accessLog;

    @Option(
            names = "--report",
            paramLabel = "OUT.csv",
            description = "Where to write one row for each usage record that the marketplace accepted.")
    private @Nullable Path report;

    @Option(
            names = "--speed",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many times faster than an hour in five seconds (default: ${DEFAULT-VALUE}).")
    private double speed;

    @Option(names = "--keep", description = "Stay up afterwards and go on with the real clock, until Ctrl-C.")
    private boolean keep;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Keep broker, database, clock and position here, durably.")
    private @Nullable Path dataDir;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A setting of the README's configuration table; may be given often.")
    private Map<String, Object> settings = new LinkedHashMap<>();

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Of the generated day (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--buyers",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Of the generated day (default: ${DEFAULT-VALUE}).")
    private int buyers;

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "60000",
            description = "Of the generated day, about (default: ${DEFAULT-VALUE}).")
    private int requests;

    @Override
    public Integer call() throws Exception {
        Traffic traffic = traffic();
        double wantedSpeed = speed();
        Path wantedReport = report();
        Path log = dataDir == null
                ? Files.createTempFile("hourledger-", ".log")
                : Files.createDirectories(dataDir).resolve("metering.log");
        LogFile.use(log);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        boolean good;
        try {
            good = new Demo(
                            traffic,
                            wantedReport,
                            wantedSpeed,
                            keep,
                            dataDir,
                            out,
                            Boolean.getBoolean("metering.terminal"),
                            Boolean.getBoolean("metering.any-ports")
                                    ? StackOptions.Ports.ANY
                                    : StackOptions.Ports.USUAL,
                            settings)
                    .run();
        } catch (InterruptedException stopped) {
            out.println("Stopped.");
            return ExitCode.COULD_NOT_RUN;
        } catch (Exception failure) {
            LoggerFactory.getLogger(DemoCommand.class).error("the demo ended early", failure);
            throw new IOException(failure.getMessage() + " (the log is " + log + ")", failure);
        }
        if (good && dataDir == null) {
            Files.deleteIfExists(log);
        } else if (!good) {
            out.println("  What the services said is in " + log);
        }
        return good ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    private Traffic traffic() {
        if (accessLog == null) {
            require(buyers >= 1 && buyers <= 100_000, "--buyers must lie between 1 and 100000");
            require(requests >= 1 && requests <= 50_000_000, "--requests must lie between 1 and 50000000");
            return new GeneratedDay(seed, buyers, requests);
        }
        require(Files.isRegularFile(accessLog), "there is no file " + accessLog);
        require(Files.isReadable(accessLog), "the file cannot be read: " + accessLog);
        return new AccessLog(accessLog);
    }

    private double speed() {
        require(speed >= 0.01 && speed <= 100, "--speed must lie between 0.01 and 100");
        return speed;
    }

    private @Nullable Path report() {
        if (report != null) {
            Path folder = report.toAbsolutePath().getParent();
            require(folder != null && Files.isDirectory(folder), "there is no folder for the report " + report);
            require(!Files.isDirectory(report), "the report cannot be written over a folder: " + report);
        }
        return report;
    }

    private void require(boolean met, String sentence) {
        if (!met) {
            CommandSpec known = spec;
            if (known == null) {
                throw new IllegalArgumentException(sentence);
            }
            throw new ParameterException(known.commandLine(), sentence);
        }
    }
}
