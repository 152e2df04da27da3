package io.hourledger.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM with this one's class path. */
final class ChildJvm {

    private ChildJvm() {}

    static List<String> command(int heapMegabytes, String main, String... arguments) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heapMegabytes + "m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        words.addAll(List.of(arguments));
        return words;
    }

    static Process start(Path log, int heapMegabytes, String main, String... arguments) {
        try {
            return new ProcessBuilder(command(heapMegabytes, main, arguments))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
