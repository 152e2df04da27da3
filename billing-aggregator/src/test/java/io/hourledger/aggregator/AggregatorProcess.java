package io.hourledger.aggregator;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.closing.LedgerHourGateway;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.contracts.time.FastClock;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** An aggregator in a process of its own, that a test can kill and stop. */
public final class AggregatorProcess implements AutoCloseable {

    private final Process process;

    private AggregatorProcess(Process process) {
        this.process = process;
    }

    public static AggregatorProcess start(
            TestServers stack, Instant anchor, Instant origin, double speed, Path output, String... settings) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                AggregatorProcess.class.getName(),
                stack.address().jdbcUrl(),
                stack.address().user(),
                stack.address().password(),
                anchor.toString(),
                origin.toString(),
                Double.toString(speed)));
        stack.settings().forEach((name, value) -> command.add(name + "=" + value));
        command.add("hourledger.aggregator.session-timeout=PT6S");
        command.addAll(List.of(settings));
        try {
            return new AggregatorProcess(new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        TestDatabase.Address address = new TestDatabase.Address(arguments[0], arguments[1], arguments[2]);
        Clock clock = new FastClock(
                Clock.systemUTC(),
                Instant.parse(arguments[3]),
                Instant.parse(arguments[4]),
                Double.parseDouble(arguments[5]));
        Map<String, String> settings = new LinkedHashMap<>();
        for (int i = 6; i < arguments.length; i++) {
            int equals = arguments[i].indexOf('=');
            settings.put(arguments[i].substring(0, equals), arguments[i].substring(equals + 1));
        }
        HikariDataSource database = TestServers.pool(address);
        AnnotationConfigApplicationContext ledger = TestServers.ledgerOn(database);
        Aggregator.start(TestServers.parts(
                settings,
                clock,
                database,
                new LedgerHourGateway(ledger.getBean(Ledger.class), ledger.getBean(LedgerQueries.class))));
        new CountDownLatch(1).await();
    }

    /** As kill -9 does. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** The process stands still, with its connections open. */
    public void freeze() {
        signal("-STOP");
    }

    /** The process goes on and believes that nothing has happened. */
    public void thaw() {
        signal("-CONT");
    }

    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
            if (kill.onExit().join().exitValue() != 0) {
                throw new IllegalStateException("kill " + signal + " was refused");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
