package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.consumer.PartitionLoader.Stored;
import io.hourledger.aggregator.consumer.PartitionWorker.Tools;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.aggregator.hour.PartitionState;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The members of the group that run in this process, each a thread with a consumer of its own. */
public final class ConsumerGroup implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ConsumerGroup.class);

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final Map<String, Object> clientSettings;
    private final ConsumerSettings settings;
    private final MeterRegistry registry;
    private final Admin admin;
    private final ExecutorService loader;

    private String topicId = "";
    private List<Supplier<ConsumerMember>> prepared = List.of();
    private volatile List<ConsumerMember> members = List.of();

    private ConsumerGroup(
            Map<String, Object> clientSettings, ConsumerSettings settings, int loadingThreads, MeterRegistry registry) {
        this.registry = registry;
        this.loader = loader(loadingThreads);
        this.clientSettings = clientSettings;
        this.settings = settings;
        Map<String, Object> adminSettings = new HashMap<>(clientSettings);
        adminSettings.keySet().retainAll(AdminClientConfig.configNames());
        this.admin = Admin.create(adminSettings);
    }

    /**
     * @param clientSettings by Kafka's own names, without deserializers
     * @param loadingThreads partitions that are loaded at the same time, each on a connection to the database
     * @param registry where Kafka's own figures of each consumer are shown
     */
    public static ConsumerGroup connect(
            Map<String, Object> clientSettings, ConsumerSettings settings, int loadingThreads, MeterRegistry registry) {
        return new ConsumerGroup(clientSettings, settings, loadingThreads, registry);
    }

    /** More partitions than threads wait: their loads must leave connections for checkpoints. */
    static ExecutorService loader(int threads) {
        return Executors.newFixedThreadPool(threads, task -> daemon(task, "partition-loader"));
    }

    /**
     * Kafka's own id of the topic. Waits for the topic to be made.
     *
     * @throws IllegalStateException with a sentence for a person, if it is not there in time or has not this many partitions
     */
    public String topicId(int partitions, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        while (true) {
            try {
                Map<String, TopicDescription> topics = admin.describeTopics(List.of(settings.topic()))
                        .allTopicNames()
                        .get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
                TopicDescription topic = Objects.requireNonNull(topics.get(settings.topic()));
                if (topic.partitions().size() != partitions) {
                    throw new IllegalStateException("topic " + settings.topic() + " has "
                            + topic.partitions().size() + " partitions and hourledger.kafka.partitions says "
                            + partitions
                            + ": set that to what the topic was made with, and never enlarge a topic in use");
                }
                topicId = topic.topicId().toString();
                return topicId;
            } catch (ExecutionException | TimeoutException notThere) {
                if (System.nanoTime() - deadline >= 0) {
                    throw new IllegalStateException(
                            "Kafka does not answer, or has no topic " + settings.topic()
                                    + ": check hourledger.kafka.bootstrap-servers, or have ingest make the topic",
                            notThere);
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            } catch (InterruptedException interrupted) {
                throw new InterruptException(interrupted);
            }
        }
    }

    /** Prepares so many members of the group, once {@link #topicId} was asked for. */
    public synchronized void prepare(
            int members,
            CheckpointStore store,
            CutoffJournal journal,
            HaltStore halts,
            IntFunction<PartitionState> counters,
            Clock clock,
            PartitionListener listener,
            ProductDecisions products) {
        LogOffsets offsets = new KafkaLogOffsets(admin, topicId, ANSWER_TIMEOUT);
        ProductScopes scopes = new ProductScopes(products);
        PartitionLoader partitions =
                new PartitionLoader(new Stored(store, journal, halts), counters, offsets, settings, loader);
        List<Supplier<ConsumerMember>> all = new ArrayList<>();
        for (int member = 0; member < members; member++) {
            String threadName = "usage-consumer-" + member;
            Map<String, Object> own = new HashMap<>(clientSettings);
            own.put(
                    ConsumerConfig.CLIENT_ID_CONFIG,
                    "aggregator-" + ProcessHandle.current().pid() + "-" + member);
            Supplier<UsageConsumer> consumers = () -> {
                MeteredConsumer consumer = MeteredConsumer.connect(own, registry);
                return new UsageConsumer(
                        consumer, new Tools(consumer, partitions, offsets, clock, settings, listener, halts, scopes));
            };
            all.add(() -> new ConsumerMember(threadName, consumers, listener));
        }
        prepared = List.copyOf(all);
    }

    /** Joins the group with the members that were prepared, unless it was joined already. */
    public synchronized void join() {
        if (members.isEmpty()) {
            List<ConsumerMember> joining = prepared.stream().map(Supplier::get).toList();
            joining.forEach(ConsumerMember::start);
            members = joining;
        }
    }

    /** Leaves the group in good order, unless it was left already. Others get the partitions at once. */
    public synchronized void leave() {
        members.forEach(ConsumerMember::stop);
        members.forEach(member -> member.join(CLOSE_TIMEOUT));
        members = List.of();
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Whether every thread is alive and has polled within this time. */
    public boolean isReading(Duration within) {
        return members.stream().allMatch(member -> member.hasPolledWithin(within));
    }

    @Override
    public synchronized void close() {
        leave();
        prepared = List.of();
        loader.shutdownNow();
        try {
            admin.close(ANSWER_TIMEOUT);
        } catch (KafkaException alreadyGone) {
            log.atDebug().setCause(alreadyGone).log("admin client not closed in good order");
        }
    }
}
