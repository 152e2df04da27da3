package io.hourledger.pusher.notice;

import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.journal.JournalTopic;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Runs the notices: the ledger's reader that writes them down, the topic's publisher, and each endpoint's delivery. */
final class NoticeDelivery implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NoticeDelivery.class);
    private static final String READER = "notices";

    private static final Duration PUBLISH_EVERY = Duration.ofMillis(50);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(5);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final Duration DROP_EVERY = Duration.ofMinutes(10);

    private final NoticeSettings settings;
    private final LedgerFeed feed;
    private final JdbcClient jdbc;
    private final NoticeDatabase webhooks;
    private final NoticeLog log;
    private final @Nullable NoticePublisher publisher;
    private final NoticeMetrics metrics;
    private final BooleanSupplier allowed;
    private final WebhookClient client;
    private final List<WebhookEndpoint> endpoints;
    private final List<WebhookDelivery> deliveries = new ArrayList<>();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(3, work -> {
        Thread thread = new Thread(work, "notice-timer");
        thread.setDaemon(true);
        return thread;
    });
    private LedgerFeed.@Nullable Subscription subscription;
    private volatile long notBeforeNanos = System.nanoTime();

    /**
     * @param database of the ledger's feed: notices are written down in the feed's transaction
     * @param webhooks for what endpoints are sent
     * @param allowed whether anything may be told: not on a database that another one has superseded
     */
    NoticeDelivery(
            NoticeSettings settings,
            NoticeBrokers brokers,
            LedgerFeed feed,
            NoticeDatabase database,
            NoticeDatabase webhooks,
            MeterRegistry registry,
            WebhookClient client,
            BooleanSupplier allowed) {
        this.settings = settings;
        this.feed = feed;
        this.jdbc = database.jdbc();
        this.webhooks = webhooks;
        TransactionTemplate transaction = database.transaction();
        this.allowed = allowed;
        this.endpoints = settings.endpoints();
        UUID installation =
                jdbc.sql("select id from ledger.installation").query(UUID.class).single();
        this.log = new NoticeLog(jdbc, new NoticeJson(installation), endpoints);
        this.metrics = new NoticeMetrics(jdbc, transaction, registry);
        this.publisher = brokers.client().isEmpty()
                ? null
                : new NoticePublisher(
                        jdbc,
                        transaction,
                        () -> JournalTopic.connect(
                                brokers.client(),
                                settings.topic(),
                                brokers.unsafeTopicAllowed(),
                                settings.topicRetention()));
        this.client = client;
        for (WebhookEndpoint endpoint : endpoints) {
            deliveries.add(new WebhookDelivery(
                    endpoint,
                    new DeliveryQueue(webhooks.jdbc(), webhooks.transaction(), endpoint),
                    client,
                    settings.retry(),
                    metrics,
                    allowed));
        }
    }

    void start() {
        metrics.registerDeadLetters();
        every(LOOK_EVERY, "nobody could see how many notices are dead letters", metrics::lookAtDeadLetters);
        if (publisher != null) {
            metrics.registerTopic();
            every(PUBLISH_EVERY, "notices were not published; they are again in a few seconds", this::publishAll);
            every(LOOK_EVERY, "nobody could see how long notices wait for the topic", metrics::lookAtTopic);
        }
        for (int i = 0; i < endpoints.size(); i++) {
            String name = endpoints.get(i).name();
            WebhookDelivery delivery = deliveries.get(i);
            metrics.registerEndpoint(name);
            delivery.start(); // before anything is given up
            every(LOOK_EVERY, "nobody could see how long notices wait for an endpoint", () -> {
                delivery.giveUpOld();
                metrics.lookAtEndpoint(name);
            });
        }
        every(DROP_EVERY, "old notices were not dropped", this::dropOld);
        subscription = feed.subscribe(READER, Notice.EVENTS, log);
    }

    private void every(Duration interval, String failure, Runnable step) {
        long millis = interval.toMillis();
        var unused = timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        step.run();
                    } catch (RuntimeException | Error failed) { // an Error would cancel all turns to come
                        LOG.atError().setCause(failed).log(failure);
                    }
                },
                millis,
                millis,
                TimeUnit.MILLISECONDS);
    }

    private void dropOld() {
        List<String> known = endpoints.stream().map(WebhookEndpoint::name).toList();
        int left = DeliveryQueue.giveUpOfOthers(webhooks.jdbc(), webhooks.transaction(), known, settings.keep());
        if (left > 0) {
            LOG.atError()
                    .addKeyValue("notices", left)
                    .log("notices wait for endpoints that are in the settings no more; they are dead letters now");
        }
        NoticeStorage.dropOld(jdbc, settings.keep(), publisher != null);
    }

    private void publishAll() {
        if (publisher == null || System.nanoTime() - notBeforeNanos < 0) {
            return;
        }
        try {
            while (allowed.getAsBoolean() && publisher.publish() > 0) {
                // the next wave
            }
        } catch (RuntimeException failed) {
            notBeforeNanos = System.nanoTime() + AFTER_A_FAILURE.toNanos();
            throw failed;
        }
    }

    @Override
    public void close() {
        timer.shutdown();
        if (subscription != null) {
            subscription.close();
        }
        deliveries.forEach(WebhookDelivery::close);
        try {
            if (!timer.awaitTermination(15, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException stop) {
            timer.shutdownNow();
            Thread.currentThread().interrupt();
        }
        client.close();
        if (publisher != null) {
            publisher.close();
        }
    }
}
