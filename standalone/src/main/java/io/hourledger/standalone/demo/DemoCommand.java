package io.hourledger.standalone.demo;

import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.stack.DataDirectory;
import io.hourledger.standalone.stack.LogFile;
import io.hourledger.standalone.stack.StackOptions;
import io.hourledger.standalone.traffic.AccessLog;
import io.hourledger.standalone.traffic.AccessLogFormat;
import io.hourledger.standalone.traffic.GeneratedDay;
import io.hourledger.standalone.traffic.Survey;
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
                    + " hour in about a second, but waits for what is still to be sent, closed or reported.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:log, ledger and gallery agree exactly, and every line of the log was counted",
            "1:they do not agree, or a line was not counted",
            "2:the command line is wrong",
            "3:the demo could not run"
        },
        footer = {
            "",
            "Without --data-dir the data stays in target/demo until the next demo. With it, a demo that was killed goes on where it was when the same"
                    + " command is given again, and ends with the same report."
        })
public final class DemoCommand implements Callable<Integer> {

    private static final String AUTO = "auto";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--access-log",
            paramLabel = "FILE",
            description = "A web server's access log, plain or gzip. Without it a day of traffic is generated.")
    private @Nullable Path accessLog;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            description = {
                "The log's format: auto, combined, common, main (nginx), vhost_combined, vhost_common, an Apache LogFormat such as"
                        + " '%%h %%l %%u %%t \"%%r\" %%>s %%b', or an nginx log_format such as '$remote_addr [$time_local] $bytes_sent'.",
                "auto takes the named format that reads most of the first lines (default: ${DEFAULT-VALUE})."
            },
            defaultValue = AUTO)
    private String logFormat = AUTO;

    @Option(
            names = "--report",
            paramLabel = "OUT.csv",
            description = "Where to write one row for each usage record that the marketplace accepted.")
    private @Nullable Path report;

    @Option(
            names = "--speed",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many times faster than an hour in a second (default: ${DEFAULT-VALUE}).")
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
            defaultValue = "400",
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
        Survey survey = DemoTraffic.survey(traffic);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (DataDirectory folder = folder()) {
            Path log = folder.remains() ? folder.log() : Files.createTempFile("hourledger-", ".log");
            LogFile.use(log);
            boolean good = run(
                    new Demo(
                            traffic,
                            survey,
                            wantedReport,
                            wantedSpeed,
                            keep,
                            folder,
                            out,
                            Boolean.getBoolean("metering.terminal"),
                            Boolean.getBoolean("metering.any-ports")
                                    ? StackOptions.Ports.ANY
                                    : StackOptions.Ports.USUAL,
                            settings),
                    log);
            if (!good) {
                out.println("  What the services said is in " + log);
            } else if (!folder.remains()) {
                Files.deleteIfExists(log);
            }
            return good ? ExitCode.OK : ExitCode.DIFFERENT;
        } catch (InterruptedException stopped) {
            out.println("Stopped.");
            return ExitCode.COULD_NOT_RUN;
        }
    }

    private static boolean run(Demo demo, Path log) throws InterruptedException, IOException {
        try {
            return demo.run();
        } catch (InterruptedException stopped) {
            throw stopped;
        } catch (Exception failure) {
            LoggerFactory.getLogger(DemoCommand.class).error("the demo ended early", failure);
            throw new IOException(failure.getMessage() + " (the log is " + log + ")", failure);
        }
    }

    /** Without a wish of the user's, the demo's data stays where it can be looked at, until the next demo. */
    private DataDirectory folder() throws IOException {
        String home = System.getProperty("metering.home");
        if (dataDir != null || home == null) {
            return DataDirectory.open(dataDir);
        }
        return DataDirectory.replacing(Path.of(home, "target", "demo"));
    }

    private Traffic traffic() throws IOException {
        if (accessLog == null) {
            require(buyers >= 1 && buyers <= 100_000, "--buyers must lie between 1 and 100000");
            require(requests >= 1 && requests <= 50_000_000, "--requests must lie between 1 and 50000000");
            return new GeneratedDay(seed, buyers, requests);
        }
        require(Files.exists(accessLog), "there is no file " + accessLog);
        require(
                Files.isRegularFile(accessLog),
                "the access log is read more than once, so it must be a plain file; this is none: " + accessLog);
        require(Files.isReadable(accessLog), "the file cannot be read: " + accessLog);
        return logFormat.equals(AUTO) ? AccessLog.of(accessLog) : AccessLog.of(accessLog, format());
    }

    private AccessLogFormat format() {
        try {
            return AccessLogFormat.of(logFormat);
        } catch (IllegalArgumentException noFormat) {
            require(false, String.valueOf(noFormat.getMessage()));
            throw noFormat;
        }
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
