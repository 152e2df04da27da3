package io.hourledger.pusher.order;

import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.pusher.order.InstanceOpening.AwaitedFrom;
import io.hourledger.pusher.order.InstanceOpening.Outcome;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import io.hourledger.pusher.order.RequestedInstances.State;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Tries again to open what could not be opened when the marketplace called: it was told to ask again, so it will see it open. */
final class RetryOpenings implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RetryOpenings.class);

    /** So many orders are looked up at the same moment; each holds a connection of the pool only while it is opened. */
    private static final int AT_ONCE = 8;

    /** Of an account whose query order does not answer, so many are tried in a turn. */
    private static final int MOST_SILENT = 4;

    /** Where query order allows so many calls in a second, the others need not wait longer. */
    private static final Duration SOON = Duration.ofSeconds(1);

    /** A person must look at them, and seldom does one of them become clear by itself. */
    private static final int HELD_A_TURN = 20;

    private static final String NOT_OPEN = "callback.instances.not.open";
    private static final String UNDONE = "callback.changes.undone";
    private static final String NOT_PLACED = "callback.packages.not.placed";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final RequestedInstances requests;
    private final Function<Requested, Outcome> opening;
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
            Function<Requested, Outcome> opening,
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
        next(every);
    }

    private void next(Duration pause) {
        var unused = timer.schedule(
                () -> {
                    Duration after = every;
                    try {
                        after = turn() && SOON.compareTo(every) < 0 ? SOON : every;
                    } finally {
                        if (!timer.isShutdown()) {
                            next(after);
                        }
                    }
                },
                pause.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /**
     * Tries all that wait and were not tried since the turn began, and then some of those that a person must look at. One that breaks its try
     * keeps no other waiting. An account whose query order does not answer is left alone until the next turn.
     *
     * @return whether the next turn should come soon
     */
    boolean turn() {
        try {
            Instant began = databaseTime();
            boolean soon = retryWaiting(began);
            retryAll(byIndexOnly(() -> requests.notTriedSince(State.NEEDS_REVIEW, began, Set.of(), HELD_A_TURN)));
            count();
            return soon;
        } catch (RuntimeException broken) {
            LOG.atError().setCause(broken).log("instances that wait could not be looked at; they are at the next turn");
            return false;
        }
    }

    /** The database stamps the tries. */
    private Instant databaseTime() {
        return jdbc.sql("select clock_timestamp()")
                .query((row, n) -> row.getObject(1, OffsetDateTime.class).toInstant())
                .single();
    }

    private void count() {
        notOpen.set(byIndexOnly(requests::countNotOpen));
        changesUndone.set(undone.count());
        notPlaced.set(byIndexOnly(requests::countPackagesNotPlaced));
    }

    /** True if query order answered of some and then no more, as one does that allows so many calls in a time. */
    private boolean retryWaiting(Instant began) {
        boolean isAnyAnswered = false;
        Set<String> silent = new HashSet<>();
        List<Requested> batch;
        do {
            batch = byIndexOnly(() -> requests.notTriedSince(State.WAITING, began, silent, AT_ONCE));
            Map<Requested, Boolean> isAnswered = retryAll(batch);
            isAnyAnswered |= isAnswered.containsValue(true);
            silent.addAll(silentAccounts(batch, isAnswered));
            if (batch.size() == AT_ONCE) {
                count();
            }
        } while (!batch.isEmpty() && !timer.isShutdown());
        return isAnyAnswered && !silent.isEmpty();
    }

    /** Those of which not one order could be looked up, of {@value #MOST_SILENT} or more. One order that is never answered stops no other. */
    private static Set<String> silentAccounts(List<Requested> batch, Map<Requested, Boolean> isAnswered) {
        return batch.stream().collect(Collectors.groupingBy(Requested::account)).entrySet().stream()
                .filter(ofAccount -> ofAccount.getValue().size() >= MOST_SILENT
                        && ofAccount.getValue().stream().noneMatch(one -> isAnswered.getOrDefault(one, true)))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Each on a thread of its own. Tells of each whether query order answered. */
    private Map<Requested, Boolean> retryAll(List<Requested> batch) {
        // before its try, so that no turn meets it again whatever the try comes to
        batch.forEach(requests::tried);
        Map<Requested, Boolean> isAnswered = new ConcurrentHashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            batch.forEach(requested -> threads.execute(() -> isAnswered.put(requested, retry(requested))));
        }
        return isAnswered;
    }

    /** False if query order did not answer. */
    private boolean retry(Requested requested) {
        try {
            return switch (opening.apply(requested)) {
                case Outcome.Nonsense(String why) -> {
                    requests.held(requested, why);
                    yield true;
                }
                case Outcome.Pending pending -> pending.awaited() != AwaitedFrom.QUERY_ORDER;
                case Outcome.Open _, Outcome.GivenBack _, Outcome.TestFlagDiffers _ -> true;
            };
        } catch (RuntimeException broken) {
            LOG.atError()
                    .addKeyValue("order", requested.orderId())
                    .addKeyValue("line", requested.orderLineId())
                    .setCause(broken)
                    .log("an instance that waits could not be opened, and breaks the try; it is tried again");
            return true;
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
