package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.embedded.FreePort;
import io.hourledger.ingest.RunningIngest.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("servers")
class BrokerKilledTest {

    private static final int SENDERS = 8;
    private static final int EVENTS_IN_A_BATCH = 50;

    private final Queue<String> believed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answers202 = new AtomicInteger();
    private final AtomicInteger answers503 = new AtomicInteger();
    private volatile boolean on = true;

    @Test
    void who_takes_202_for_all_kept_believes_nothing_that_is_not_in_the_log(@TempDir Path folder) throws Exception {
        int port = FreePort.any();
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try (BrokerProcess broker = BrokerProcess.start(folder, port);
                RunningIngest ingest = RunningIngest.startAt(
                        "127.0.0.1:" + port,
                        "usage-events",
                        "hourledger.kafka.startup-timeout=PT60S",
                        "hourledger.kafka.delivery-timeout=PT2S",
                        "hourledger.kafka.max-block=PT0.2S",
                        "hourledger.kafka.client[batch.size]=1000",
                        "hourledger.ingest.answer-timeout=PT5S")) {
            List<Future<?>> sending = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                String sender = "s" + i;
                sending.add(senders.submit(() -> send(ingest, sender)));
            }
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> answers202.get() > 10 * SENDERS);

            broker.kill();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> answers503.get() > 2 * SENDERS);
            on = false;
            for (Future<?> one : sending) {
                one.get();
            }

            try (BrokerProcess again = BrokerProcess.start(folder, port)) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> ingest.one(event("again")).status() == 202);
                assertThat(ingest.loggedEvents()).containsAll(believed);
            }
        } finally {
            on = false;
            senders.shutdownNow();
        }
    }

    private void send(RunningIngest ingest, String sender) {
        for (int batch = 0; on; batch++) {
            String prefix = sender + "-" + batch + "-";
            List<String> events = IntStream.range(0, EVENTS_IN_A_BATCH)
                    .mapToObj(i -> event(prefix + i).replace("\"i-1\"", "\"i-" + i + "\""))
                    .toList();
            Answer answer = ingest.batch(events);
            if (answer.status() == 202) {
                answers202.incrementAndGet();
                believed.addAll(events);
            } else {
                answers503.incrementAndGet();
            }
        }
    }
}
