package io.hourledger.benchmarks.aggregator;

import io.hourledger.benchmarks.process.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The flags of the measured JVMs: the same for all but for the heap, of which each gets what it needs and no peer less than ours. */
final class JvmFlags {

    static final List<String> READER = with("2g");
    static final List<String> STREAMS_MEMORY = with("6g");
    static final List<String> STREAMS_ROCKSDB = with("2g");
    static final List<String> MANY_IDS = with("3g");

    private JvmFlags() {}

    /** With Java's flight recorder on, which costs a few per cent. */
    static List<String> recording(List<String> flags, Path file) {
        return Stream.concat(
                        flags.stream(),
                        Stream.of(
                                "-XX:+UnlockDiagnosticVMOptions",
                                "-XX:+DebugNonSafepoints",
                                "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + file))
                .toList();
    }

    private static List<String> with(String heap) {
        return Stream.of(
                        "-XX:+UseParallelGC",
                        "-XX:+UseTransparentHugePages",
                        "-Dlogging.config=classpath:" + ChildJvm.LOG_SETTINGS,
                        "-Duser.language=en",
                        "-Duser.timezone=UTC",
                        "-Xms" + heap,
                        "-Xmx" + heap)
                .toList();
    }
}
