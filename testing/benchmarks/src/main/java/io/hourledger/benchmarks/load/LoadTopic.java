package io.hourledger.benchmarks.load;

import io.hourledger.benchmarks.report.BenchProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;

/**
 * A load as a topic: lz4, written once, with what it must sum up to in a file beside it. A data folder that holds it already is read
 * again instead.
 */
public final class LoadTopic {

    private final String name;
    private final Workload load;
    private final Path truthFile;
    private final Path manifest;

    /**
     * @param name of the topic
     * @param folder where the truth about it is kept
     */
    public LoadTopic(String name, Workload load, Path folder) {
        this.name = name;
        this.load = load;
        this.truthFile = folder.resolve(name + ".truth.csv");
        this.manifest = folder.resolve(name + ".manifest");
    }

    public String name() {
        return name;
    }

    public Workload load() {
        return load;
    }

    /** The sums per instance and hour that anybody must come to who reads this topic. */
    public LoadTotals truth() {
        return LoadTotals.read(truthFile);
    }

    /** How many different events the topic holds. */
    public long distinct() {
        try {
            return Long.parseLong(Files.readAllLines(manifest).get(1));
        } catch (IOException e) {
            throw new UncheckedIOException("the load's manifest cannot be read: " + manifest, e);
        }
    }

    /** Lays the topic down, unless the data folder holds it already. */
    public void ensureWritten(String bootstrapServers, BenchProgress progress) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            boolean there = admin.listTopics().names().get().contains(name);
            if (there && Files.exists(manifest)) {
                if (!Files.readAllLines(manifest).get(0).equals(load.toString())) {
                    throw new IllegalStateException("topic " + name + " in this data folder holds another load; "
                            + "name another folder, or the numbers it was made with");
                }
                return;
            }
            if (there) {
                throw new IllegalStateException(
                        "topic " + name + " in this data folder was not finished; delete the folder and start again");
            }
            create(admin, name, load.partitions());
            LoadWriter.Written written = new LoadWriter(bootstrapServers, name, load, null).write(progress);
            LoadTotals.write(truthFile, load, written.sums());
            Files.writeString(manifest, load + "\n" + written.distinct() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("the load cannot be kept: " + manifest, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("topic " + name + " cannot be made", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the load was written", e);
        }
    }

    /** A topic that keeps everything. */
    public static void create(Admin admin, String name, int partitions)
            throws ExecutionException, InterruptedException {
        NewTopic topic = new NewTopic(name, partitions, (short) 1)
                .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1", TopicConfig.RETENTION_BYTES_CONFIG, "-1"));
        admin.createTopics(List.of(topic)).all().get();
        awaitLeaders(admin, name, partitions);
    }

    /**
     * Until every partition is led. If the first request to a new partition fails and the second is taken, the first can never follow
     * (KAFKA-14359), and the writer is stuck.
     */
    private static void awaitLeaders(Admin admin, String name, int partitions)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            ends.put(new TopicPartition(name, partition), OffsetSpec.latest());
        }
        // asks again by itself while a partition has no leader, up to the client's own time-out
        admin.listOffsets(ends).all().get();
    }
}
