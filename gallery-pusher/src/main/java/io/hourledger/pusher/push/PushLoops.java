package io.hourledger.pusher.push;

import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.pusher.files.FileDrift;
import io.hourledger.pusher.marketplace.Marketplace;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs pushing: a loop for each seller account, and beside them what belongs to the database as a whole. No loop waits for another: each has a
 * lease, a rate, a circuit breaker, threads and a part of the queue of its own.
 */
public final class PushLoops implements AutoCloseable {

    private static final String READER = "gallery-pusher-work";
    private static final int TIMED_STEPS = 2;
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final Duration LOOK_AT_FILES_EVERY = Duration.ofSeconds(30);

    private final LedgerFeed feed;
    private final WorkReader reader;
    private final RestoredRecordReconciler sentByLostDatabase;
    private final FileDrift drift;
    private final Map<String, PushLoop> loops = new LinkedHashMap<>();
    private final RepeatedSteps steps = new RepeatedSteps("push-timer", TIMED_STEPS);
    private LedgerFeed.@Nullable Subscription subscription;

    /**
     * A seller account to push for.
     *
     * @param settings how, and under whose lease
     * @param marketplace the way to it, with the account's own key
     * @param journal where its calls alone are written down
     */
    public record Account(PushSettings settings, Marketplace marketplace, SentCallJournal journal) {

        String name() {
            return settings.lease().account();
        }
    }

    /** What all accounts of a database share. */
    public record Shared(
            Ledger ledger,
            LedgerAnswers answers,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            Clock machineTime) {}

    /**
     * @param accounts at least one
     */
    public PushLoops(List<Account> accounts, Shared shared, LedgerFeed feed, MeterRegistry registry) {
        this.feed = feed;
        this.reader = new WorkReader(
                shared.jdbc(),
                new InstanceTerms(shared.jdbc()),
                () -> accounts.getFirst()
                        .marketplace()
                        .deadlines()
                        .nextCollection(shared.businessTime().instant()),
                this::wake);
        this.sentByLostDatabase = new RestoredRecordReconciler(
                shared.ledger(),
                shared.jdbc(),
                shared.transaction(),
                accounts.getFirst().marketplace().records());
        this.drift = new FileDrift(shared.jdbc(), registry);
        for (Account account : accounts) {
            loops.put(account.name(), new PushLoop(account, shared, tagged(registry, account.name())));
        }
    }

    /** Every metric of a loop says whose it is. */
    private static MeterRegistry tagged(MeterRegistry registry, String account) {
        CompositeMeterRegistry tagged = new CompositeMeterRegistry();
        tagged.config().commonTags("account", account);
        tagged.add(registry);
        return tagged;
    }

    public void start() {
        subscription = feed.subscribe(READER, WorkReader.EVENTS, reader);
        steps.repeat("sent-before", sentByLostDatabase::enter, LOOK_EVERY.toMillis());
        steps.repeat("files", drift::look, LOOK_AT_FILES_EVERY.toMillis());
        loops.values().forEach(PushLoop::start);
    }

    /** Ends after the calls under way are settled, and leaves the accounts to others. */
    @Override
    public void close() {
        loops.values().forEach(PushLoop::endSoon);
        loops.values().forEach(PushLoop::close);
        steps.close();
        LedgerFeed.Subscription current = subscription;
        if (current != null) {
            current.close();
        }
    }

    /** How pushing goes now, by seller account; the first is that of {@code hourledger.pusher.account}. */
    public Map<String, PushStatus> byAccount() {
        Map<String, PushStatus> all = new LinkedHashMap<>();
        loops.forEach((account, loop) -> all.put(account, loop.status()));
        return all;
    }

    /** How pushing goes now, of all accounts together. */
    public PushStatus status() {
        return PushStatus.together(byAccount());
    }

    /** A person mended a key or our rights: ask the marketplace at once. */
    public void askNow() {
        loops.values().forEach(PushLoop::askNow);
    }

    private void wake() {
        loops.values().forEach(PushLoop::wake);
    }
}
