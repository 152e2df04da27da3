package io.hourledger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class SpillFolderTest {

    private static final SummedMeter EGRESS = SummedMeter.of("web.egress", "bytes");
    private static final Duration LONG = Duration.ofMinutes(3);

    private final ScriptedService service = new ScriptedService();

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        service.close();
    }

    private MeteringClientBuilder client() {
        return MeteringClient.builder(service.address(), "/shop", () -> "key")
                .batch(100, Duration.ofMillis(5))
                .spillTo(folder, 1 << 20);
    }

    @Test
    void what_waits_at_the_end_is_sent_by_the_next_start_under_its_id() throws Exception {
        service.answer(503, "");
        MeteringClient first = client().build();
        for (int i = 0; i < 10; i++) {
            first.usage("i-" + i, EGRESS, i);
        }
        assertThat(first.close(Duration.ofMillis(300)))
                .isEqualTo(new FlushResult.StillWaiting(10, FlushResult.Where.FOLDER));
        Set<String> sentInVain = new HashSet<>(service.ids());
        service.acceptAll();

        try (MeteringClient second = client().build()) {
            assertThat(second.figures().waiting()).isLessThanOrEqualTo(10);
            assertThat(second.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            assertThat(second.figures().accepted()).isEqualTo(10);
        }
        List<String> ids = service.requests().get(service.requests().size() - 1).ids();
        assertThat(new HashSet<>(service.ids()))
                .hasSize(10)
                .containsAll(sentInVain)
                .containsAll(ids);
        assertThat(filesLeft()).isEmpty();
    }

    @Test
    void what_has_its_answer_is_not_sent_by_the_next_start() throws Exception {
        MeteringClient first = client().build();
        first.usage("i-1", EGRESS, 1);
        assertThat(first.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        service.answer(503, "");
        first.usage("i-2", EGRESS, 2);
        first.close(Duration.ofMillis(200));
        int before = service.requests().size();
        service.acceptAll();

        try (MeteringClient second = client().build()) {
            assertThat(second.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(service.requests().subList(before, service.requests().size()))
                .flatExtracting(ScriptedService.Request::subjects)
                .containsExactly("i-2");
    }

    @Test
    void two_clients_on_one_folder_send_what_is_theirs() throws Exception {
        service.answer(503, "");
        try (MeteringClient one = client().build();
                MeteringClient other = client().build()) {
            one.usage("one", EGRESS, 1);
            other.usage("other", EGRESS, 2);
            service.acceptAll();
            assertThat(one.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            assertThat(other.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            assertThat(one.figures().accepted()).isEqualTo(1);
            assertThat(other.figures().accepted()).isEqualTo(1);
        }
        assertThat(filesLeft()).isEmpty();
    }

    /** A file of somebody else, a lock that cannot be opened, and a usage file that cannot be mapped. */
    @Test
    void a_file_that_cannot_be_read_keeps_nobody_from_recording() throws Exception {
        Files.writeString(folder.resolve("notes.usage"), "not ours");
        Files.createDirectory(folder.resolve("directory.lock"));
        try (RandomAccessFile huge =
                new RandomAccessFile(folder.resolve("huge-000001.usage").toFile(), "rw")) {
            huge.setLength(3L << 30); // more than one mapping can hold, and no byte of it on the disk
        }

        try (MeteringClient client = client().build()) {
            client.usage("i-1", EGRESS, 1);
            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(folder.resolve("huge-000001.usage")).exists();
        assertThat(OwnerLock.tryTake(folder.toRealPath(), "huge"))
                .as("the lock, tried again later")
                .isPresent();
    }

    @Test
    void the_source_stays_with_the_usage_though_the_next_start_has_another() throws Exception {
        service.answer(503, "");
        MeteringClient first = client().build();
        first.usage("i-1", EGRESS, 1);
        first.close(Duration.ZERO);
        service.acceptAll();

        try (MeteringClient second = MeteringClient.builder(service.address(), "/renamed", () -> "key")
                .spillTo(folder, 1 << 20)
                .build()) {
            assertThat(second.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(service.requests())
                .flatExtracting(ScriptedService.Request::events)
                .allSatisfy(event -> assertThat(event.get("source").asString()).isEqualTo("/shop"));
    }

    @Test
    void a_damaged_file_is_sent_as_far_as_it_is_whole_and_put_aside() throws Exception {
        service.answer(503, "");
        MeteringClient first = client().build();
        for (int i = 0; i < 3; i++) {
            first.usage("i-" + i, EGRESS, i);
        }
        first.close(Duration.ZERO);
        Path file = only(".usage");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(new byte[] {-1}), UsageSegment.HEADER_BYTES + 20);
        }
        service.acceptAll();
        int before = service.requests().size();

        try (MeteringClient second = client().build()) {
            assertThat(second.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(service.requests().subList(before, service.requests().size()))
                .flatExtracting(ScriptedService.Request::subjects)
                .containsExactly("i-1", "i-2");
        assertThat(filesLeft()).hasSize(1).allMatch(name -> name.endsWith(".damaged"));
    }

    @Test
    void a_file_of_something_else_is_put_aside_and_stops_nothing() throws Exception {
        Files.writeString(folder.resolve("someone-000001.usage"), "x".repeat(5_000));
        Files.write(folder.resolve("nobody-000001.usage"), new byte[0]);
        try (MeteringClient client = client().build()) {
            client.usage("i-1", EGRESS, 1);
            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(filesLeft()).containsExactly("someone-000001.usage.damaged");
    }

    @Test
    void disk_is_given_back_as_soon_as_a_file_has_its_answers() throws Exception {
        try (MeteringClient client = client().build()) {
            for (int i = 0; i < 5_000; i++) {
                client.usage("i-" + i, EGRESS, i);
            }
            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            Awaitility.await().atMost(LONG).until(() -> client.figures().usedBytes() <= 128 * 1024);
        }
        assertThat(filesLeft()).isEmpty();
    }

    @Test
    void without_a_disk_a_call_fails_with_what_to_do_and_goes_on_when_there_is_one() throws Exception {
        Path gone = folder.resolve("mounted");
        try (MeteringClient client = MeteringClient.builder(service.address(), "/shop", () -> "key")
                .batch(100, Duration.ofMillis(5))
                .failWhenFull()
                .spillTo(gone, 1 << 20)
                .build()) {
            try (Stream<Path> files = Files.list(gone)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(gone);
            assertThatExceptionOfType(UsageNotRecordedException.class)
                    .isThrownBy(() -> client.usage("i-1", EGRESS, 1))
                    .withMessageContaining("make room in the spill folder");
            assertThat(client.figures().waiting()).isZero();

            Files.createDirectories(gone);
            client.usage("i-2", EGRESS, 2);
            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(service.requests())
                .flatExtracting(ScriptedService.Request::subjects)
                .containsExactly("i-2");
    }

    @Test
    void a_thread_that_is_interrupted_records_all_the_same() throws Exception {
        try (MeteringClient client = client().build()) {
            Thread.currentThread().interrupt();
            client.usage("i-1", EGRESS, 1);
            assertThat(Thread.interrupted()).isTrue();

            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
    }

    private Path only(String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private List<String> filesLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
