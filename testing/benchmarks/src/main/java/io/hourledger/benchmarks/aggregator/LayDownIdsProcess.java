package io.hourledger.benchmarks.aggregator;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.BucketIncrement;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.NewIds;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.ids.IdBuffer;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.postgres.PostgresCheckpointStore;
import io.hourledger.aggregator.postgres.PostgresLogIdentity;
import io.hourledger.benchmarks.load.Workload;
import io.hourledger.benchmarks.process.Parent;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * Lays down ids as if their events had been counted: checkpoints, through the aggregator's own store, of random ids and of the buckets of
 * 20,000 instances, up to the end of a small topic. Only the reading of the events themselves is left out.
 */
public final class LayDownIdsProcess {

    private static final int IDS_IN_CHECKPOINT = 250_000;

    private LayDownIdsProcess() {}

    /** Takes the database's address, user, password, the broker's address, the topic, and how many ids. */
    public static void main(String[] arguments) throws ExecutionException, InterruptedException {
        String topic = arguments[4];
        long ids = Long.parseLong(arguments[5]);
        Parent.whenItEnds(() -> {});
        try (HikariDataSource database = new HikariDataSource();
                Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[3]))) {
            database.setJdbcUrl(arguments[0]);
            database.setUsername(arguments[1]);
            database.setPassword(arguments[2]);
            AggregatorSchema.migrate(database);
            String topicId = Objects.requireNonNull(admin.describeTopics(List.of(topic))
                            .allTopicNames()
                            .get()
                            .get(topic))
                    .topicId()
                    .toString();
            List<String> differences = new PostgresLogIdentity(database)
                    .claim(new PostgresLogIdentity.LogIdentity(
                            topic,
                            topicId,
                            IdLoad.PARTITIONS,
                            IdKey.fromHex(OurSettings.ID_KEY).fingerprint()));
            if (!differences.isEmpty()) {
                throw new IllegalStateException("the database is not empty: " + differences);
            }
            new PostgresCatalogue(database).claim(OurSettings.catalogue());
            CheckpointStore store = new PostgresCheckpointStore(
                    database, machineTime -> machineTime, CatalogueVersions.only(OurSettings.catalogue()));
            long laid = 0;
            for (int partition = 0; partition < IdLoad.PARTITIONS; partition++) {
                TopicPartition log = new TopicPartition(topic, partition);
                long end = admin.listOffsets(Map.of(log, OffsetSpec.latest()))
                        .partitionResult(log)
                        .get()
                        .offset();
                laid = layDown(store, partition, end, ids / IdLoad.PARTITIONS, laid);
            }
            Parent.result(Map.of("ids", laid));
        }
    }

    private static long layDown(CheckpointStore store, int partition, long end, long ids, long before) {
        SplittableRandom random = new SplittableRandom(partition);
        int checkpoints = Math.toIntExact((ids + IDS_IN_CHECKPOINT - 1) / IDS_IN_CHECKPOINT);
        if (end < checkpoints) {
            throw new IllegalStateException(
                    "partition " + partition + " is too short for " + checkpoints + " checkpoints");
        }
        long offset = 0;
        long laid = 0;
        for (int number = 1; number <= checkpoints; number++) {
            long next = end * number / checkpoints;
            int size = (int) Math.min(IDS_IN_CHECKPOINT, ids - laid);
            IdBuffer buffer = new IdBuffer(size);
            for (int i = 0; i < size; i++) {
                buffer.add(random.nextLong(), random.nextInt(), random.nextInt());
            }
            laid += size;
            UsageHour hour = IdLoad.hour((int) ((long) number * IdLoad.HOURS / (checkpoints + 1)));
            CheckpointStore.Outcome outcome = store.keep(new Checkpoint(
                    partition,
                    new Checkpoint.Advance(number, offset, next),
                    new Tallies(laid, laid, 0, 0),
                    number == checkpoints ? buckets(partition, next) : List.of(),
                    List.of(new NewIds(hour, buffer.toBytes())),
                    List.of(),
                    List.of()));
            if (outcome != CheckpointStore.Outcome.STORED) {
                throw new IllegalStateException("a checkpoint was not kept: " + outcome);
            }
            offset = next;
            Parent.progress(before + laid);
        }
        return before + laid;
    }

    private static List<BucketIncrement> buckets(int partition, long next) {
        Workload load = IdLoad.OF_INSTANCES;
        List<BucketIncrement> buckets = new ArrayList<>();
        for (int instance = 0; instance < load.instances(); instance++) {
            String id = load.instanceId(instance);
            if (load.partitionOf(id.getBytes(StandardCharsets.US_ASCII)) != partition) {
                continue;
            }
            for (int hour = 0; hour < IdLoad.HOURS; hour++) {
                buckets.add(new BucketIncrement(
                        new Bucket(
                                IdLoad.hour(hour),
                                0,
                                id,
                                "egress",
                                BigDecimal.valueOf(4_711L + instance),
                                new EventSpan(
                                        1000,
                                        IdLoad.hour(hour).start(),
                                        IdLoad.hour(hour).start().plusSeconds(1)),
                                0,
                                new Bucket.Offsets(0, next - 1)),
                        Aggregation.SUM));
            }
        }
        return buckets;
    }
}
