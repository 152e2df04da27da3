package io.hourledger.chaos;

import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.embedded.FreePort;
import io.hourledger.ledger.seal.KafkaSeals;
import io.hourledger.ledger.seal.LedgerVerifier;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.standalone.stack.StackSecrets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** A stack as separate processes: a broker, a PostgreSQL, and the services that an outline names. */
final class ChaosStack implements AutoCloseable {

    private static final String LEDGER_DATABASE = "hourledger";
    private static final String GALLERY_DATABASE = "gallery";
    private static final String SECOND_GALLERY_DATABASE = "gallery_2";
    static final String SEALS_TOPIC = "ledger-seals";
    private static final Duration READY_WITHIN = Duration.ofMinutes(10);
    private static final int MOST_FIRST_LIVES = 5;
    private static final Duration HEALTH_WITHIN = Duration.ofSeconds(2);

    private final Path run;
    private final ChaosClock clock;
    private final StackOutline outline;
    private final StackSecrets keys;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(HEALTH_WITHIN)
            .build();
    private final Map<StackPart, Integer> ports = new EnumMap<>(StackPart.class);
    private final Map<StackPart, Running> parts = new EnumMap<>(StackPart.class);
    private final RunningDatabase database;

    /**
     * @param run the folder of this run
     * @param outline which services, and what they are told
     */
    ChaosStack(Path run, ChaosClock clock, StackOutline outline) {
        this.run = run;
        this.clock = clock;
        this.outline = outline;
        this.keys = StackSecrets.of(run);
        for (StackPart part : StackPart.values()) {
            ports.put(part, FreePort.any());
        }
        this.database = new RunningDatabase(run, port(StackPart.DATABASE));
    }

    StackSecrets keys() {
        return keys;
    }

    /** Everything in the ledger beside its digests and the seals that were kept outside the database. */
    LedgerVerifier.Report verifyLedger() {
        DataSource database = dataSource();
        return new LedgerVerifier(
                        new JdbcTemplate(database),
                        new JdbcTransactionManager(database),
                        new EventDigests(keys.digestKey()))
                .verify(KafkaSeals.all(Map.of("bootstrap.servers", bootstrapServers()), SEALS_TOPIC));
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port(StackPart.BROKER);
    }

    Map<StackPart, Running> parts() {
        return parts;
    }

    private int port(StackPart part) {
        return Objects.requireNonNull(ports.get(part));
    }

    URI uri(StackPart part) {
        return URI.create("http://127.0.0.1:" + port(part));
    }

