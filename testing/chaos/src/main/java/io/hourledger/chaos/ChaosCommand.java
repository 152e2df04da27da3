package io.hourledger.chaos;

import io.hourledger.embedded.TemporaryFolders;
import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./metering chaos}. */
@Command(
        name = "metering chaos",
        description = {
            "Runs the stack as separate processes under load, kills, freezes and restarts them by a seeded schedule,"
                    + " and compares what was acknowledged with what was metered and what was billed.",
            "Beside FILE.json it writes truth.csv, ledger.csv, gallery.csv, quarantined.csv, unmatched.csv and"
                    + " filtered-out.csv."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing was lost and nothing doubled",
            "1:something was",
            "2:the command line is wrong",
            "3:the run could not be made"
        })
public final class ChaosCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new ChaosCommand())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    String message = failure.getMessage();
                    command.getErr()
                            .println("metering: "
                                    + (message == null ? failure.getClass().getSimpleName() : message));
                    return ExitCode.COULD_NOT_RUN;
                });
        System.exit(line.execute(arguments));
    }

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "1",
            description = "how long the stack is disturbed (default: 1)")
    private double minutes = 1;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "the same seed gives the same schedule (default: 1)")
    private long seed = 1;

    @Option(names = "--out", paramLabel = "FILE.json", required = true, description = "where the figures go")
    private Path out = Path.of("chaos.json");

    @Option(
            names = "--keep-data",
            paramLabel = "DIR",
            description =
                    "keep log, database and the processes' logs here, whatever the outcome; a failed run keeps them"
                            + " anyway")
    private @Nullable Path keepData;

    @Option(
            names = "--only",
            paramLabel = "MANNER[-PART]",
            split = ",",
            description = "only these disturbances, such as kill-aggregator or freeze; to look for one thing at a time")
    private List<String> only = List.of();

    @Option(names = "--rate", paramLabel = "N", defaultValue = "2000", description = "events a second (default: 2000)")
    private int rate = 2_000;

    @Option(
            names = "--buyers",
            paramLabel = "N",
            description = "buyers, five instances each (default: 100; with --records-out 8 at each marketplace)")
    private @Nullable Integer wantedBuyers;

    @Option(
            names = "--records-out",
            description = {
                "two seller accounts instead: three pushers are killed, frozen and stopped on a 60-fold clock while two"
                        + " marketplaces throw every switch they have by a seeded script;",
                "then marketplaces and ledger are compared"
            })
    private boolean recordsOut;

    @Override
    public Integer call() throws IOException, InterruptedException {
        int buyers = wantedBuyers != null ? wantedBuyers : recordsOut ? 8 : 100;
        if (minutes < 0.5 || minutes > 600 || rate < 1 || buyers < 1 || buyers > 5_000) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--minutes must lie between 0.5 and 600, --rate and --buyers above 0, --buyers not above 5000");
        }
        PrintWriter console = Objects.requireNonNull(spec).commandLine().getOut();
        Path run = folder();
        System.setProperty("metering.log", run.resolve("chaos.log").toString());
        ChaosPlan plan =
                new ChaosPlan(Duration.ofMillis((long) (minutes * 60_000)), seed, run, out, buyers, rate, wanted());
        boolean good = false;
        try {
            good = recordsOut ? new RecordsOutRun(plan, console).run() : new ChaosRun(plan, console).run();
        } finally {
            if (good && keepData == null) {
                TemporaryFolders.deleteTree(run);
            } else {
                console.println("log, database and the processes' logs are in " + run);
                console.flush();
            }
        }
        return good ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    private Path folder() throws IOException {
        if (keepData == null) {
            return Files.createTempDirectory("hourledger-chaos").toAbsolutePath();
        }
        Path folder = keepData.toAbsolutePath();
        if (Files.exists(folder.resolve("kafka"))) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    folder + " holds an earlier run; choose another folder or delete it");
        }
        return Files.createDirectories(folder);
    }

    private Predicate<Schedule.Choice> wanted() {
        if (only.isEmpty()) {
            return all -> true;
        }
        return choice -> only.stream().anyMatch(word -> choice.parts().stream()
                .allMatch(part -> (choice.manner().word() + "-" + part.word()).startsWith(word)));
    }
}
