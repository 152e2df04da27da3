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
import java.util.HashMap;
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
import java.util.concurrent.locks.LockSupport;
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
    private static final int AT_ONCE = 4;

    /** An account of which so many were not answered in a row is left alone until the next turn. */
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
    private final Timing timing;
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
            Timing timing,
            MeterRegistry registry) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.requests = requests;
        this.opening = opening;
        this.undone = undone;
        this.timing = timing;
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

    /**
     * How fast it goes.
     *
     * @param every between two turns
     * @param betweenBatches query order takes well under 10 calls a second of a seller, and usage push may share that limit
     * @param longestTurn what has come meanwhile need not wait for the end of a long turn
     */
    record Timing(Duration every, Duration betweenBatches, Duration longestTurn) {

        static Timing every(Duration every) {
            return new Timing(every, Duration.ofMillis(500), Duration.ofMinutes(1));
        }
    }

    private static void gauge(String name, AtomicLong seen, String description, MeterRegistry registry) {
        Gauge.builder(name, seen, count -> count.get() < 0 ? Double.NaN : count.get())
                .description(description)
                .register(registry);
    }

    void start() {
        next(timing.every);
    }

    private void next(Duration pause) {
        var unused = timer.schedule(
                () -> {
                    Duration after = timing.every;
                    try {
                        after = turn() && SOON.compareTo(timing.every) < 0 ? SOON : timing.every;
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
            retryHeld(began);
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

    private void retryHeld(Instant began) {
        for (int left = HELD_A_TURN; left > 0 && !timer.isShutdown(); left -= AT_ONCE) {
            List<Requested> batch =
                    byIndexOnly(() -> requests.notTriedSince(State.NEEDS_REVIEW, began, Set.of(), AT_ONCE));
            if (batch.isEmpty()) {
                return;
            }
            retryAll(batch);
            pauseAfter(batch);
        }
    }

    /** A batch that is not full is the last. */
    private void pauseAfter(List<Requested> batch) {
        if (batch.size() == AT_ONCE) {
            LockSupport.parkNanos(timing.betweenBatches.toNanos());
        }
    }

    /**
     * True if the next turn should come soon: the time of this one was over, or query order answered of some and then no more, as one does that
     * allows so many calls in a time.
     */
    private boolean retryWaiting(Instant began) {
        long end = System.nanoTime() + timing.longestTurn.toNanos();
        boolean isAnyAnswered = false;
        Map<String, Integer> notAnsweredInARow = new HashMap<>();
        Set<String> silent = new HashSet<>();
        List<Requested> batch;
        do {
            batch = byIndexOnly(() -> requests.notTriedSince(State.WAITING, began, silent, AT_ONCE));
            Map<Requested, Boolean> isAnswered = retryAll(batch);
            isAnyAnswered |= isAnswered.containsValue(true);
            count(batch, isAnswered, notAnsweredInARow);
            notAnsweredInARow.forEach((account, times) -> {
                if (times >= MOST_SILENT) {
                    silent.add(account);
                }
            });
            if (batch.size() == AT_ONCE) {
                count();
            }
            pauseAfter(batch);
        } while (!batch.isEmpty() && !timer.isShutdown() && System.nanoTime() - end < 0);
        return !batch.isEmpty() || (isAnyAnswered && !silent.isEmpty());
    }

    /** One order that is never answered stops no other of its account. */
    private static void count(
            List<Requested> batch, Map<Requested, Boolean> isAnswered, Map<String, Integer> notAnsweredInARow) {
        batch.stream()
                .collect(Collectors.groupingBy(Requested::account))
                .forEach((account, requests) ->
                        notAnsweredInARow.merge(account, requests.size(), (before, now) -> before + now));
        batch.stream()
                .filter(one -> isAnswered.getOrDefault(one, true))
                .forEach(one -> notAnsweredInARow.put(one.account(), 0));
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
                case Outcome.Pending pending -> pending.awaited() != AwaitedFrom.QUERY_ORDER;
                case Outcome.Open _, Outcome.GivenBack _, Outcome.TestFlagDiffers _, Outcome.Nonsense _ -> true;
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
