package io.hourledger.chaos;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A JVM of its own: this JVM's java and class path, a small heap, a log file for each life. */
final class RunningJvm implements Running {

    private static final long STOPS_WITHIN_SECONDS = 30;

    private final StackPart part;
    private final Path run;
    private final ChaosClock clock;
    private final List<String> command;
    private final BooleanSupplier ready;
    private volatile @Nullable Process process;
    private final AtomicInteger lives = new AtomicInteger();

    RunningJvm(
            StackPart part,
            Path run,
            ChaosClock clock,
            int heapMegabytes,
            String mainClass,
            List<String> arguments,
            BooleanSupplier ready) {
        this.part = part;
        this.run = run;
        this.clock = clock;
        this.ready = ready;
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of(
                "-Xmx" + heapMegabytes + "m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                // short lives on few cores: what matters is to be up again soon
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-XX:-UsePerfData",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dfile.encoding=UTF-8",
                "-Duser.timezone=UTC"));
        words.addAll(sharedArchive());
        words.addAll(List.of("-cp", System.getProperty("java.class.path")));
        words.addAll(List.of(Child.class.getName(), run.toString(), mainClass));
        words.addAll(arguments);
        this.command = List.copyOf(words);
    }

    /** The archive of loaded classes that this JVM was started with, if any: class loading is most of a service's start. */
    private static List<String> sharedArchive() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-XX:SharedArchiveFile="))
                .toList();
    }

    @Override
    public StackPart part() {
        return part;
    }

    @Override
    public void start() throws IOException {
        start(List.of());
    }

    /** Begins a life whose machine's clock is ahead by that much business time; the database's clock stays right. */
    void startAhead(Duration ahead) throws IOException {
        start(MachineClockAhead.arguments(clock, ahead));
    }

    private void start(List<String> further) throws IOException {
        int life = lives.incrementAndGet();
        Files.createDirectories(RunFolder.logs(run));
        String name = part.word() + ".life-" + life;
        List<String> words = new ArrayList<>(command);
        words.addAll(further);
        words.add(1, "-Dmetering.log=" + RunFolder.logs(run).resolve(name + ".log"));
        Process started = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(RunFolder.logs(run).resolve(name + ".out").toFile())
                .start();
        ProcessIds.of(run).put(part, started.toHandle());
        process = started;
    }

    @Override
    public boolean isReady() {
        return isAlive() && ready.getAsBoolean();
    }

    @Override
    public boolean isAlive() {
        Process now = process;
        return now != null && now.isAlive();
    }

    @Override
    public void kill() {
        Process now = process;
        if (now != null) {
            now.toHandle().destroyForcibly();
            now.onExit().join();
        }
    }

    /** Asks through the handle: the process object would close the pipe as well, and to the child that means that its driver is gone. */
    @Override
    public void stop() {
        Process now = process;
        if (now != null) {
            now.toHandle().destroy();
            now.onExit()
                    .completeOnTimeout(now, STOPS_WITHIN_SECONDS, TimeUnit.SECONDS)
                    .join();
            kill();
        }
    }

    /** SIGSTOP: it becomes a zombie that does not know it. */
    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** SIGCONT. */
    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        Process now = process;
        if (now != null && now.isAlive()) {
            int exit = new ProcessBuilder("kill", signal, Long.toString(now.pid()))
                    .start()
                    .waitFor();
            if (exit != 0 && now.isAlive()) {
                throw new IOException("kill " + signal + " of " + part.word() + " failed: " + exit);
            }
        }
    }

    @Override
    public int lives() {
        return lives.get();
    }
}
