package io.hourledger.benchmarks.process;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A program in a JVM of its own: no measured program shares heap, compiled code or collector with another, or with the one that measures.
 * What it says beyond {@link Parent}'s lines goes to a log file.
 */
public final class ChildJvm implements AutoCloseable {

    /** The log settings of the bench and of all its children. */
    public static final String LOG_SETTINGS = "bench-logback.xml";

    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String name;
    private final Path log;
    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter logWriter;
    private final List<String> said = new ArrayList<>();
    private @Nullable Thread reading;

    private ChildJvm(String name, Path log, Process process) throws IOException {
        this.name = name;
        this.log = log;
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.logWriter = Files.newBufferedWriter(log);
    }

    /**
     * Starts a program on this JVM's own class path.
     *
     * @param name of its log file in {@code logs}
     * @param flags of the JVM
     */
    public static ChildJvm start(String name, Path logs, List<String> flags, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-Dlogback.configurationFile=" + LOG_SETTINGS);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(arguments);
        try {
            Files.createDirectories(logs);
            Path log = logs.resolve(name + ".log");
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end-" + name));
            return new ChildJvm(name, log, process);
        } catch (IOException e) {
            throw new UncheckedIOException("the JVM for " + name + " does not start", e);
        }
    }

    /** By which the kernel knows it. */
    public long processId() {
        return process.pid();
    }

    /** Waits until it says that it is ready, and gives what it said with that. */
    public String awaitReady() {
        for (String line = next(); line != null; line = next()) {
            if (line.startsWith(Parent.READY)) {
                return line.substring(Parent.READY.length());
            }
        }
        throw failed("ended before it was ready");
    }

    /** Waits for its result, and for its end. */
    public Map<String, Object> awaitResult(LongConsumer progress) {
        @Nullable Map<String, Object> result = null;
        for (String line = next(); line != null; line = next()) {
            if (line.startsWith(Parent.PROGRESS)) {
                progress.accept(Long.parseLong(line.substring(Parent.PROGRESS.length())));
            } else if (line.startsWith(Parent.RESULT)) {
                result = JSON.readValue(line.substring(Parent.RESULT.length()), OBJECT);
            }
        }
        int exit = awaitEnd();
        if (result == null || exit != 0) {
            throw failed("ended with " + exit + (result == null ? " and no result" : ""));
        }
        return result;
    }

    /** Waits for its end, and gives every line it said. */
    public List<String> awaitLines() {
        while (next() != null) {
            // each line is kept as it is read
        }
        int exit = awaitEnd();
        if (exit != 0) {
            throw failed("ended with " + exit);
        }
        return List.copyOf(said);
    }

    /** Goes on writing what it says to its log, for a server that lives longer than anybody waits for it. */
    public void keepReading() {
        Thread reader = new Thread(
                () -> {
                    while (next() != null) {
                        said.clear();
                    }
                },
                "log-" + name);
        reader.setDaemon(true);
        reader.start();
        reading = reader;
    }

    private @Nullable String next() {
        try {
            String line = out.readLine();
            if (line == null) {
                logWriter.flush();
            } else if (!line.startsWith(Parent.PROGRESS)) {
                said.add(line);
                logWriter.write(line);
                logWriter.newLine();
                logWriter.flush();
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException("what " + name + " says cannot be read", e);
        }
    }

    private int awaitEnd() {
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw failed("does not end");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " was ending", e);
        }
    }

    private IllegalStateException failed(String how) {
        return new IllegalStateException(name + " " + how + "; see " + log);
    }

    /** Ends it: first by closing its input, which it obeys in good order, then by force. */
    @Override
    public void close() {
        try {
            process.outputWriter().close();
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            if (reading != null) {
                reading.join(STOP_LIMIT); // it ends with what the process said last
            }
            logWriter.close();
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
