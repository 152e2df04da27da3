package io.hourledger.benchmarks.client;

import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.report.BenchFolder;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Figures;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./metering bench client}: what a call of the client costs its caller, by how many threads call at once. */
@Command(
        name = "client",
        description = "Records usage as an app does, from 1, 2 and 8 threads, and says what a call costs its thread.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ClientBench implements Callable<Integer> {

    private static final int[] THREADS = {1, 2, 8};
    private static final List<String> FLAGS = List.of("-XX:+UseParallelGC", "-Xms1g", "-Xmx1g");

    @Mixin
    private final BenchFolder folder = new BenchFolder();

    @Override
    public Integer call() throws IOException {
        BenchProgress progress = new BenchProgress(System.out);
        Figures figures = folder.figures();
        for (int threads : THREADS) {
            Map<String, Object> run = new LinkedHashMap<>();
            run.put("program", "client");
            run.put("threads", threads);
            String name = "client-" + threads;
            List<String> arguments = List.of(folder.path().resolve(name).toString(), Integer.toString(threads));
            try (ChildJvm jvm = ChildJvm.start(name, folder.logs(), FLAGS, CallProcess.class.getName(), arguments)) {
                run.putAll(jvm.awaitResult(progress::at));
            }
            figures.run(run);
            figures.figure("client_call_ns_" + threads, Figures.number(run, "ns_a_call"));
            progress.say(run.toString());
        }
        figures.complete();
        folder.clear();
        return 0;
    }
}
