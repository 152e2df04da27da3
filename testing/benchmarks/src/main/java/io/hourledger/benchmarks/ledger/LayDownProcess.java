package io.hourledger.benchmarks.ledger;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.benchmarks.load.Workload;
import io.hourledger.benchmarks.process.Parent;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.simulator.GallerySchema;
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
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Opens the instances whose hour is to be closed: in the ledger by the ledger itself, in the simulator, which learns of them by calls
 * that are not measured here, by one statement a batch.
 */
public final class LayDownProcess {

    private static final Instant OPENED_AT = CloseLoad.HOUR.start().minusSeconds(3600);
    private static final int BATCH = 500;
    private static final int WRITERS = 2;

    private static final String IN_THE_SIMULATOR =
            """
            insert into gallery.instance (instance_id, order_line_id, order_id, buyer_id, product_id, charging_mode,
                                          stop_when_used_up, test, started_at)
            select id, 'line-' || id, 'order-' || id, 'buyer-' || id, ?, 'ON_DEMAND', false, false, ?
            from unnest(?::text[]) as opened (id)""";

    private LayDownProcess() {}

    /** Takes the ledger's database, the simulator's, user, password, and how many instances. */
    public static void main(String[] arguments) throws ExecutionException, InterruptedException {
        String user = arguments[2];
        String password = arguments[3];
        Workload load = CloseLoad.of(Integer.parseInt(arguments[4]));
        Parent.whenItEnds(() -> {});
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try (LedgerInProcess stack = new LedgerInProcess(arguments[0], user, password);
                HikariDataSource gallery = new HikariDataSource()) {
            gallery.setJdbcUrl(arguments[1]);
            gallery.setUsername(user);
            gallery.setPassword(password);
            GallerySchema.migrate(gallery);
            JdbcTemplate simulator = new JdbcTemplate(gallery);
            LongAdder opened = new LongAdder();
            List<Future<?>> running = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int from = load.instances() / WRITERS * writer;
                int to = writer == WRITERS - 1 ? load.instances() : load.instances() / WRITERS * (writer + 1);
                running.add(writers.submit(() -> open(load, from, to, stack.ledger(), simulator, opened)));
            }
            for (Future<?> one : running) {
                one.get();
            }
            stack.jdbc().execute("vacuum analyze");
            simulator.execute("vacuum analyze");
            Parent.result(Map.of("opened", opened.sum()));
        } finally {
            writers.shutdownNow();
        }
    }

    private static void open(Workload load, int from, int to, Ledger ledger, JdbcTemplate simulator, LongAdder opened) {
        for (int first = from; first < to; first += BATCH) {
            List<InstanceCommand> commands = new ArrayList<>(BATCH);
            List<String> ids = new ArrayList<>(BATCH);
            for (int instance = first; instance < Math.min(first + BATCH, to); instance++) {
                String id = load.instanceId(instance);
                ids.add(id);
                commands.add(OpenInstance.formal(
                        new InstanceId(id), "order-" + id, "line-" + id, CloseLoad.PRODUCT, "buyer-" + id, OPENED_AT));
            }
            for (Decision decision : ledger.handleAll(commands)) {
                if (!(decision instanceof Decision.Done)) {
                    throw new IllegalStateException("an instance could not be opened: " + decision);
                }
            }
            simulator.update(
                    IN_THE_SIMULATOR,
                    CloseLoad.PRODUCT.productId(),
                    OffsetDateTime.ofInstant(OPENED_AT, ZoneOffset.UTC),
                    ids.toArray(String[]::new));
            opened.add(ids.size());
            Parent.progress(opened.sum());
        }
    }
}
