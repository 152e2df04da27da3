package io.hourledger.ingest.kafka;

import io.hourledger.ingest.kafka.TopicRules.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the topic's settings again and again, since somebody may change them while the service runs. While they break a rule, what Kafka
 * acknowledges could be lost, so nothing is taken. If Kafka does not tell, the last verdict holds.
 */
final class TopicWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TopicWatch.class);

    private final TopicAdmin admin;
    private final IngestKafkaSettings settings;
    private final Duration acceptance;
    private final ScheduledExecutorService thread;
    private volatile List<String> broken = List.of();

    private TopicWatch(TopicAdmin admin, IngestKafkaSettings settings, Duration acceptance) {
        this.admin = admin;
        this.settings = settings;
        this.acceptance = acceptance;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread watching = new Thread(task, "topic-watch");
            watching.setDaemon(true);
            return watching;
        });
    }

    /** Looks at a topic that was found fit a moment ago. */
    static TopicWatch start(
            TopicAdmin admin, IngestKafkaSettings settings, Duration acceptance, TopicCheckSettings check) {
        TopicWatch watch = new TopicWatch(admin, settings, acceptance);
        long nanos = check.interval().toNanos();
        @SuppressWarnings("unused") // ends with the thread
        Future<?> looking = watch.thread.scheduleWithFixedDelay(watch::look, nanos, nanos, TimeUnit.NANOSECONDS);
        return watch;
    }

    /** Sentences on the rules that the topic breaks; empty while events may be written to it. */
    List<String> broken() {
        return broken;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void look() {
        try {
            List<String> now = brokenBy(admin.topic());
            if (!now.equals(broken)) {
                if (now.isEmpty()) {
                    log.atInfo().addKeyValue("topic", settings.topic()).log("topic is fit again, events are taken");
                } else {
                    log.atError()
                            .addKeyValue("topic", settings.topic())
                            .addKeyValue("why", String.join("; ", now))
                            .log("topic became unsafe, no event is taken");
                }
            }
            broken = now;
        } catch (ExecutionException | TimeoutException noAnswer) {
            log.atDebug().setCause(noAnswer).log("Kafka does not tell about the topic");
        } catch (Throwable bug) {
            log.atError().setCause(bug).log("the topic cannot be checked");
        }
    }

    private List<String> brokenBy(Topic topic) {
        List<String> rules = new ArrayList<>(TopicRules.broken(topic, settings.partitions()));
        if (!settings.unsafeTopicAllowed()) {
            rules.addAll(TopicRules.unsafe(topic, acceptance));
        }
        return List.copyOf(rules);
    }
}
