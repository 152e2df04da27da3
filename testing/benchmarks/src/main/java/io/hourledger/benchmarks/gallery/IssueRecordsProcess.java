package io.hourledger.benchmarks.gallery;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.benchmarks.ledger.LedgerInProcess;
import io.hourledger.benchmarks.process.Parent;
import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.simulator.GallerySchema;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.JdbcTemplate;

/** Opens instances and meters their hours, by the ledger itself; so it issues the records that are to be pushed. */
public final class IssueRecordsProcess {

    private static final int BATCH = 500;
    private static final int WRITERS = 2;

    private static final String IN_THE_SIMULATOR =
            """
            insert into gallery.instance (instance_id, order_line_id, order_id, buyer_id, product_id, charging_mode,
                                          stop_when_used_up, test, started_at)
            select id, 'line-' || id, 'order-' || id, 'buyer-' || id, ?, 'ON_DEMAND', false, false, ?
            from unnest(?::text[]) as opened (id)""";

    private final Ledger ledger;
    private final LongAdder done = new LongAdder();

    private IssueRecordsProcess(Ledger ledger) {
        this.ledger = ledger;
    }

    /**
     * Takes the ledger's database, the simulator's, user, password, instances, hours, how many instances the marketplace does not know, and
     * {@code open}; or with {@code fresh} instead, meters the hour that begins at the load's end for that many instances that are open.
     */
    public static void main(String[] arguments) throws ExecutionException, InterruptedException {
        RecordLoad load = new RecordLoad(
                Integer.parseInt(arguments[4]), Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]));
        boolean fresh = arguments[7].equals("fresh");
        Parent.whenItEnds(() -> {});
        try (LedgerInProcess stack = new LedgerInProcess(arguments[0], arguments[2], arguments[3])) {
            IssueRecordsProcess issuing = new IssueRecordsProcess(stack.ledger());
            if (fresh) {
                UsageHour hour = UsageHour.of(RecordLoad.END);
                issuing.inParallel(load.instances(), (from, to) -> issuing.meter(from, to, hour));
            } else {
                issuing.layDown(load, arguments);
                stack.jdbc().execute("vacuum analyze");
            }
            Parent.result(Map.of("records", issuing.done.sum()));
        }
    }

    private void layDown(RecordLoad load, String[] arguments) throws ExecutionException, InterruptedException {
        try (HikariDataSource gallery = new HikariDataSource()) {
            gallery.setJdbcUrl(arguments[1]);
            gallery.setUsername(arguments[2]);
            gallery.setPassword(arguments[3]);
            GallerySchema.migrate(gallery);
            JdbcTemplate simulator = new JdbcTemplate(gallery);
            inParallel(load.instances(), (from, to) -> open(load, from, to, simulator));
            for (int number = 0; number < load.hours(); number++) {
                UsageHour hour = load.hour(number);
                inParallel(load.instances(), (from, to) -> meter(from, to, hour));
            }
            simulator.execute("vacuum analyze");
        }
    }

    /** Some of the instances, by number. */
    private interface Work {
        void on(int from, int to);
    }

    private void inParallel(int instances, Work work) throws ExecutionException, InterruptedException {
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int from = (int) ((long) instances * writer / WRITERS);
                int to = (int) ((long) instances * (writer + 1) / WRITERS);
                running.add(writers.submit(() -> {
                    for (int first = from; first < to; first += BATCH) {
                        work.on(first, Math.min(first + BATCH, to));
                    }
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            writers.shutdownNow();
        }
    }

    private void open(RecordLoad load, int from, int to, JdbcTemplate simulator) {
        Instant openedAt = load.hour(0).start().minusSeconds(UsageHour.LENGTH.toSeconds());
        List<InstanceCommand> commands = new ArrayList<>();
        for (int instance = from; instance < to; instance++) {
            String id = RecordLoad.id(instance);
            commands.add(OpenInstance.formal(
                    new InstanceId(id), "order-" + id, "line-" + id, RecordLoad.PRODUCT, "buyer-" + id, openedAt));
        }
        handle(commands);
        simulator.update(
                IN_THE_SIMULATOR,
                RecordLoad.PRODUCT.productId(),
                OffsetDateTime.ofInstant(openedAt, ZoneOffset.UTC),
                IntStream.range(from, to)
                        .filter(instance -> !load.isUnknown(instance))
                        .mapToObj(RecordLoad::id)
                        .toArray(String[]::new));
    }

    private void meter(int from, int to, UsageHour hour) {
        List<InstanceCommand> commands = new ArrayList<>();
        for (int instance = from; instance < to; instance++) {
            commands.add(new MeterHour(
                    new InstanceId(RecordLoad.id(instance)),
                    hour,
                    0,
                    new CountedBy(RecordLoad.METER, 1),
                    BigDecimal.ONE,
                    new EventSpan(1, hour.start(), hour.start()),
                    new LogPosition(0, 0, 0),
                    hour.end()));
        }
        handle(commands);
        done.add(commands.size());
        Parent.progress(done.sum());
    }

    private void handle(List<InstanceCommand> commands) {
        for (Decision decision : ledger.handleAll(commands)) {
            if (!(decision instanceof Decision.Done)) {
                throw new IllegalStateException("the load cannot be laid down: " + decision);
            }
        }
    }
}
