package io.hourledger.benchmarks.ledger;

import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Figures;
import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** {@code --only growth}: on a PostgreSQL of its own, whose cache is small beside the data. */
final class LedgerGrowth {

    /** At most an eighth of a month of 1,000 instances. */
    private static final String CACHE = "96MB";

    private static final long CACHE_BYTES = 96L << 20;
    private static final double MOST_OF_DATA = 1 / 8.0;
    private static final int LEAST_INSTANCES = 1000;
    private static final double LAYING_S = 2400;
    private static final int HOURS_OF_A_MONTH = 730;
    private static final String DATABASE = "growth";
    private static final String DATABASE_OF_RATE = "growth_rate";

    @Option(
            names = "--instances",
            defaultValue = "0",
            description = "How many instances growth has; 0 = as many as the ledger lays down in 40 minutes,"
                    + " 1,000 at least (default ${DEFAULT-VALUE}); fewer only for work.")
    private int instances;

    @Option(
            names = "--months",
            defaultValue = "12",
            description =
                    "How many months of history growth lays down (default ${DEFAULT-VALUE}); fewer only for work.")
    private int months;

    /** Whether the newest month was found sound at both looks. */
    boolean run(Path folder, Path logs, List<String> flags, BenchProgress progress, Figures figures)
            throws IOException {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("program", LedgerPart.GROWTH.toString());
        try (EmbeddedDatabase database = EmbeddedDatabase.start(
                folder.resolve("postgresql-growth"), 0, Durability.SAFE, Map.of("shared_buffers", CACHE))) {
            int laid = instances;
            if (laid == 0) {
                double rate = Figures.number(
                        layDown(database, DATABASE_OF_RATE, LEAST_INSTANCES, 0, folder, logs, flags, progress), "rate");
                laid = Math.max(LEAST_INSTANCES, (int) (rate * LAYING_S / months / HOURS_OF_A_MONTH));
                run.put("instance_hours_laid_down_per_s", rate);
            }
            run.putAll(layDown(database, DATABASE, laid, months, folder, logs, flags, progress));
            run.put("replay", replay(address(database, DATABASE), logs, flags, progress));
        }
        return tell(run, figures);
    }

    private static List<String> address(EmbeddedDatabase database, String name) {
        database.createDatabaseIfMissing(name);
        return List.of(database.jdbcUrl(name), database.user(), database.password());
    }

    /**
     * @param months 0 to learn how fast the ledger writes
     */
    private static Map<String, Object> layDown(
            EmbeddedDatabase database,
            String name,
            int instances,
            int months,
            Path folder,
            Path logs,
            List<String> flags,
            BenchProgress progress) {
        long hours = (long) instances * months * HOURS_OF_A_MONTH;
        progress.start(name.replace('_', ' ') + ", laid down by the ledger", hours);
        List<String> arguments = new ArrayList<>(address(database, name));
        arguments.add(Integer.toString(instances));
        arguments.add(Integer.toString(months));
        arguments.add(folder.resolve(name + "-seals").toString());
        try (ChildJvm jvm = ChildJvm.start(name, logs, flags, GrowthProcess.class.getName(), arguments)) {
            Map<String, Object> result = jvm.awaitResult(progress::at);
            progress.done(hours);
            return result;
        }
    }

    private static Map<String, Object> replay(
            List<String> address, Path logs, List<String> flags, BenchProgress progress) {
        progress.start("replay", 0);
        try (ChildJvm jvm = ChildJvm.start("replay", logs, flags, ReplayProcess.class.getName(), address)) {
            Map<String, Object> result = jvm.awaitResult(progress::at);
            progress.done(((Number) result.getOrDefault("ledger_events", 0)).longValue());
            return result;
        }
    }

    private static boolean isSound(Map<String, Object> look) {
        return Figures.number(look, "findings") == 0 && Figures.number(look, "amounts_that_differ") == 0;
    }

    @SuppressWarnings("unchecked")
    private boolean tell(Map<String, Object> run, Figures figures) {
        Map<String, Object> first = (Map<String, Object>) run.getOrDefault("first_look", Map.of());
        Map<String, Object> last = (Map<String, Object>) run.getOrDefault("last_look", first);
        run.put("cache_bytes", CACHE_BYTES);
        run.put("cache_share_of_data_at_first_look", CACHE_BYTES / Figures.number(first, "bytes"));
        run.put("cache_is_small_enough", CACHE_BYTES <= MOST_OF_DATA * Figures.number(first, "bytes"));
        figures.run(run);
        figures.figure("bytes_per_instance_hour", Figures.number(last, "bytes_per_instance_hour"));
        for (String what : List.of("close", "statement", "verify")) {
            String median = what + "_median_s";
            figures.figure(what + "_growth", Figures.number(last, median) / Figures.number(first, median));
        }
        return isSound(first) && isSound(last);
    }
}
