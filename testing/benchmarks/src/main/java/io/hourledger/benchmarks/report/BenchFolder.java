package io.hourledger.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that every bench has: where its data lies and where its figures go. */
public final class BenchFolder {

    @Option(names = "--out", paramLabel = "FILE.json", description = "Keep the figures in this file.")
    private @Nullable Path out;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Keep what was laid down in this folder and use it again next time.")
    private @Nullable Path dataDir;

    private @Nullable Path folder;

    /** The folder of this run; one that nobody named is deleted by {@link #clear()}. */
    public Path path() throws IOException {
        Path known = folder;
        if (known == null) {
            known = dataDir == null ? Files.createTempDirectory("hourledger-bench") : dataDir.toAbsolutePath();
            Files.createDirectories(known);
            folder = known;
        }
        return known;
    }

    /** The folder of the logs of all processes. */
    public Path logs() throws IOException {
        return path().resolve("logs");
    }

    /** Figures that are kept in the file that was named, also when the bench is stopped. */
    public Figures figures() {
        Figures figures = new Figures(out);
        Runtime.getRuntime().addShutdownHook(new Thread(figures::write, "keep-figures"));
        return figures;
    }

    /** Deletes what nobody asked to keep. */
    public void clear() {
        if (dataDir == null && folder != null) {
            BenchFolders.delete(folder);
        }
    }
}
