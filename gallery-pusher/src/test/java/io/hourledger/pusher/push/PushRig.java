package io.hourledger.pusher.push;

import com.zaxxer.hikari.HikariDataSource;
import io.github.resilience4j.core.IntervalFunction;
import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.instance.OrderLine;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.api.StoredEvent;
import io.hourledger.ledger.config.LedgerConfiguration;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.pusher.PusherTables;
import io.hourledger.pusher.koogallery.KooGallery;
import io.hourledger.pusher.koogallery.SellerKeys;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.marketplace.RecordFormat;
import io.hourledger.pusher.marketplace.UsagePushPort;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A real ledger and a real queue on PostgreSQL, and as many pushers over them as a test wants; each step is the test's. */
final class PushRig implements AutoCloseable {

    static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
    /** The seller account of most tests. */
    static final String SELLER = OrderLine.USUAL_ACCOUNT;

    /** A seller beside it. */
    static final String OTHER_SELLER = "other";

    private static final UsagePushPort NOBODY = (body, latestSendNanos) -> new HttpResult.NotSent("nobody is there");

    static final Marketplace KOOGALLERY = marketplace(NOBODY);
    static final RecordFormat FORMAT = KOOGALLERY.records();
    /** Longer than any test on a busy machine. */
    static final Duration LONG_LEASE = Duration.ofMinutes(10);

    static final Product REQUESTS =
            new Product("web-requests", "requests", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);

    final HikariDataSource dataSource = new HikariDataSource();
    final JdbcClient jdbc;
    final TransactionTemplate transaction;
    final Ledger ledger;
    final LedgerFeed feed;
    final LedgerQueries queries;
    final LedgerAnswers answers;
    final TestClock businessTime = new TestClock(NINE.plus(Duration.ofMinutes(62)));
    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final InstanceTerms terms;
    private final WorkReader reader;
    private final List<QueueIntake> intakes;
    private final AtomicInteger instances = new AtomicInteger();

    static Marketplace marketplace(UsagePushPort endpoint) {
        return KooGallery.at(endpoint, SellerKeys.of("key", null), ZoneId.of("Asia/Shanghai"));
    }

