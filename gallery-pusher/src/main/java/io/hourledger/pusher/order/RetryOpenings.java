package io.hourledger.pusher.order;

import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Tries again to open what could not be opened when the marketplace called: it was told to ask again, so it will see it open. */
final class RetryOpenings implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RetryOpenings.class);
    private static final int A_TURN = 20;
    private static final String NOT_OPEN = "callback.instances.not.open";
    private static final String UNDONE = "callback.changes.undone";
    private static final String NOT_PLACED = "callback.packages.not.placed";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final RequestedInstances requests;
    private final Function<Requested, InstanceOpening.Outcome> opening;
    private final UndoneChanges undone;
    private final Duration every;
    private final AtomicLong notOpen = new AtomicLong(-1);
    private final AtomicLong changesUndone = new AtomicLong(-1);
    private final AtomicLong notPlaced = new AtomicLong(-1);
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "retry-openings");
        thread.setDaemon(true);
        return thread;
    });

    RetryOpenings(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            RequestedInstances requests,
            Function<Requested, InstanceOpening.Outcome> opening,
            UndoneChanges undone,
            Duration every,
            MeterRegistry registry) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.requests = requests;
        this.opening = opening;
        this.undone = undone;
        this.every = every;
        gauge(
                NOT_OPEN,
                notOpen,
                "ordered instances that could not be opened yet; usage of them is not billed",
                registry);
        gauge(UNDONE, changesUndone, "renewals and upgrades of open instances that could not be done", registry);
        gauge(
                NOT_PLACED,
                notPlaced,
                "ordered packages that wait for their instance; its usage is billed by the unit price meanwhile",
                registry);
    }

    private static void gauge(String name, AtomicLong seen, String description, MeterRegistry registry) {
        Gauge.builder(name, seen, count -> count.get() < 0 ? Double.NaN : count.get())
                .description(description)
                .register(registry);
    }

    void start() {
        var unused =
                timer.scheduleWithFixedDelay(this::turn, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Tries those that were not tried for longest. One that breaks its try keeps no other waiting. */
    void turn() {
        try {
            byIndexOnly(() -> requests.notOpen(A_TURN)).forEach(this::retry);
            notOpen.set(byIndexOnly(requests::countNotOpen));
            changesUndone.set(undone.count());
            notPlaced.set(byIndexOnly(requests::countPackagesNotPlaced));
        } catch (RuntimeException broken) {
            LOG.atError().setCause(broken).log("instances that wait could not be looked at; they are at the next turn");
        }
    }

    private void retry(Requested requested) {
        try {
            if (opening.apply(requested) instanceof InstanceOpening.Outcome.Nonsense nonsense) {
                requests.held(requested, nonsense.why());
            }
        } catch (RuntimeException broken) {
            LOG.atError()
                    .addKeyValue("order", requested.orderId())
                    .addKeyValue("line", requested.orderLineId())
                    .setCause(broken)
                    .log("an instance that waits could not be opened, and breaks the try; it is tried again");
            requests.tried(requested);
        }
    }

    /** The requests that were opened lie behind for ever; no turn may read them. */
    private <T> T byIndexOnly(Supplier<T> question) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            return question.get();
        }));
    }

    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(10, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException stopped) {
            timer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
