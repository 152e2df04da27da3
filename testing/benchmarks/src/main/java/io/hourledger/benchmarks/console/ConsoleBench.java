package io.hourledger.benchmarks.console;

import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.report.BenchFolder;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Figures;
import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.files.table.FileForm;
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

/** {@code ./metering bench console}: a month of records as pages and as files. */
@Command(
        name = "console",
        description = "Pages through a month of records, and writes it as a file of each form.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ConsoleBench implements Callable<Integer> {

    private static final String DATABASE = "month";

    private static final List<String> PAGE_FLAGS = List.of(
            "-XX:+UseParallelGC",
            "-Xms512m",
            "-Xmx512m",
            "-Duser.language=en",
            "-Duser.timezone=UTC",
            "-Dlogging.config=classpath:" + ChildJvm.LOG_SETTINGS);

    /** Small, so that an export that held its rows would end here. */
    private static final List<String> EXPORT_FLAGS =
            List.of("-XX:+UseSerialGC", "-Xmx256m", "-Duser.language=en", "-Duser.timezone=UTC");

    @Mixin
    private final BenchFolder folder = new BenchFolder();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "Only these parts: ${COMPLETION-CANDIDATES}.")
    private @Nullable Set<ConsolePart> only;

    @Option(
            names = "--rows",
            defaultValue = "10000000",
            description = "Usage records of the month (default ${DEFAULT-VALUE}); fewer only for work.")
    private long rows;

    private final BenchProgress progress = new BenchProgress(System.out);

    @Override
    public Integer call() throws IOException {
        Figures figures = folder.figures();
        boolean equal = true;
        Set<ConsolePart> parts = only == null ? EnumSet.allOf(ConsolePart.class) : EnumSet.copyOf(only);
        try (EmbeddedDatabase database =
                EmbeddedDatabase.start(folder.path().resolve("postgresql"), 0, Durability.SAFE)) {
            database.createDatabaseIfMissing(DATABASE);
            progress.start("a month of records", rows);
            new MonthLoad(database.dataSource(DATABASE), rows).layDown(progress::at);
            progress.done(rows);
            for (ConsolePart part : parts) {
                switch (part) {
                    case PAGES -> pages(database, figures);
                    case EXPORT -> equal = exports(database, figures);
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

    private void pages(EmbeddedDatabase database, Figures figures) throws IOException {
        progress.start("pages", PagesProcess.PAGES);
        Map<String, Object> run = run(ConsolePart.PAGES.toString(), PAGE_FLAGS, PagesProcess.class, address(database));
        progress.done(PagesProcess.PAGES);
        figures.run(run);
        figures.figure("page_p95_ms", Figures.number(run, "page_p95_ms"));
        figures.figure("buyer_page_p95_ms", Figures.number(run, "buyer_page_p95_ms"));
    }

    /** The slowest form counts, and so does the one that needs most memory. */
    private boolean exports(EmbeddedDatabase database, Figures figures) throws IOException {
        double slowest = Double.MAX_VALUE;
        double highest = 0;
        boolean equal = true;
        for (FileForm form : FileForm.values()) {
            progress.start("export as " + form.label(), rows);
            List<String> arguments = address(database);
            arguments.add(form.name());
            arguments.add(folder.path().resolve("month." + form.label()).toString());
            Map<String, Object> run = run("export-" + form.label(), EXPORT_FLAGS, ExportProcess.class, arguments);
            progress.done(rows);
            figures.run(run);
            figures.figure("export_" + form.label() + "_rows_per_s", Figures.number(run, "rows_per_s"));
            slowest = Math.min(slowest, Figures.number(run, "rows_per_s"));
            highest = Math.max(highest, Figures.number(run, "peak_mib"));
            equal &= Figures.number(run, "rows") == rows;
        }
        figures.figure("export_rows_per_s", slowest);
        figures.figure("export_peak_mib", highest);
        return equal;
    }

    private Map<String, Object> run(String name, List<String> flags, Class<?> main, List<String> arguments)
            throws IOException {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("program", name);
        try (ChildJvm jvm = ChildJvm.start(name, folder.logs(), flags, main.getName(), arguments)) {
            run.putAll(jvm.awaitResult(progress::at));
        }
        return run;
    }

    private static List<String> address(EmbeddedDatabase database) {
        return new ArrayList<>(List.of(database.jdbcUrl(DATABASE), database.user(), database.password()));
    }
}