    /** The database of ledger, aggregator and pusher; connections fail while it is down. */
    DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl(LEDGER_DATABASE));
        source.setUser("postgres");
        source.setPassword(databasePassword());
        source.setConnectTimeout(2);
        source.setSocketTimeout(20);
        return source;
    }

    private String databasePassword() {
        return EmbeddedDatabase.passwordOf(RunFolder.database(run));
    }

    private String jdbcUrl(String name) {
        return "jdbc:postgresql://127.0.0.1:" + port(StackPart.DATABASE) + "/" + name;
    }

    /** Starts everything and returns when all of it is ready. */
    void start() throws IOException, InterruptedException {
        Files.createDirectories(RunFolder.logs(run));
        Files.writeString(RunFolder.catalogue(run), ChaosCatalogue.FIRST);
        writeSettings();
        Running broker = new RunningJvm(
                StackPart.BROKER,
                run,
                clock,
                512,
                BrokerChild.class.getName(),
                List.of(RunFolder.broker(run).toString(), Integer.toString(port(StackPart.BROKER))),
                () -> listens(StackPart.BROKER));
        parts.put(StackPart.BROKER, broker);
        broker.start();
        parts.put(StackPart.DATABASE, database);
        database.start();
        database.server().createDatabaseIfMissing(LEDGER_DATABASE);
        database.server().createDatabaseIfMissing(GALLERY_DATABASE);
        database.server().createDatabaseIfMissing(SECOND_GALLERY_DATABASE);
        awaitReady(broker);
        for (StackPart part : outline.services()) {
            Running service = service(part);
            parts.put(part, service);
            service.start();
        }
        for (Running running : parts.values()) {
            awaitReady(running);
        }
    }

    private Running service(StackPart part) {
        List<String> arguments = new ArrayList<>();
        arguments.add("--spring.config.additional-location=" + settingsFile().toUri());
        arguments.add("--server.port=" + port(part));
        arguments.add("--management.server.port=0");
        arguments.add("--spring.datasource.url=" + jdbcUrl(databaseOf(part)));
        outline.settings(part, this).forEach((name, value) -> arguments.add("--" + name + "=" + value));
        return new RunningJvm(part, run, clock, 256, mainClass(part), arguments, () -> isHealthy(part));
    }

    private static String databaseOf(StackPart part) {
        return switch (part) {
            case SIMULATOR -> GALLERY_DATABASE;
            case SIMULATOR_2 -> SECOND_GALLERY_DATABASE;
            case INGEST_1, INGEST_2, AGGREGATOR_1, AGGREGATOR_2, PUSHER, PUSHER_2, PUSHER_3, BROKER, DATABASE ->
                LEDGER_DATABASE;
        };
    }

    private static String mainClass(StackPart part) {
        return switch (part) {
            case INGEST_1, INGEST_2 -> "io.hourledger.ingest.MeteringIngest";
            case AGGREGATOR_1, AGGREGATOR_2 -> "io.hourledger.aggregator.BillingAggregator";
            case PUSHER, PUSHER_2, PUSHER_3 -> "io.hourledger.pusher.GalleryPusher";
            case SIMULATOR, SIMULATOR_2 -> "io.hourledger.simulator.GallerySimulator";
            case BROKER, DATABASE -> throw new IllegalArgumentException(part.word() + " is no service");
        };
    }

    /** As an orchestrator does, begins a new life of what ended while others were not there yet. */
    private static void awaitReady(Running running) throws IOException, InterruptedException {
        long until = System.nanoTime() + READY_WITHIN.toNanos();
        while (System.nanoTime() - until < 0 && running.lives() <= MOST_FIRST_LIVES) {
            if (!running.isAlive()) {
                running.start();
            }
            Elapsed.awaitThat(() -> running.isReady() || !running.isAlive(), READY_WITHIN);
            if (running.isReady()) {
                return;
            }
        }
        throw new IOException(running.part().word() + " did not start; its log says why");
    }

    private Path settingsFile() {
        return run.resolve("house.properties").toAbsolutePath();
    }

    /** What all services are told: production's settings but for the clock, the keys and what one machine has only one of. */
    private void writeSettings() throws IOException {
        Map<String, Object> settings = new TreeMap<>(keys.settings());
        settings.putAll(clock.settings());
        settings.put("server.address", "127.0.0.1");
        settings.put("spring.datasource.username", "postgres");
        settings.put("spring.datasource.password", databasePassword());
        settings.put("hourledger.catalogue", RunFolder.catalogue(run).toUri().toString());
        settings.put("hourledger.kafka.bootstrap-servers", bootstrapServers());
        settings.put("hourledger.kafka.create-topic", "true");
        settings.put("hourledger.kafka.replication", "1");
        settings.put("hourledger.kafka.unsafe-topic-allowed", "true");
        settings.putAll(outline.settings(this));
        StringBuilder file = new StringBuilder();
        settings.forEach(
                (name, value) -> file.append(name).append('=').append(value).append('\n'));
        Files.writeString(settingsFile(), file);
    }

    private boolean listens(StackPart part) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(part))) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private boolean isHealthy(StackPart part) {
        HttpRequest request = HttpRequest.newBuilder(uri(part).resolve("/readyz"))
                .timeout(HEALTH_WITHIN)
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends every process at once; what they keep stays in the folder. */
    @Override
    public void close() {
        for (Running running : parts.values()) {
            if (running.part() != StackPart.DATABASE) {
                running.kill();
            }
        }
        database.stop();
    }
}
