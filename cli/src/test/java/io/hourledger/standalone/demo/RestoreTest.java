package io.hourledger.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.cli.ledger.LedgerCommand;
import io.hourledger.embedded.DatabaseBackup;
import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.embedded.FreePort;
import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.push.PushLoops;
import io.hourledger.simulator.GallerySimulator;
import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.stack.DataDirectory;
import io.hourledger.standalone.stack.LocalStack;
import io.hourledger.standalone.stack.Service;
import io.hourledger.standalone.stack.StackOptions;
import io.hourledger.standalone.stack.StackSecrets;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import picocli.CommandLine;

/** A whole stack, and a marketplace that does not go back with it. */
@Tag("servers")
@Timeout(400)
class RestoreTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final List<DemoOrder> ORDERS =
            Stream.of("anna", "ben", "carla", "dora").map(DemoOrder::of).toList();

    @TempDir
    Path folder;

    private final TestClock clock = new TestClock(TEN.minusSeconds(600));
    private final HttpClient client = HttpClient.newHttpClient();
    private final int galleryPort = FreePort.any();
    private final TestDatabase.Address galleryDatabase = TestDatabase.freshAddress();
    private ConfigurableApplicationContext gallery;
    private LocalStack stack;
    private DataDirectory held;
    private int events;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100));
    }

    private Path dataDir() {
        return folder.resolve("data");
    }

    private LocalStack startStack() throws Exception {
        held = DataDirectory.open(dataDir());
        Map<String, Object> settings = new HashMap<>();
        settings.put("hourledger.catalogue", "classpath:io/hourledger/standalone/demo/catalogue.json");
        settings.put("hourledger.pusher.base-url", "http://127.0.0.1:" + galleryPort);
        settings.put("hourledger.pusher.window", "0s");
        settings.put("hourledger.pusher.retry-unopened-every", "1s");
        settings.put("hourledger.aggregator.checkpoint-interval", "PT0.2S");
        settings.put("hourledger.aggregator.closing-tick", "PT0.2S");
        stack = LocalStack.start(new StackOptions(
                dataDir(), Durability.FAST, clock, StackSecrets.of(dataDir()), settings, StackOptions.Ports.ANY));
        return stack;
    }

    private void startGallery() {
        Map<String, Object> settings = new HashMap<>(StackSecrets.of(dataDir()).settings());
        settings.put("server.port", galleryPort);
        settings.put("server.address", "127.0.0.1");
        settings.put("spring.datasource.url", galleryDatabase.jdbcUrl());
        settings.put("spring.datasource.username", galleryDatabase.user());
        settings.put("spring.datasource.password", galleryDatabase.password());
        settings.put("hourledger.simulator.callbacks.poll-every", "200ms");
        settings.put(
                "hourledger.simulator.callback-url",
                stack.uri(Service.PUSHER).resolve("/callbacks/koogallery").toString());
        gallery = GallerySimulator.application()
                .initializers(before ->
                        ((GenericApplicationContext) before).registerBean("handClock", Clock.class, () -> clock))
                .run(settings.entrySet().stream()
                        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                        .toArray(String[]::new));
    }

    private void stopStack() throws Exception {
        if (stack != null) {
            stack.close();
            stack = null;
        }
        if (held != null) {
            held.close();
            held = null;
        }
    }

    @AfterEach
    void close() throws Exception {
        stopStack();
        if (gallery != null) {
            gallery.close();
        }
    }

    private GalleryConsole console() {
        return new GalleryConsole(
                client,
                URI.create("http://127.0.0.1:" + galleryPort),
                StackSecrets.of(dataDir()).operatorToken());
    }

    /** One request of every buyer, of so many bytes. */
    private void use(Map<String, String> instances, Instant time, long bytes) throws Exception {
        List<String> batch = new ArrayList<>();
        for (DemoOrder order : ORDERS) {
            for (DemoOrder.Line line : order.lines()) {
                batch.add("{\"specversion\":\"1.0\",\"id\":\"" + events++ + "\",\"source\":\"/app\",\"type\":\""
                        + line.meter().eventType() + "\",\"subject\":\"" + instances.get(line.orderLineId())
                        + "\",\"time\":\"" + time + "\",\"data\":{\"bytes\":" + bytes + "}}");
            }
        }
        UsageSender.Answer answer = new HttpUsageSender(
                        client,
                        stack.uri(Service.INGEST),
                        StackSecrets.of(dataDir()).apiKey())
                .send(batch);
        assertThat(answer).isEqualTo(new UsageSender.Answer.Assessed(batch.size(), List.of()));
    }

    private void awaitClosedAndSettled(Instant hour, int records) {
        soon().untilAsserted(() -> {
            assertThat(new DemoCountReader(stack.dataSource()).closedThrough()).contains(hour);
            DemoLedgerReader.Status status = reader().status();
            assertThat(status.issued()).isEqualTo(records);
            assertThat(status.settled()).isTrue();
        });
    }

    private DemoLedgerReader reader() {
        return new DemoLedgerReader(stack.context(Service.AGGREGATOR).getBean(LedgerQueries.class), stack.dataSource());
    }

    private String suspendedBecause() {
        return stack.context(Service.PUSHER)
                .getBean(PushLoops.class)
                .status()
                .halt()
                .suspendedBecause();
    }

    private Map<String, BigDecimal> billed() throws Exception {
        Map<String, BigDecimal> billed = new TreeMap<>();
        for (BilledRecord record : console().acceptedRecords()) {
            assertThat(billed.put(record.meteringSn(), record.amount().stripTrailingZeros()))
                    .as("billed twice")
                    .isNull();
        }
        return billed;
    }

    /** What the ledger has as reported, by serial number. */
    private Map<String, BigDecimal> reported() {
        Map<String, BigDecimal> reported = new TreeMap<>();
        reader().records().forEach((sn, record) -> {
            if (record.state().equals("reported")) {
                reported.put(sn, record.amount().stripTrailingZeros());
            }
        });
        return reported;
    }

    private String[] resumeNow() {
        return new String[] {
            "reconcile", "--data-dir", dataDir().toString(), "--lift", "--who", "anna", "--why", "all entered"
        };
    }

    private String ledger(int expected, String... arguments) {
        StringWriter said = new StringWriter();
        int exit = new CommandLine(new LedgerCommand())
                .setOut(new PrintWriter(said))
                .setErr(new PrintWriter(said))
                .execute(arguments);
        assertThat(exit).as(said.toString()).isEqualTo(expected);
        return said.toString();
    }

    @Test
    void restored_from_a_backup_made_under_load_it_pushes_nothing_until_all_is_reconciled_and_then_billed_is_metered()
            throws Exception {
        startStack();
        startGallery();
        Map<String, String> instances = console().open(ORDERS, opened -> {});

        use(instances, TEN.plusSeconds(1), 1_000_050);
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        awaitClosedAndSettled(TEN, 8);

        AtomicBoolean loading = new AtomicBoolean(true);
        List<Throwable> broken = new ArrayList<>();
        Thread load = new Thread(() -> {
            try {
                while (loading.get()) {
                    use(instances, TEN.plus(Duration.ofMinutes(61)), 7);
                }
            } catch (Exception e) {
                broken.add(e);
            }
        });
        load.start();
        ledger(
                ExitCode.OK,
                "backup",
                "--data-dir",
                dataDir().toString(),
                "--to",
                folder.resolve("backup").toString());
        loading.set(false);
        load.join();
        assertThat(broken).isEmpty();

        use(instances, TEN.plus(Duration.ofMinutes(61)), 333_333);
        clock.moveTo(TEN.plus(Duration.ofMinutes(122)));
        awaitClosedAndSettled(TEN.plus(Duration.ofHours(1)), 16);
        use(
                instances,
                TEN.plus(Duration.ofMinutes(90)),
                5_000_000); // late: it must not slip into its hour by the restore
        use(instances, TEN.plus(Duration.ofMinutes(121)), 444_444);
        clock.moveTo(TEN.plus(Duration.ofMinutes(182)));
        awaitClosedAndSettled(TEN.plus(Duration.ofHours(2)), 24);
        Map<String, BigDecimal> billedBefore = billed();
        assertThat(billedBefore).hasSize(24).isEqualTo(reported());

        stopStack();
        Files.move(dataDir().resolve("postgresql"), dataDir().resolve("postgresql.lost"));
        ledger(
                ExitCode.OK,
                "restore",
                "--from",
                folder.resolve("backup").toString(),
                "--data-dir",
                dataDir().toString(),
                "--who",
                "anna",
                "--why",
                "the disk broke");
        assertThat(ledger(ExitCode.DIFFERENT, resumeNow())).contains("has not compared yet");
        startStack();
        soon().untilAsserted(() -> assertThat(suspendedBecause()).isEqualTo("anna: the disk broke"));

        // the hours of after the backup are closed again, at the cutoffs of before, and what was reported is entered;
        // nothing is sent
        awaitClosedAndSettled(TEN.plus(Duration.ofHours(2)), 24);
        soon().untilAsserted(() -> assertThat(reported()).isEqualTo(billedBefore));
        assertThat(billed()).isEqualTo(billedBefore);
        String data = dataDir().toString();
        assertThat(ledger(ExitCode.OK, "reconcile", "--data-dir", data)).contains("entered=16", "0 records left");

        // a new hour waits while it is held
        use(instances, TEN.plus(Duration.ofMinutes(181)), 555_555);
        clock.moveTo(TEN.plus(Duration.ofMinutes(242)));
        soon().untilAsserted(() -> assertThat(reader().status().issued()).isEqualTo(32));
        assertThat(billed()).isEqualTo(billedBefore);

        ledger(ExitCode.OK, resumeNow());
        awaitClosedAndSettled(TEN.plus(Duration.ofHours(3)), 32);

        assertThat(billed()).hasSize(32).isEqualTo(reported());
        reader().instances(instances.values()).values().forEach(instance -> {
            assertThat(instance.elsewhere())
                    .as("what came late is withheld: one request of five megabytes, of " + instance.instanceId())
                    .usingComparator(BigDecimal::compareTo)
                    .isIn(BigDecimal.ONE, new BigDecimal("5"));
            assertThat(instance.metered())
                    .isEqualByComparingTo(
                            instance.reported().add(instance.carried()).add(instance.elsewhere()));
        });
    }

    /** As pgBackRest and WAL-G do it: a base backup, and the server's log up to the moment. */
    @Test
    void restored_to_a_moment_by_the_servers_log_it_knows_what_was_known_then_and_billed_is_metered_again()
            throws Exception {
        Path archive = Files.createDirectories(folder.resolve("archive"));
        startStack();
        JdbcTemplate server = new JdbcTemplate(stack.dataSource());
        server.execute("alter system set archive_mode = 'on'");
        server.execute("alter system set archive_command = 'cp %p " + archive + "/%f'");
        stopStack();
        startStack();
        startGallery();
        Map<String, String> instances = console().open(ORDERS, opened -> {});
        use(instances, TEN.plusSeconds(1), 1_000_050);
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        awaitClosedAndSettled(TEN, 8);
        Path backup = folder.resolve("backup");
        ledger(ExitCode.OK, "backup", "--data-dir", dataDir().toString(), "--to", backup.toString());
        use(instances, TEN.plus(Duration.ofMinutes(61)), 333_333);
        clock.moveTo(TEN.plus(Duration.ofMinutes(122)));
        awaitClosedAndSettled(TEN.plus(Duration.ofHours(1)), 16);

        server = new JdbcTemplate(stack.dataSource());
        String moment = server.queryForObject("select clock_timestamp()::text", String.class);
        use(instances, TEN.plus(Duration.ofMinutes(121)), 444_444);
        clock.moveTo(TEN.plus(Duration.ofMinutes(182)));
        awaitClosedAndSettled(TEN.plus(Duration.ofHours(2)), 24);
        Map<String, BigDecimal> billedBefore = billed();
        assertThat(billedBefore).hasSize(24).isEqualTo(reported());

        stopStack(); // with the last of its log
        Path database = dataDir().resolve("postgresql");
        Files.move(database, dataDir().resolve("postgresql.lost"));
        DatabaseBackup.restore(backup, database, (files, facts) -> {
            Files.createFile(files.resolve("recovery.signal"));
            Files.writeString(
                    files.resolve("postgresql.auto.conf"),
                    """
                    restore_command = 'cp %s/%%f %%p'
                    recovery_target_time = '%s'
                    recovery_target_action = 'promote'
                    """
                            .formatted(archive, moment),
                    StandardOpenOption.APPEND);
        });
        try (EmbeddedDatabase restored = EmbeddedDatabase.start(database, 0, Durability.FAST)) {
            JdbcTemplate then = new JdbcTemplate(restored.dataSource("hourledger"));
            soon().until(() -> Boolean.FALSE.equals(then.queryForObject("select pg_is_in_recovery()", Boolean.class)));
            assertThat(then.queryForObject(
                            "select count(*) from ledger.event where event_type = 'usage-record-issued'",
                            Integer.class))
                    .as("what the backup had, and the hour that was reported before the moment")
                    .isEqualTo(16);
        }

        startStack();
        soon().untilAsserted(() -> assertThat(suspendedBecause()).contains("went back to an earlier state"));
        awaitClosedAndSettled(TEN.plus(Duration.ofHours(2)), 24);
        soon().untilAsserted(() -> assertThat(reported()).isEqualTo(billedBefore));
        assertThat(billed()).isEqualTo(billedBefore);
        assertThat(ledger(ExitCode.OK, "reconcile", "--data-dir", dataDir().toString()))
                .contains("entered=8", "0 records left");
        ledger(ExitCode.OK, resumeNow());
        use(instances, TEN.plus(Duration.ofMinutes(181)), 555_555);
        clock.moveTo(TEN.plus(Duration.ofMinutes(242)));
        awaitClosedAndSettled(TEN.plus(Duration.ofHours(3)), 32);
        assertThat(billed()).hasSize(32).isEqualTo(reported());
    }
}
