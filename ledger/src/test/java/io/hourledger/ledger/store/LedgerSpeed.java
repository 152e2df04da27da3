package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.projection.LedgerReplay;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Measures the bulk path by hand, with fsync on: instances, batch size, hours, whether projections run. */
final class LedgerSpeed {

    private static final PrintStream out = System.out;

    private LedgerSpeed() {}

    public static void main(String[] arguments) throws Exception {
        int instances = Integer.parseInt(arguments[0]);
        int batch = Integer.parseInt(arguments[1]);
        int hours = Integer.parseInt(arguments[2]);
        boolean projecting = Boolean.parseBoolean(arguments[3]);
        Path folder = Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), "ledger-speed");
        try (EmbeddedDatabase database = EmbeddedDatabase.start(
                        folder.resolve("data"),
                        0,
                        Durability.SAFE,
                        Map.of("shared_buffers", "1GB", "max_wal_size", "8GB"));
                TestLedger test = ledger(database)) {
            if (projecting) {
                test.projections.start();
            }
            measure(test, "open", instances, batch, i -> open("instance-" + i));
            for (int hour = 0; hour < hours; hour++) {
                int now = hour;
                measure(test, "meter", instances, batch, i -> meter("instance-" + i, now, i + "." + (123456 + i)));
                measure(test, "report", instances, batch, i -> report("instance-" + i, sn("instance-" + i, now)));
            }
            long start = System.nanoTime();
            if (projecting) {
                await().atMost(Duration.ofMinutes(10)).until(test.projections::caughtUp);
            }
            out.printf("projections behind by %.1f s%n", (System.nanoTime() - start) / 1e9);
            if (projecting) {
                long replayStart = System.nanoTime();
                LedgerReplay.Outcome outcome = new LedgerReplay(test.jdbc, test.transactions).run(events -> {});
                out.printf(
                        "replay %,.0f events/s, %d differences%n",
                        outcome.events() / ((System.nanoTime() - replayStart) / 1e9),
                        outcome.differences().size());
            }
            for (String size : List.of("event", "instance_snapshot", "usage_record", "metered_hour")) {
                out.printf(
                        "%s %s rows %s%n",
                        size,
                        test.jdbc.queryForObject(
                                "select pg_size_pretty(pg_total_relation_size('ledger." + size + "'))", String.class),
                        test.jdbc.queryForObject("select count(*) from ledger." + size, Long.class));
            }
        }
    }

    private static TestLedger ledger(EmbeddedDatabase database) {
        database.createDatabaseIfMissing("speed");
        return new TestLedger(database.jdbcUrl("speed"), database.user(), database.password());
    }

    private static void measure(
            TestLedger test, String what, int instances, int size, IntFunction<InstanceCommand> command) {
        long start = System.nanoTime();
        for (int from = 0; from < instances; from += size) {
            List<InstanceCommand> commands = new ArrayList<>();
            for (int i = from; i < Math.min(instances, from + size); i++) {
                commands.add(command.apply(i));
            }
            if (!test.ledger.handleAll(commands).stream().allMatch(Decision.Done.class::isInstance)) {
                throw new IllegalStateException("not all were done");
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        out.printf("%-7s %,9.0f commands/s (%.1f s)%n", what, instances / seconds, seconds);
    }
}
