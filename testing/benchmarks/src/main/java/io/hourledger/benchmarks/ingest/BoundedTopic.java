package io.hourledger.benchmarks.ingest;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;

/** A topic that is written to for minutes at full speed: of what it holds only the newest is kept, and its offsets count all. */
final class BoundedTopic {

    private static final int ANSWER_SECONDS = 20;
    private static final int SEGMENT_BYTES = 64 * 1024 * 1024;
    private static final int BYTES_OF_A_PARTITION = 4 * SEGMENT_BYTES;

    private final Admin admin;
    private final String name;
    private final int partitions;

    private BoundedTopic(Admin admin, String name, int partitions) {
        this.admin = admin;
        this.name = name;
        this.partitions = partitions;
    }

    static BoundedTopic create(Admin admin, String name, int partitions) {
        try {
            admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())
                            .configs(Map.of(
                                    TopicConfig.SEGMENT_BYTES_CONFIG,
                                    Integer.toString(SEGMENT_BYTES),
                                    TopicConfig.RETENTION_BYTES_CONFIG,
                                    Integer.toString(BYTES_OF_A_PARTITION),
                                    TopicConfig.FILE_DELETE_DELAY_MS_CONFIG,
                                    "1000",
                                    TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG,
                                    Long.toString(Long.MAX_VALUE),
                                    TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG,
                                    Long.toString(Long.MAX_VALUE)))))
                    .all()
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS);
            return new BoundedTopic(admin, name, partitions);
        } catch (ExecutionException | TimeoutException refused) {
            throw new IllegalStateException("topic " + name + " cannot be made", refused);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    String name() {
        return name;
    }

    /** How many records were ever written to it. */
    long written() {
        try {
            return admin
                    .listOffsets(IntStream.range(0, partitions)
                            .mapToObj(partition -> new TopicPartition(name, partition))
                            .collect(Collectors.toMap(place -> place, place -> OffsetSpec.latest())))
                    .all()
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS)
                    .values()
                    .stream()
                    .mapToLong(ListOffsetsResultInfo::offset)
                    .sum();
        } catch (ExecutionException | TimeoutException noAnswer) {
            throw new IllegalStateException("the offsets of " + name + " are not known", noAnswer);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }
}
