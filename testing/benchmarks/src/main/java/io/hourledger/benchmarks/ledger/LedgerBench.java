package io.hourledger.benchmarks.ledger;

import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.report.BenchFolder;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Figures;
import io.hourledger.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering bench ledger}: what the ledger can do on a PostgreSQL that keeps every promise. */
@Command(
        name = "ledger",
        description = "Closes hours, compares a year of history with none, and rebuilds every projection.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class LedgerBench implements Callable<Integer> {

    private static final List<String> FLAGS =
            List.of("-XX:+UseParallelGC", "-Xms1g", "-Xmx1g", "-Duser.language=en", "-Duser.timezone=UTC");

    private static final List<String> SERVICE_FLAGS = List.of(
            "-XX:+UseParallelGC",
            "-Xms1g",
            "-Xmx1g",
            "-Duser.language=en",
            "-Duser.timezone=UTC",
            "-Dlogging.config=classpath:" + ChildJvm.LOG_SETTINGS);

    private static final String YEAR_DATABASE = "year";

    @Mixin
    private final BenchFolder folder = new BenchFolder();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "Only these parts: ${COMPLETION-CANDIDATES} (default: all but growth).")
    private @Nullable Set<LedgerPart> only;

    @Option(
            names = "--year-instances",
            defaultValue = "20",
            description = "How many instances get a year of history (default ${DEFAULT-VALUE}).")
    private int yearInstances;

    @Option(
            names = "--year-hours",
            defaultValue = "8760",
            description = "How long that year is (default ${DEFAULT-VALUE}); less only for work.")
    private int yearHours;

    @Option(
            names = "--small",
            defaultValue = "100000",
            description = "How many instances close-100k closes (default ${DEFAULT-VALUE}); fewer only for work.")
    private int small;

    @Option(
            names = "--large",
            defaultValue = "1000000",
            description = "How many instances close-1m closes (default ${DEFAULT-VALUE}); fewer only for work.")
    private int large;

    @Mixin
    private final LedgerGrowth growth = new LedgerGrowth();

    private String largest = YEAR_DATABASE;

    private final BenchProgress progress = new BenchProgress(System.out);

    @Override
    public Integer call() throws IOException {
        Figures figures = folder.figures();
        Set<LedgerPart> parts = only == null ? LedgerPart.UNASKED : EnumSet.copyOf(only);
        boolean equal = true;
        try (Servers servers = Servers.start(folder.path(), folder.logs())) {
            for (LedgerPart part : parts) {
                Map<String, Object> run = new LinkedHashMap<>();
                run.put("program", part.toString());
                switch (part) {
                    case YEAR -> {
                        run.putAll(year(servers.database()));
                        figures.run(run);
                        figures.figure("year_slowdown", Figures.number(run, "year_slowdown_in_batches"));
                        figures.figure("year_slowdown_of_a_single_command", Figures.number(run, "year_slowdown_alone"));
                        figures.figure("bytes_per_event", Figures.number(run, "bytes_per_event"));
                    }
                    case CLOSE_100K -> equal &= close(servers, figures, run, small, "close_100k_s");
                    case CLOSE_1M -> equal &= close(servers, figures, run, large, "close_1m_s");
                    case REPLAY -> {
                        run.putAll(replay(servers.database()));
                        figures.run(run);
                        figures.figure("replay_eps", Figures.number(run, "replay_eps"));
                        figures.figure(
                                "replay_compared_and_swapped_eps",
                                Figures.number(run, "replay_compared_and_swapped_eps"));
                        equal &= Figures.number(run, "differences") == 0;
                    }
                    case GROWTH -> equal &= growth.run(folder.path(), folder.logs(), FLAGS, progress, figures);
                }
            }
        }
        if (only == null) {
            figures.complete();
        }
        figures.all().forEach((name, value) -> progress.say(String.format("%-32s %s", name, value)));
        folder.clear();
        return equal ? 0 : 1;
    }

    private Map<String, Object> year(EmbeddedDatabase database) throws IOException {
        long hours = (long) yearInstances * yearHours;
        progress.start("a year, laid down by the ledger", hours);
        List<String> arguments = address(database, YEAR_DATABASE);
        arguments.add(Integer.toString(yearInstances));
        arguments.add(Integer.toString(yearHours));
        try (ChildJvm jvm = ChildJvm.start("year", folder.logs(), FLAGS, YearProcess.class.getName(), arguments)) {
            Map<String, Object> result = jvm.awaitResult(progress::at);
            progress.done(hours);
            return result;
        }
    }

    private boolean close(Servers servers, Figures figures, Map<String, Object> run, int instances, String figure)
            throws IOException {
        HourClose hour = new HourClose(servers, folder.path(), progress, SERVICE_FLAGS, instances);
        run.putAll(hour.run());
        figures.run(run);
        figures.figure(figure, Figures.number(run, "close_s"));
        figures.figure("bytes_per_event", Figures.number(run, "bytes_per_event"));
        figures.figure(RowsRead.PER_EVENT, Figures.number(run, RowsRead.PER_EVENT));
        figures.figure(RowsRead.PER_QUEUED_RECORD, Figures.number(run, RowsRead.PER_QUEUED_RECORD));
        largest = hour.database();
        return Boolean.TRUE.equals(run.get("sums_equal"));
    }

    private Map<String, Object> replay(EmbeddedDatabase database) throws IOException {
        progress.start("replay", 0);
        try (ChildJvm jvm = ChildJvm.start(
                "replay", folder.logs(), FLAGS, ReplayProcess.class.getName(), address(database, largest))) {
            Map<String, Object> result = jvm.awaitResult(progress::at);
            progress.done(((Number) result.getOrDefault("ledger_events", 0)).longValue());
            return result;
        }
    }

    private static List<String> address(EmbeddedDatabase database, String name) {
        database.createDatabaseIfMissing(name);
        return new ArrayList<>(List.of(database.jdbcUrl(name), database.user(), database.password()));
    }
}
