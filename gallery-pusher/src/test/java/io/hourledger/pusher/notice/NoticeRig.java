package io.hourledger.pusher.notice;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.embedded.TestBroker;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.config.LedgerConfiguration;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.journal.JournalTopic;
import io.hourledger.pusher.PusherTables;
import io.hourledger.pusher.notice.NoticeSettings.Retry;
import io.hourledger.pusher.notice.NoticeSettings.Webhook;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A real ledger on PostgreSQL, a real Kafka, and as many deliveries of notices as a test wants. */
final class NoticeRig implements AutoCloseable {

    static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
    static final String SECRET =
            "whsec_" + Base64.getEncoder().encodeToString("a secret of 32 bytes, as it must".getBytes(UTF_8));
    static final Product REQUESTS =
            new Product("web-requests", "requests", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
    static final Map<String, Object> KAFKA = Map.of("bootstrap.servers", TestBroker.bootstrapServers());
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final HikariDataSource dataSource = new HikariDataSource();
    final JdbcClient jdbc;
    final TransactionTemplate transaction;
    final Ledger ledger;
    final LedgerFeed feed;
    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    final String topic = TestBroker.freshName("notices");
    final WebhookPool webhookPool;
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    NoticeRig() {
        TestDatabase.Address address = PusherTables.fresh();
        dataSource.setJdbcUrl(address.jdbcUrl());
        dataSource.setUsername(address.user());
        dataSource.setPassword(address.password());
        dataSource.setMaximumPoolSize(16);
        dataSource.setMinimumIdle(1);
        context.registerBean(javax.sql.DataSource.class, () -> dataSource);
        context.registerBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(dataSource));
        context.register(LedgerConfiguration.class);
        context.refresh();
        webhookPool = new WebhookPool(dataSource, metrics);
        jdbc = JdbcClient.create(dataSource);
        transaction = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        ledger = context.getBean(Ledger.class);
        feed = context.getBean(LedgerFeed.class);
    }

    static Webhook webhook(String name, URI url, String... secrets) {
        return new Webhook(name, url, secrets.length == 0 ? List.of(SECRET) : List.of(secrets), List.of());
    }

    NoticeSettings settings(Duration giveUpAfter, Webhook... webhooks) {
        return new NoticeSettings(
                topic,
                Duration.ofDays(30),
                Duration.ofDays(30),
                List.of(webhooks),
                true,
                new Retry(
                        Duration.ofSeconds(1),
                        Duration.ofMillis(700),
                        Duration.ofMillis(20),
                        Duration.ofMillis(200),
                        giveUpAfter));
    }

    /** Delivers notices until it is closed. */
    NoticeDelivery start(NoticeSettings settings) {
        NoticeDelivery delivery = new NoticeDelivery(
                settings,
                new NoticeBrokers(KAFKA, true),
                feed,
                new NoticeDatabase(jdbc, transaction),
                webhookPool.database(),
                metrics,
                new WebhookClient(
                        settings.retry().connectTimeout(), settings.retry().answerTimeout(), Clock.systemUTC()),
                () -> true);
        delivery.start();
        return delivery;
    }

    void open(String instance) {
        handle(OpenInstance.formal(new InstanceId(instance), "order-" + instance, "line", REQUESTS, "buyer", NINE));
    }

    void freeze(String instance, int minute) {
        handle(new InstanceCommand.FreezeInstance(new InstanceId(instance), NINE.plus(Duration.ofMinutes(minute))));
    }

    void unfreeze(String instance, int minute) {
        handle(new InstanceCommand.UnfreezeInstance(new InstanceId(instance), NINE.plus(Duration.ofMinutes(minute))));
    }

    void handle(InstanceCommand command) {
        Decision decision = ledger.handle(command);
        if (!(decision instanceof Decision.Done)) {
            throw new AssertionError("not done: " + decision);
        }
    }

    /** What stands on the topic: key and text of each record, in order. */
    List<JournalTopic.Entry> published() {
        List<JournalTopic.Entry> entries = new ArrayList<>();
        JournalTopic.readIfThere(KAFKA, topic, entries::add);
        return entries;
    }

    static void until(String what, BooleanSupplier seen) {
        long sinceNanos = System.nanoTime();
        while (!seen.getAsBoolean()) {
            if (System.nanoTime() - sinceNanos > PATIENCE.toNanos()) {
                throw new AssertionError("not seen within " + PATIENCE + ": " + what);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Override
    public void close() {
        context.close();
        webhookPool.close();
        dataSource.close();
    }
}
