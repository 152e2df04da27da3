package io.hourledger.simulator.callback;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.hourledger.simulator.callback.Callback.State;
import io.hourledger.simulator.fault.Misbehaviour;
import io.hourledger.simulator.settings.RunTimeSettings;
import io.hourledger.simulator.settings.SimulatorSettings;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Sends the calls that are due, a bounded number at once, and keeps what became of each. A call is sent until it is answered well or its
 * time is over (koogallery.md, section 4.6); the order of calls of one order line is kept.
 */
@Component
class CallbackDispatcher implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(CallbackDispatcher.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

    /** Calls are read in batches of a few rounds for each worker, and again when less than that is ready. */
    private static final int FEW_ROUNDS = 4;

    private static final int LONGEST_ANSWER = 500;

    private final CallbackStore callbacks;
    private final Instances instances;
    private final CallbackSender seller;
    private final RunTimeSettings runTime;
    private final SimulatorSettings.Callbacks settings;
    private final TransactionTemplate transaction;
    private final Clock business;
    private final Clock machine = Clock.systemUTC();

    private final Set<Long> underWay = ConcurrentHashMap.newKeySet();
    private final Map<Long, CountDownLatch> waiters = new ConcurrentHashMap<>();
    private final Semaphore wakeUp = new Semaphore(0);
    private final Semaphore oneMoved = new Semaphore(0);
    private volatile boolean running;
    private @Nullable Thread loop;
    private @Nullable ExecutorService workers;

    CallbackDispatcher(
            CallbackStore callbacks,
            Instances instances,
            CallbackSender seller,
            RunTimeSettings runTime,
            SimulatorSettings settings,
            TransactionTemplate transaction,
            Clock business) {
        this.callbacks = callbacks;
        this.instances = instances;
        this.seller = seller;
        this.runTime = runTime;
        this.settings = settings.callbacks();
        this.transaction = transaction;
        this.business = business;
    }

    /** Something may be due. */
    void wake() {
        wakeUp.release();
    }

    /** Waits until the calls are done or failed, at most so long. */
    void await(Collection<Long> callbackIds, Duration atMost) {
        CountDownLatch latch = new CountDownLatch(callbackIds.size());
        callbackIds.forEach(id -> waiters.put(id, latch));
        wake();
        for (Callback callback : callbacks.find(callbackIds)) {
            if (callback.progress().state() == State.DONE || callback.progress().state() == State.FAILED) {
                tellWaiter(callback.callbackId());
            }
        }
        try {
            boolean unused = latch.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } finally {
            callbackIds.forEach(waiters::remove);
        }
    }

    /** Waits until no call waits any more, at most so long. */
    void awaitIdle(Duration atMost) {
        long began = System.nanoTime();
        try {
            while (callbacks.areWaiting() && System.nanoTime() - began < atMost.toNanos()) {
                boolean unused = oneMoved.tryAcquire(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
                oneMoved.drainPermits();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void tellWaiter(long callbackId) {
        CountDownLatch latch = waiters.remove(callbackId);
        if (latch != null) {
            latch.countDown();
        }
    }

    @Override
    public void start() {
        running = true;
        workers = Executors.newFixedThreadPool(settings.concurrency(), named("gallery-callback"));
        loop = named("gallery-callbacks").newThread(this::run);
        loop.start();
    }

    private static java.util.concurrent.ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void stop() {
        running = false;
        wake();
        if (loop != null) {
            loop.interrupt();
        }
        if (workers != null) {
            workers.shutdownNow();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void run() {
        while (running) {
            boolean sent = false;
            try {
                sent = sendDue();
            } catch (RuntimeException databaseAway) {
                LOG.atWarn().setCause(databaseAway).log("callbacks cannot be read; trying again");
            }
            if (!sent) {
                awaitWork();
            }
        }
    }

    private void awaitWork() {
        try {
            boolean unused = wakeUp.tryAcquire(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            wakeUp.drainPermits();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            running = false;
        }
    }

    private boolean sendDue() {
        Optional<URI> url = runTime.now().callbackUrl();
        int ready = underWay.size() - settings.concurrency();
        if (url.isEmpty() || ready >= FEW_ROUNDS * settings.concurrency()) {
            return false;
        }
        Instant machineNow = machine.instant();
        List<Callback> due = callbacks.due(machineNow, Set.copyOf(underWay), 2 * FEW_ROUNDS * settings.concurrency());
        if (due.isEmpty()) {
            return false;
        }
        Instant firstSentAt = business.instant().truncatedTo(SECONDS);
        callbacks.keepFirstSent(due, firstSentAt, machineNow, settings.giveUpAfter());
        for (Callback callback : due) {
            underWay.add(callback.callbackId());
            Instant began =
                    Optional.ofNullable(callback.progress().firstSentAt()).orElse(firstSentAt);
            workers().execute(() -> send(callback, began, url.get()));
        }
        return true;
    }

    private ExecutorService workers() {
        if (workers == null) {
            throw new IllegalStateException("not started");
        }
        return workers;
    }

    private void send(Callback callback, Instant firstSentAt, URI url) {
        try {
            boolean settled = callback.progress().state() == State.POLLING
                    ? poll(callback, firstSentAt, url)
                    : call(callback, firstSentAt, url);
            underWay.remove(callback.callbackId());
            if (settled) {
                tellWaiter(callback.callbackId());
            }
        } catch (RuntimeException unexpected) {
            LOG.atLevel(running ? Level.ERROR : Level.DEBUG)
                    .addKeyValue("callback", callback.callbackId())
                    .setCause(unexpected)
                    .log("callback could not be kept; it is sent again");
        } finally {
            underWay.remove(callback.callbackId());
            oneMoved.release();
            wake();
        }
    }

    private boolean call(Callback callback, Instant firstSentAt, URI url) {
        Optional<Misbehaviour> fault = callback.progress().heldBack() ? Optional.empty() : seller.fault(callback);
        if (CallbackSender.isHeldBack(fault)) {
            callbacks.holdBack(callback, machine.instant().plus(settings.retryEvery()));
            return false;
        }
        return switch (seller.call(callback, url, fault)) {
            case SellerAnswer.Unusable(String why) -> retry(callback, why);
            case SellerAnswer.Signed signed -> called(callback, firstSentAt, signed);
        };
    }

    private boolean called(Callback callback, Instant firstSentAt, SellerAnswer.Signed signed) {
        if (callback.activity() == Activity.NEW_INSTANCE) {
            return opened(callback, firstSentAt, signed);
        }
        if (!signed.isSuccess()) {
            return retry(callback, text(signed));
        }
        transaction.executeWithoutResult(status -> {
            takeEffect(callback, firstSentAt);
            settle(callback, State.DONE, callback.instanceId(), text(signed));
        });
        return true;
    }

    private boolean opened(Callback callback, Instant firstSentAt, SellerAnswer.Signed signed) {
        String instanceId = signed.body().path("instanceId").asString("");
        boolean usableId = !instanceId.isBlank() && instanceId.length() <= 64;
        if (signed.isInProgress() && usableId) {
            callbacks.move(
                    callback,
                    State.POLLING,
                    machine.instant().plus(settings.pollEvery()),
                    null,
                    instanceId,
                    text(signed));
            return false;
        }
        if (!signed.isSuccess()) {
            return retry(callback, text(signed));
        }
        if (!usableId) {
            return retry(callback, "instanceId is missing or longer than 64 characters");
        }
        return open(callback, instanceId, firstSentAt, text(signed));
    }

    private boolean poll(Callback callback, Instant firstSentAt, URI url) {
        String instanceId = String.valueOf(callback.instanceId());
        return switch (seller.query(callback, instanceId, url)) {
            case SellerAnswer.Unusable(String why) -> pollAgain(callback, instanceId, why);
            case SellerAnswer.Signed signed
            when signed.isSuccess() && signed.shows(instanceId) ->
                open(callback, instanceId, firstSentAt, text(signed));
            case SellerAnswer.Signed signed -> pollAgain(callback, instanceId, text(signed));
        };
    }

    private boolean pollAgain(Callback callback, String instanceId, String why) {
        if (isOver(callback)) {
            settle(callback, State.FAILED, instanceId, why);
            return true;
        }
        callbacks.move(callback, State.POLLING, machine.instant().plus(settings.pollEvery()), null, instanceId, why);
        return false;
    }

    /** One line has one instance, and one instance one line, whatever the seller answers to repeated calls. */
    private boolean open(Callback callback, String instanceId, Instant firstSentAt, String answer) {
        Optional<String> clash = transaction.execute(status -> {
            boolean isNew = instances.open(instanceId, callback.orderLineId(), firstSentAt, business.instant());
            Optional<String> wrong = isNew ? Optional.empty() : clash(callback, instanceId);
            if (wrong.isEmpty()) {
                settle(callback, State.DONE, instanceId, answer);
            }
            return wrong;
        });
        if (clash == null || clash.isEmpty()) {
            return true;
        }
        LOG.atError().addKeyValue("callback", callback.callbackId()).log(clash.get());
        return retry(callback, clash.get());
    }

    private Optional<String> clash(Callback callback, String instanceId) {
        return instances
                .ofLine(callback.orderLineId())
                .filter(known -> !known.instanceId().equals(instanceId))
                .map(known -> "line " + known.ordered().orderLineId() + " was opened as " + known.instanceId()
                        + " before, not as " + instanceId)
                .or(() -> instances
                        .find(instanceId)
                        .filter(known -> !known.ordered().orderLineId().equals(callback.orderLineId()))
                        .map(known -> "instance " + instanceId + " belongs to line "
                                + known.ordered().orderLineId()));
    }

    /**
     * The seller takes note of a call somewhere between its first sending and its answer. So what begins with it begins at the sending,
     * and what ends with it ends at the answer: neither ever refuses a time that the seller rightly took.
     */
    private void takeEffect(Callback callback, Instant firstSentAt) {
        String instanceId = String.valueOf(callback.instanceId());
        Instant answeredAt = business.instant().truncatedTo(SECONDS).plusSeconds(1);
        switch (callback.activity()) {
            case RELEASE_INSTANCE -> instances.release(instanceId, answeredAt);
            case UPDATE_INSTANCE_STATUS -> {
                if ("FREEZE".equals(callback.content().fields().get("status"))) {
                    instances.freeze(instanceId, answeredAt);
                } else {
                    instances.unfreeze(instanceId, firstSentAt);
                }
            }
            case UPGRADE_INSTANCE ->
                instances.changeProduct(
                        instanceId, String.valueOf(callback.content().fields().get("orderLineId")));
            case EXPIRE_INSTANCE -> instances.freeze(instanceId, answeredAt);
            case REFRESH_INSTANCE -> instances.unfreeze(instanceId, firstSentAt);
            case NEW_INSTANCE, CHANGE_INSTANCE_CHECK -> {}
        }
    }

    private boolean retry(Callback callback, String why) {
        if (isOver(callback)) {
            settle(callback, State.FAILED, callback.instanceId(), why);
            LOG.atWarn()
                    .addKeyValue("callback", callback.callbackId())
                    .addKeyValue("activity", callback.word())
                    .addKeyValue("line", callback.orderLineId())
                    .addKeyValue("why", why)
                    .log("callback given up");
            return true;
        }
        callbacks.move(
                callback,
                State.PENDING,
                machine.instant().plus(settings.retryEvery()),
                null,
                callback.instanceId(),
                why);
        return false;
    }

    private boolean isOver(Callback callback) {
        if (callback.repeatedFor().isZero()) {
            return true;
        }
        Instant giveUpAt = callback.progress().giveUpAt();
        return giveUpAt != null
                && !machine.instant().plus(settings.retryEvery()).isBefore(giveUpAt);
    }

    private void settle(Callback callback, State state, @Nullable String instanceId, String answer) {
        callbacks.move(callback, state, machine.instant(), business.instant(), instanceId, answer);
    }

    private static String text(SellerAnswer.Signed signed) {
        String text = signed.body().toString();
        return text.length() <= LONGEST_ANSWER ? text : text.substring(0, LONGEST_ANSWER);
    }
}
