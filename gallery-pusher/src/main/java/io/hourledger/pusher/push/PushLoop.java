package io.hourledger.pusher.push;

import io.github.resilience4j.core.IntervalFunction;
import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.push.Pusher.Progress;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Pushes for one seller account: the intake of its queue, its lease, the threads that push, and the looks at its queue. */
final class PushLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PushLoop.class);

    /** A thread each, so that none that hangs keeps the lease from being renewed. */
    private static final int TIMED_STEPS = 5;

    /** Elapsed time. One cheap query, as often as readers of the ledger look. */
    private static final Duration TAKE_EVERY = Duration.ofMillis(50);

    /**
     * Business time. The marketplace changes its own state when it has read our answer to its call, or later; so long a record refused for
     * the state of an instance that was just frozen goes again.
     */
    static final Duration UNFREEZING_TAKES = Duration.ofMinutes(10);

    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);

    private final PushSettings settings;
    private final SentCallJournal journal;
    private final ShadowSettlement shadow;
    private final QueueIntake intake;
    private final SellerLease lease;
    private final AdaptiveRateLimiter rate;
    private final Pusher pusher;
    private final QueueWatch watch;
    private final ReviewWatch review;
    private final StallWatch stallWatch;
    private final List<Thread> workers = new CopyOnWriteArrayList<>();
    private final RepeatedSteps steps;
    private volatile boolean running;
    private volatile long movedNanos = System.nanoTime();
    private volatile String waitsFor = "";

    /**
     * @param registry which tells whose the metrics are
     */
    PushLoop(PushLoops.Account account, PushLoops.Shared shared, MeterRegistry registry) {
        this.settings = account.settings();
        this.journal = account.journal();
        Marketplace marketplace = account.marketplace();
        JdbcClient jdbc = shared.jdbc();
        TransactionTemplate transaction = shared.transaction();
        Clock businessTime = shared.businessTime();
        String name = account.name();
        this.steps = new RepeatedSteps("push-timer-" + name, TIMED_STEPS);
        this.lease = new SellerLease(jdbc, settings.lease());
        this.rate = new AdaptiveRateLimiter(settings.rate());
        this.watch = new QueueWatch(jdbc, transaction, businessTime, System::nanoTime, marketplace.deadlines(), name);
        this.review = new ReviewWatch(jdbc, transaction, businessTime, name, registry);
        PushQueue queue = new PushQueue(jdbc, transaction, businessTime, name);
        this.intake = new QueueIntake(shared.ledger(), jdbc, transaction, marketplace, businessTime, name);
        AttemptStore attempts = new AttemptStore(jdbc, transaction, businessTime, marketplace.records(), queue, name);
        PushMetrics metrics = new PushMetrics(registry);
        IntervalFunction backOff = IntervalFunction.ofExponentialRandomBackoff(
                settings.backOff().first(), 2.0, 0.2, settings.backOff().longest());
        RollbackDetector watchOfTheJournal =
                new RollbackDetector(journal, jdbc, transaction, businessTime, name, marketplace.records());
        LedgerAnswers answers = shared.answers();
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
                        shared.ledger(),
                        queue,
                        attempts,
                        transaction,
                        businessTime,
                        backOff,
                        metrics,
                        watchOfTheJournal),
                rate,
                shared.machineTime(),
                businessTime,
                settings,
                metrics,
                watchOfTheJournal,
                intake::tookWhatCanBeInTime);
        this.stallWatch = new StallWatch(
                jdbc, transaction, settings.stalledAfter(), name, System::nanoTime, pusher::lastAcceptedNanos);
        this.shadow =
                new ShadowSettlement(shared.ledger(), jdbc, transaction, businessTime, name, registry, this::wake);
        PushGauges.ofQueue(registry, watch);
        PushGauges.ofIncarnation(registry, journal);
        PushGauges.ofDeadlines(registry, watch, pusher, rate);
        PushGauges.ofStalls(registry, stallWatch);
        PushGauges.ofCalls(registry, pusher, rate, lease);
    }

    void start() {
        running = true;
        long renewEvery = settings.lease().length().toMillis() / 3;
        steps.repeat("lease", this::renewLease, renewEvery);
        steps.repeat("intake", this::takeIn, TAKE_EVERY.toMillis());
        steps.repeat("watch", this::look, LOOK_EVERY.toMillis());
        steps.repeat("stall", () -> stallWatch.look(!lease.isElsewhere()), LOOK_EVERY.toMillis());
        steps.repeat("shadow", shadow::settle, LOOK_EVERY.toMillis());
        for (int i = 0; i < settings.calls().workers(); i++) {
            Thread worker =
                    RepeatedSteps.daemon("push-" + lease.account() + "-" + i).newThread(this::work);
            workers.add(worker);
            worker.start();
        }
    }

    private void look() {
        watch.look();
        review.look();
    }

    /** No further call is begun. */
    void endSoon() {
        running = false;
        wake();
    }

    /** Ends after the calls under way are settled, and leaves the account to others. */
    @Override
    public void close() {
        endSoon();
        try {
            for (Thread worker : workers) {
                worker.join();
            }
        } catch (InterruptedException impatient) {
            workers.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
        }
        steps.close();
        RepeatedSteps.guarded("lease", lease::giveUp);
    }

    /** How pushing goes now. */
    PushStatus status() {
        QueueWatch.View view = watch.view();
        QueueWatch.First first = view.first();
        return new PushStatus(
                new PushStatus.Lease(lease.current().isPresent(), whoHasTheLease(), lease.owner()),
                new PushStatus.Queue(
                        first == null ? null : first.begin(), view.inTime(), view.late(), review.records()),
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
    void askNow() {
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

    void wake() {
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
}
