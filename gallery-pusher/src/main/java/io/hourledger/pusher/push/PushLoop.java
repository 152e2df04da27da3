package io.hourledger.pusher.push;

import io.github.resilience4j.core.IntervalFunction;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.pusher.files.FileDrift;
import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.push.Pusher.Progress;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Runs the pusher: the intake of the queue, the ledger's reader beside it, the lease, the threads that push, and the looks at the queue. */
public final class PushLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PushLoop.class);
    private static final String READER = "gallery-pusher-work";

    /** A thread each, so that none that hangs keeps the lease from being renewed. */
    private static final int TIMED_STEPS = 7;

    /** Elapsed time. One cheap query, as often as readers of the ledger look. */
    private static final Duration TAKE_EVERY = Duration.ofMillis(50);

    /**
     * Business time. The marketplace changes its own state when it has read our answer to its call, or later; so long a record refused for
     * the state of an instance that was just frozen goes again.
     */
    static final Duration UNFREEZING_TAKES = Duration.ofMinutes(10);

    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final Duration LOOK_AT_FILES_EVERY = Duration.ofSeconds(30);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);

    private final PushSettings settings;
    private final LedgerFeed feed;
    private final SentCallJournal journal;
    private final WorkReader reader;
    private final FileDrift drift;
    private final ShadowSettlement shadow;
    private final QueueIntake intake;
    private final SellerLease lease;
    private final AdaptiveRateLimiter rate;
    private final Pusher pusher;
    private final QueueWatch watch;
    private final StallWatch stallWatch;
    private final RestoredRecordReconciler sentByLostDatabase;
    private final List<Thread> workers = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(TIMED_STEPS, daemon("push-timer"));
    private LedgerFeed.@Nullable Subscription subscription;
    private volatile boolean running;
    private volatile long movedNanos = System.nanoTime();
    private volatile String waitsFor = "";

    public PushLoop(
            PushSettings settings,
            Ledger ledger,
            LedgerFeed feed,
            LedgerAnswers answers,
            Marketplace marketplace,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            Clock machineTime,
            SentCallJournal journal,
            MeterRegistry registry) {
        this.settings = settings;
        this.feed = feed;
        this.journal = journal;
        this.lease = new SellerLease(jdbc, settings.lease());
        this.rate = new AdaptiveRateLimiter(settings.rate());
        this.watch = new QueueWatch(jdbc, transaction, businessTime, System::nanoTime, marketplace.deadlines());
        PushQueue queue = new PushQueue(jdbc, transaction, businessTime);
        InstanceTerms terms = new InstanceTerms(jdbc);
        this.reader = new WorkReader(jdbc, terms, queue, this::wake);
        this.intake = new QueueIntake(ledger, jdbc, transaction, marketplace, businessTime);
        AttemptStore attempts = new AttemptStore(jdbc, transaction, businessTime, marketplace.records(), queue);
        PushMetrics metrics = new PushMetrics(registry);
        IntervalFunction backOff = IntervalFunction.ofExponentialRandomBackoff(
                settings.backOff().first(), 2.0, 0.2, settings.backOff().longest());
        RollbackDetector watchOfTheJournal = new RollbackDetector(
                journal, jdbc, transaction, businessTime, settings.lease().account(), marketplace.records());
        this.pusher = new Pusher(
                lease,
                queue,
                attempts,
                marketplace,
                new PushAnswerPolicy(
                        marketplace,
                        record -> answers.recordsOf(record.instanceId(), record.window()) == 1,
                        record -> answers.wasFrozenSince(
                                record.instanceId(), businessTime.instant().minus(UNFREEZING_TAKES))),
                new OutcomeRecorder(
                        ledger, queue, attempts, transaction, businessTime, backOff, metrics, watchOfTheJournal),
                rate,
                machineTime,
                businessTime,
                settings,
                metrics,
                watchOfTheJournal,
                intake::tookWhatCanBeInTime);
        this.stallWatch =
                new StallWatch(jdbc, transaction, settings.stalledAfter(), System::nanoTime, pusher::lastAcceptedNanos);
        this.sentByLostDatabase = new RestoredRecordReconciler(ledger, jdbc, transaction, marketplace.records());
        this.drift = new FileDrift(jdbc, registry);
        this.shadow = new ShadowSettlement(ledger, jdbc, transaction, businessTime, registry, this::wake);
        PushGauges.ofQueue(registry, watch);
        PushGauges.ofIncarnation(registry, journal);
        PushGauges.ofDeadlines(registry, watch, pusher, rate);
        PushGauges.ofStalls(registry, stallWatch);
        PushGauges.ofCalls(registry, pusher, rate, lease);
    }

    public void start() {
        running = true;
        subscription = feed.subscribe(READER, WorkReader.EVENTS, reader);
        long renewEvery = settings.lease().length().toMillis() / 3;
        repeat("lease", this::renewLease, renewEvery);
        repeat("intake", this::takeIn, TAKE_EVERY.toMillis());
        repeat("watch", watch::look, LOOK_EVERY.toMillis());
        repeat("stall", () -> stallWatch.look(!lease.isElsewhere()), LOOK_EVERY.toMillis());
        repeat("sent-before", sentByLostDatabase::enter, LOOK_EVERY.toMillis());
        repeat("shadow", shadow::settle, LOOK_EVERY.toMillis());
        repeat("files", drift::look, LOOK_AT_FILES_EVERY.toMillis());
        for (int i = 0; i < settings.calls().workers(); i++) {
            Thread worker = daemon("push-" + i).newThread(this::work);
            workers.add(worker);
            worker.start();
        }
    }

    /** Ends after the calls under way are settled, and leaves the account to others. */
    @Override
    public void close() {
        running = false;
        wake();
        try {
            for (Thread worker : workers) {
                worker.join();
            }
            timer.shutdown();
            if (!timer.awaitTermination(5, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException impatient) {
            timer.shutdownNow();
            workers.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
        }
        LedgerFeed.Subscription current = subscription;
        if (current != null) {
            current.close();
        }
        guarded("lease", lease::giveUp);
    }

    /** How pushing goes now. */
    public PushStatus status() {
        QueueWatch.View view = watch.view();
        QueueWatch.Oldest oldest = view.oldest();
        return new PushStatus(
                new PushStatus.Lease(lease.current().isPresent(), whoHasTheLease(), lease.owner()),
                new PushStatus.Queue(oldest == null ? null : oldest.begin(), view.inTime(), view.late(), view.held()),
                new PushStatus.Limits(rate.callsPerSecond(), pusher.mostRecordsInACall()),
                pusher.lastAcceptedAt().orElse(null),
                shadow.isInShadow(),
                new PushStatus.Halt(
                        pusher.stop()
                                .map(stop -> stop.code() + " " + stop.message())
                                .orElse(null),
                        view.suspendedBecause(),
                        journal.whyNotToSend().orElse(null),
                        stallWatch.stall().map(this::stalled).orElse(null)));
    }

    private String whoHasTheLease() {
        if (lease.current().isPresent()) {
            return "held";
        }
        return lease.isElsewhere()
                ? "another pusher has the account"
                : "not known: the database did not say lately who has the account";
    }

    private PushStatus.Stalled stalled(StallWatch.Stall stall) {
        Duration still = Duration.ofNanos(System.nanoTime() - movedNanos);
        String whatToDo;
        if (!stall.seen()) {
            whatToDo = "the queue could not be looked at: see whether PostgreSQL answers";
        } else if (still.compareTo(settings.stalledAfter()) > 0) {
            whatToDo = "the threads that push have not moved for " + still
                    + ": take a thread dump for the maintainers, then restart the pusher";
        } else {
            whatToDo = "see waitsFor, lastAnswer and docs/pushing.md; for an HTTP status without a code also whether"
                    + " hourledger.pusher.base-url leads to the marketplace. Once it is mended, POST /operator/pusher/ask-now";
        }
        return new PushStatus.Stalled(
                stall.since(), waitsFor, pusher.lastAnswer().orElse(null), whatToDo);
    }

    /** A person mended the key or our rights: ask the marketplace at once. */
    public void askNow() {
        rate.askNow();
        wake();
    }

    private void work() {
        while (running) {
            try {
                switch (pusher.push()) {
                    case Progress.Pushed _ -> moved("");
                    case Progress.NothingDue _ -> {
                        moved("");
                        await(settings.idlePoll());
                    }
                    case Progress.NotYet(Duration pause, String why) -> {
                        moved(why);
                        await(pause.compareTo(settings.idlePoll()) < 0 ? pause : settings.idlePoll());
                    }
                }
            } catch (Throwable broken) { // also an Error: a thread that dies pushes nothing any more
                moved("a push broke off: " + broken);
                LOG.atError().setCause(broken).log("a push broke off; what it left is taken up again");
                await(AFTER_A_FAILURE);
            }
        }
    }

    private void moved(String nowWaitsFor) {
        waitsFor = nowWaitsFor;
        movedNanos = System.nanoTime();
    }

    /** Elapsed time: until somebody wakes us or the time is over. */
    private static void await(Duration pause) {
        LockSupport.parkNanos(pause.toNanos());
    }

    private void wake() {
        workers.forEach(LockSupport::unpark);
    }

    private void renewLease() {
        boolean before = lease.current().isPresent();
        boolean now = lease.renewOrTake().isPresent();
        if (before != now) {
            LOG.atInfo()
                    .addKeyValue("account", lease.account())
                    .addKeyValue("owner", lease.owner())
                    .log(now ? "the account is ours to push for" : "another pusher has the account");
            wake();
        }
    }

    private void takeIn() {
        if (intake.takeAll()) {
            wake();
        }
    }

    private void repeat(String what, Runnable step, long everyMillis) {
        var unused = timer.scheduleWithFixedDelay(() -> guarded(what, step), 0, everyMillis, TimeUnit.MILLISECONDS);
    }

    private static void guarded(String what, Runnable step) {
        try {
            step.run();
        } catch (Throwable broken) { // also an Error: what a timer throws out is never run again
            LOG.atError()
                    .addKeyValue("what", what)
                    .setCause(broken)
                    .log("a step of the pusher failed; it is tried again");
        }
    }

    private static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