    PushRig() {
        TestDatabase.Address address = PusherTables.fresh();
        dataSource.setJdbcUrl(address.jdbcUrl());
        dataSource.setUsername(address.user());
        dataSource.setPassword(address.password());
        dataSource.setMaximumPoolSize(8);
        dataSource.setMinimumIdle(1);
        context.registerBean(javax.sql.DataSource.class, () -> dataSource);
        context.registerBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(dataSource));
        context.register(LedgerConfiguration.class);
        context.refresh();
        jdbc = JdbcClient.create(dataSource);
        accounts(SELLER, OTHER_SELLER);
        transaction = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        ledger = context.getBean(Ledger.class);
        feed = context.getBean(LedgerFeed.class);
        queries = context.getBean(LedgerQueries.class);
        answers = LedgerAnswers.from(queries);
        terms = new InstanceTerms(jdbc);
        reader = new WorkReader(
                jdbc, terms, () -> KOOGALLERY.deadlines().nextCollection(businessTime.instant()), () -> {});
        intakes = Stream.of(SELLER, OTHER_SELLER)
                .map(account -> new QueueIntake(ledger, jdbc, transaction, KOOGALLERY, businessTime, account))
                .toList();
    }

    /** An empty queue and nobody's lease; the ledger keeps what it has, new instances get new names. */
    void clear() {
        jdbc.sql(
                        "truncate ledger.outbox, pusher.work, pusher.shadow_record, pusher.attempt, pusher.record_needing_review, pusher.lease, pusher.push_suspension, pusher.account_suspension, pusher.sent_by_lost_database, pusher.journal_position, pusher.unsent_after_restore, ledger.usage_record")
                .update();
        businessTime.moveTo(NINE.plus(Duration.ofMinutes(62)));
    }

    /** Opens so many instances, meters the hour of each, and puts the records that are issued on the queue. */
    List<UsageRecordIssued> issue(int count, Instant hour) {
        return issue(SELLER, count, hour);
    }

    /** The same, of instances that were ordered from this seller account. */
    List<UsageRecordIssued> issue(String account, int count, Instant hour) {
        List<InstanceCommand> commands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            InstanceId id = new InstanceId("i-" + String.format("%06d", instances.getAndIncrement()));
            commands.add(new OpenInstance(
                    id, new OrderLine("order", "line", account), REQUESTS, "buyer", false, hour, null));
            commands.add(meterHour(id, hour, new BigDecimal(1 + i)));
        }
        return issued(commands);
    }

    List<UsageRecordIssued> issue(int count) {
        return issue(count, NINE);
    }

    /** Reads all of the ledger's events about the instances of these records, as a reader that starts anew would. */
    void readAll(List<UsageRecordIssued> records) {
        EventJson json = context.getBean(EventJson.class);
        read(jdbc.sql(
                        """
                        select instance_id, sequence_number, event_type, revision, payload::text as payload
                          from ledger.event where instance_id = any (:ids) order by instance_id, sequence_number""")
                .param(
                        "ids",
                        records.stream().map(UsageRecordIssued::instanceId).toArray(String[]::new))
                .query((row, n) -> new StoredEvent(
                        row.getLong("sequence_number"),
                        json.read(
                                row.getString("instance_id"),
                                row.getString("event_type"),
                                row.getInt("revision"),
                                row.getString("payload"))))
                .list());
    }

    /** Puts these records into the ledger's outbox again, as they were before a pusher took them, and onto the queue. */
    void offer(List<UsageRecordIssued> records) {
        for (UsageRecordIssued record : records) {
            jdbc.sql(
                            """
                            insert into ledger.outbox (metering_sn, instance_id, hour, begin_at, end_at, amount, record_time, billing_cycle, account)
                            values (:sn, :instance, :begin, :begin, :end, :amount, :recorded, 'HOURLY', :account)""")
                    .param("account", SELLER)
                    .param("sn", record.record().meteringSn())
                    .param("instance", record.instanceId())
                    .param("begin", record.window().begin().atOffset(java.time.ZoneOffset.UTC))
                    .param("end", record.window().end().atOffset(java.time.ZoneOffset.UTC))
                    .param("amount", record.amount())
                    .param("recorded", record.recordTime().atOffset(java.time.ZoneOffset.UTC))
                    .update();
        }
        takeIn();
    }

    /** Puts these records into the ledger's projection with this amount, as its reader would. */
    void project(List<UsageRecordIssued> records, BigDecimal amount) {
        for (UsageRecordIssued record : records) {
            jdbc.sql(
                            """
                            insert into ledger.usage_record (instance_id, metering_sn, hour, revision, begin_at, end_at, amount,
                                                             carried, issued_at, state, state_since)
                            values (:instance, :sn, :begin, 0, :begin, :end, :amount, 0, :begin, 'in-flight', :begin)""")
                    .param("instance", record.instanceId())
                    .param("sn", record.record().meteringSn())
                    .param("begin", record.window().begin().atOffset(java.time.ZoneOffset.UTC))
                    .param("end", record.window().end().atOffset(java.time.ZoneOffset.UTC))
                    .param("amount", amount)
                    .update();
        }
    }

    /** A person has looked into the seller console. */
    void settle(UsageRecordIssued record, boolean billed) {
        Decision decision = ledger.handle(new InstanceCommand.SettleUsageRecord(
                new InstanceId(record.instanceId()),
                new MeteringSn(record.record().meteringSn()),
                billed,
                new DecidedBy("finance", "looked it up in the console"),
                businessTime.instant()));
        if (!(decision instanceof Decision.Done)) {
            throw new AssertionError("not done: " + decision);
        }
    }

    /** The records that these commands issue; they are on the queue then. */
    List<UsageRecordIssued> issued(List<? extends InstanceCommand> commands) {
        List<UsageRecordIssued> issued = new ArrayList<>();
        List<StoredEvent> events = new ArrayList<>();
        for (Decision decision : ledger.handleAll(commands)) {
            if (!(decision instanceof Decision.Done done)) {
                throw new AssertionError("not done: " + decision);
            }
            done.events().forEach(event -> {
                events.add(new StoredEvent(events.size(), event));
                if (event instanceof UsageRecordIssued record) {
                    issued.add(record);
                }
            });
        }
        transaction.executeWithoutResult(tx -> reader.read(events));
        takeIn();
        return issued;
    }

    /** As the running pusher does many times a second. */
    void takeIn() {
        intakes.forEach(QueueIntake::takeAll);
    }

    /** The seller accounts of the database, none of which was ever in shadow. */
    void accounts(String... names) {
        forgetAccounts();
        SellerAccount.compare(
                jdbc,
                Stream.of(names)
                        .map(name -> new SellerAccount(name, SellerAccount.Beginning.REPORTS))
                        .toList());
    }

    /** As before the first start. */
    void forgetAccounts() {
        jdbc.sql("delete from pusher.account_suspension").update();
        jdbc.sql("delete from ledger.seller_account").update();
        jdbc.sql("update ledger.installation set accounts_named = false").update();
    }

    static MeterHour meterHour(InstanceId id, Instant hour, BigDecimal amount) {
        return new MeterHour(
                id,
                new UsageHour(hour),
                0,
                new CountedBy("requests", 1),
                amount,
                new EventSpan(1, hour, hour),
                new LogPosition(0, 0, 0),
                hour.plus(Duration.ofMinutes(62)));
    }

    /** Reads the ledger's events of this batch, as the feed would. */
    void read(List<StoredEvent> events) {
        transaction.executeWithoutResult(tx -> reader.read(events));
    }

    static PushSettings settings(String owner, Duration lease, int maxRecords) {
        return settings(owner, lease, maxRecords, LONG_LEASE);
    }

    static PushSettings settings(String owner, Duration lease, int maxRecords, Duration stalledAfter) {
        return settings(
                SELLER, owner, lease, maxRecords, stalledAfter, rate(Duration.ofMillis(1), Duration.ofMillis(50)));
    }

    /** The same, with so many calls under way at once. */
    static PushSettings settings(PushSettings settings, int inFlight) {
        PushSettings.Calls calls = settings.calls();
        return new PushSettings(
                settings.lease(),
                new PushSettings.Calls(calls.maxRecords(), inFlight, calls.workers(), calls.lateEvery()),
                settings.backOff(),
                settings.idlePoll(),
                settings.stalledAfter(),
                settings.rate());
    }

    /** The same, but whoever backs off waits so long. */
    static PushSettings settings(PushSettings settings, Duration backOff) {
        return new PushSettings(
                settings.lease(),
                settings.calls(),
                new PushSettings.BackOff(backOff, backOff),
                settings.idlePoll(),
                settings.stalledAfter(),
                settings.rate());
    }

    static RateLimitSettings rate(Duration window, Duration raiseEvery) {
        return new RateLimitSettings(
                2000,
                100,
                raiseEvery,
                window,
                Duration.ofMillis(5),
                Duration.ofMillis(1),
                Duration.ofMillis(4),
                LONG_LEASE);
    }

    private static PushSettings settings(
            String account,
            String owner,
            Duration lease,
            int maxRecords,
            Duration stalledAfter,
            RateLimitSettings rate) {
        return new PushSettings(
                new PushSettings.Lease(account, owner, lease, Duration.ofMillis(10)),
                new PushSettings.Calls(maxRecords, 1, 1, 5),
                new PushSettings.BackOff(Duration.ofMillis(1), Duration.ofMillis(4)),
                Duration.ofMillis(5),
                stalledAfter,
                rate);
    }

    /** One pusher with what it keeps in memory: leaving it is a crash. */
    final class OnePusher {
        final SellerLease lease;
        final AdaptiveRateLimiter rate;
        final Pusher pusher;

        OnePusher(PushSettings settings, UsagePushPort endpoint, CrashPoint faults) {
            this(settings, endpoint, faults, ledger);
        }

        OnePusher(PushSettings settings, UsagePushPort endpoint, CrashPoint faults, Ledger ledger) {
            this(settings, endpoint, faults, ledger, SentCallJournal.NONE);
        }

        OnePusher(
                PushSettings settings,
                UsagePushPort endpoint,
                CrashPoint faults,
                Ledger ledger,
                SentCallJournal journal) {
            lease = new SellerLease(jdbc, settings.lease());
            rate = new AdaptiveRateLimiter(settings.rate());
            String account = settings.lease().account();
            PushQueue queue = new PushQueue(jdbc, transaction, businessTime, account);
            AttemptStore attempts =
                    new AttemptStore(jdbc, transaction, businessTime, faults.around(FORMAT), queue, account);
            PushMetrics pushMetrics = new PushMetrics(metrics);
            RollbackDetector rollback =
                    new RollbackDetector(faults.around(journal), jdbc, transaction, businessTime, account, FORMAT);
            Marketplace marketplace = marketplace(faults.around(endpoint));
            pusher = new Pusher(
                    lease,
                    queue,
                    attempts,
                    marketplace,
                    new PushAnswerPolicy(
                            marketplace,
                            record -> answers.recordsOf(record.instanceId(), record.window()) == 1,
                            record -> answers.wasFrozenSince(
                                    record.instanceId(), businessTime.instant().minus(PushLoop.UNFREEZING_TAKES))),
                    new OutcomeRecorder(
                            ledger,
                            queue,
                            attempts,
                            faults.around(transaction),
                            businessTime,
                            IntervalFunction.ofExponentialBackoff(
                                    settings.backOff().first(),
                                    2.0,
                                    settings.backOff().longest()),
                            pushMetrics,
                            rollback),
                    rate,
                    Clock.systemUTC(),
                    businessTime,
                    settings,
                    pushMetrics,
                    rollback,
                    () -> true);
            lease.renewOrTake();
        }

        /** Pushes until a call was made, or nothing is due (then empty). */
        boolean pushOnce() {
            for (int i = 0; i < 10_000; i++) {
                Pusher.Progress progress = pusher.push();
                if (progress instanceof Pusher.Progress.Pushed) {
                    return true;
                }
                if (progress instanceof Pusher.Progress.NothingDue) {
                    return false;
                }
                // elapsed time: the pace asks to wait
                LockSupport.parkNanos(Math.min(
                        5_000_000, ((Pusher.Progress.NotYet) progress).pause().toNanos()));
            }
            throw new AssertionError("no call went out");
        }

        /** Pushes until the queue is empty. */
        void pushAll() {
            pushUntilQueued(0);
        }

        /** Pushes until nothing is due and no more than so many records are queued. */
        void pushUntilQueued(long records) {
            for (int i = 0; i < 10_000; i++) {
                if (!pushOnce()) {
                    if (queued() <= records) {
                        return;
                    }
                    // elapsed time: a record backs off
                    LockSupport.parkNanos(1_000_000);
                }
            }
            throw new AssertionError("the queue does not empty: " + queued());
        }
    }

    /** The running pusher: a loop for each of these accounts, with metrics of its own. */
    PushLoops loops(LedgerFeed fed, MeterRegistry registry, PushLoops.Account... accounts) {
        return new PushLoops(
                List.of(accounts),
                new PushLoops.Shared(ledger, answers, jdbc, transaction, businessTime, Clock.systemUTC()),
                fed,
                registry);
    }

    /** An account of the running pusher, and what its calls meet. */
    static PushLoops.Account account(String name, Duration stalledAfter, UsagePushPort endpoint) {
        return new PushLoops.Account(
                settings(
                        name, "one", LONG_LEASE, 1000, stalledAfter, rate(Duration.ofMillis(1), Duration.ofMillis(50))),
                marketplace(endpoint),
                SentCallJournal.NONE);
    }

    OnePusher pusher(UsagePushPort endpoint) {
        return pusher(endpoint, CrashPoint.NONE);
    }

    /** A pusher of another seller account. */
    OnePusher pusherOf(String account, UsagePushPort endpoint) {
        return new OnePusher(
                settings(
                        account,
                        "other",
                        LONG_LEASE,
                        1000,
                        LONG_LEASE,
                        rate(Duration.ofMillis(1), Duration.ofMillis(50))),
                endpoint,
                CrashPoint.NONE);
    }

    OnePusher pusher(UsagePushPort endpoint, RateLimitSettings rate) {
        return new OnePusher(settings(SELLER, "one", LONG_LEASE, 1000, LONG_LEASE, rate), endpoint, CrashPoint.NONE);
    }

    OnePusher pusher(UsagePushPort endpoint, CrashPoint faults) {
        return new OnePusher(settings("one", LONG_LEASE, 1000), endpoint, faults);
    }

    long queued() {
        return jdbc.sql("select count(*) from pusher.work").query(Long.class).single();
    }

    /** The ledger's word for where a record is: the last event about it. */
    String stateOf(UsageRecordIssued record) {
        return jdbc.sql(
                        """
                        select event_type from ledger.event
                         where instance_id = :instance and payload ->> 'meteringSn' = :sn
                         order by sequence_number desc limit 1""")
                .param("instance", record.instanceId())
                .param("sn", record.record().meteringSn())
                .query(String.class)
                .single();
    }

    /** How often each kind of event was written about this record. */
    long events(UsageRecordIssued record, String type) {
        return jdbc.sql(
                        """
                        select count(*) from ledger.event
                         where instance_id = :instance and payload ->> 'meteringSn' = :sn and event_type = :type""")
                .param("instance", record.instanceId())
                .param("sn", record.record().meteringSn())
                .param("type", type)
                .query(Long.class)
                .single();
    }

    @Override
    public void close() {
        context.close();
        dataSource.close();
    }
}
