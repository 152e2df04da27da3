package io.hourledger.cli.ledger;

import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.lag.LagMonitor;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.recount.CatalogueSimulation;
import io.hourledger.aggregator.recount.HourRecount;
import io.hourledger.aggregator.recount.Receipts;
import io.hourledger.aggregator.run.AggregatorKafkaSettings;
import io.hourledger.aggregator.run.AggregatorSettings;
import io.hourledger.aggregator.run.CutoffJournalSettings;
import io.hourledger.aggregator.run.LagMonitors;
import io.hourledger.aggregator.run.Recounts;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.embedded.BrokerPassword;
import io.hourledger.embedded.EmbeddedBroker;
import io.hourledger.ledger.installation.Installation;
import io.hourledger.ledger.seal.KafkaSeals;
import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.seal.SealSettings;
import io.hourledger.standalone.stack.LocalStack;
import io.hourledger.standalone.stack.StackManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.apache.kafka.clients.CommonClientConfigs;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where Kafka is, with the usage log and the seals, and how usage was counted. */
public final class UsageLogPlace {

    private static final int ANSWER_MILLIS = 3_000;
    private static final Duration USUALLY_ACCEPTED_AHEAD = Duration.ofMinutes(70);

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "Kafka (default: that of the stack in --data-dir, else $HOURLEDGER_KAFKA_BOOTSTRAPSERVERS)")
    private @Nullable String bootstrapServers;

    @Option(
            names = "--catalogue",
            paramLabel = "FILE",
            description =
                    "a file that is held against the version of the catalogue that was published; may be given often (default:"
                            + " all that the stack in --data-dir was started with)")
    private List<Path> catalogues = new ArrayList<>();

    @Mixin
    CliServiceSettings settings = new CliServiceSettings();

    /** Nothing answers, and the message says to a person what to do. */
    public static final class KafkaMissingException extends Exception {
        private static final long serialVersionUID = 1L;

        KafkaMissingException(String sentence) {
            super(sentence);
        }
    }

    /** Kafka, for as long as a question lasts. */
    public final class Kafka implements AutoCloseable {
        private final LedgerDatabase.Open ledger;
        private final String servers;
        private final @Nullable EmbeddedBroker started;

        private Kafka(LedgerDatabase.Open ledger, String servers, @Nullable EmbeddedBroker started) {
            this.ledger = ledger;
            this.servers = servers;
            this.started = started;
        }

        List<Seal> seals(@Nullable String topic) {
            return KafkaSeals.all(clientSettings(), sealsTopic(topic));
        }

        private Map<String, Object> clientSettings() {
            Map<String, Object> client = new HashMap<>(settings().client());
            client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
            return client;
        }

        private AggregatorKafkaSettings settings() {
            return bind(ledger, servers, "hourledger.kafka", AggregatorKafkaSettings.class);
        }

        /**
         * The versions of the catalogue that were published.
         *
         * @throws IllegalStateException if there is none, or a file at hand says something else of one
         */
        public CatalogueVersions catalogues() {
            PostgresCatalogue published = new PostgresCatalogue(ledger.dataSource());
            for (Catalogue file : UsageLogPlace.this.catalogues(ledger)) {
                List<String> other = published.otherThanCounted(file);
                if (!other.isEmpty()) {
                    throw new IllegalStateException(
                            "this is not the catalogue that was counted with: " + String.join("; ", other));
                }
            }
            return published.get();
        }

        public int partitions() {
            return settings().partitions();
        }

        /** So far ahead of its record an event may lie. */
        public Duration acceptedAhead() {
            Duration told = Binder.get(settings.of(ledger.stack(), Map.of()))
                    .bind("hourledger.aggregator.accepted-ahead", Duration.class)
                    .orElse(USUALLY_ACCEPTED_AHEAD);
            return Objects.requireNonNullElse(told, USUALLY_ACCEPTED_AHEAD);
        }

        /** The log of usage events. */
        public HourRecount.Log log() {
            return new HourRecount.Log(clientSettings(), settings().topic());
        }

        String sealsTopic(@Nullable String topic) {
            return topic != null
                    ? topic
                    : bind(ledger, servers, "hourledger.seals", SealSettings.class)
                            .topic();
        }

        /** What the database and the journal say of the installation. */
        Installation.Shown shownInstallation() {
            return Installation.show(ledger.dataSource(), clientSettings(), installationsTopic());
        }

        /** The installation, for a person who decides about it. */
        Installation installation() {
            boolean isEmbedded = ledger.stack().isPresent();
            return Installation.journaled(
                    ledger.dataSource(),
                    clientSettings(),
                    installationsTopic(),
                    isEmbedded || settings().unsafeTopicAllowed());
        }

        private String installationsTopic() {
            return bind(ledger, servers, "hourledger.journal", CutoffJournalSettings.class)
                    .installationsTopic();
        }

        /** Looks at the log from beside whoever reads it. */
        LagMonitor lag(DataSource database, Clock clock) {
            ConfigurableEnvironment environment =
                    settings.of(ledger.stack(), Map.of("hourledger.kafka.bootstrap-servers", servers));
            return LagMonitors.of(
                    bind(ledger, servers, "hourledger.kafka", AggregatorKafkaSettings.class),
                    environment.getProperty("hourledger.aggregator.group-id", AggregatorSettings.USUAL_GROUP),
                    Binder.get(environment)
                            .bind("hourledger.aggregator.grace", Duration.class)
                            .orElseGet(() -> Duration.parse(AggregatorSettings.USUAL_GRACE)),
                    database,
                    clock);
        }

        /** What became of events. */
        public Receipts receipts() {
            return Recounts.receipts(counting(), settings(), ledger.dataSource());
        }

        /** How usage was counted. */
        public CountingRules countingRules() {
            return counting().countingRules(settings().partitions());
        }

        /** Counts closed hours by the published versions and by another catalogue. */
        public CatalogueSimulation simulation(Catalogue other) {
            return Recounts.simulation(counting(), settings(), ledger.dataSource(), other);
        }

        private AggregatorSettings counting() {
            return bind(ledger, servers, "hourledger.aggregator", AggregatorSettings.class);
        }

        /** For each version of the catalogue that was published. */
        SortedMap<Integer, HourRecount> recounts(DataSource database) {
            AggregatorKafkaSettings kafka = settings();
            HourRecount recount = Recounts.of(counting(), kafka, database);
            SortedMap<Integer, HourRecount> recounts = new TreeMap<>();
            catalogues().all().forEach(catalogue -> recounts.put(catalogue.version(), recount));
            return recounts;
        }

        @Override
        public void close() {
            if (started != null) {
                started.close();
            }
        }
    }

    /**
     * @throws KafkaMissingException if there is none
     */
    public Kafka open(LedgerDatabase.Open ledger) throws KafkaMissingException {
        if (bootstrapServers == null && ledger.stackRests()) {
            Path folder = ledger.stack().orElseThrow().resolve("kafka");
            if (!Files.isDirectory(folder)) {
                throw new KafkaMissingException("the stack has no broker: " + folder + " is missing");
            }
            BrokerPassword password = LocalStack.brokerPassword(ledger.stack().orElseThrow());
            EmbeddedBroker broker = EmbeddedBroker.start(folder, password, Map.of());
            return new Kafka(ledger, broker.bootstrapServers(), broker);
        }
        Map<String, Object> told = new LinkedHashMap<>();
        if (bootstrapServers != null) {
            told.put("hourledger.kafka.bootstrap-servers", bootstrapServers);
        }
        String servers = settings.of(ledger.stack(), told).getProperty("hourledger.kafka.bootstrap-servers");
        if (servers == null || servers.isBlank()) {
            throw new KafkaMissingException("nobody said where Kafka is; name it by --bootstrap-servers HOST:PORT");
        }
        if (!answers(servers)) {
            throw new KafkaMissingException(
                    "no broker answers at " + servers + "; start it, or name another by --bootstrap-servers HOST:PORT");
        }
        return new Kafka(ledger, servers, null);
    }

    private static boolean answers(String servers) {
        for (String server : servers.split(",", -1)) {
            int colon = server.lastIndexOf(':');
            try (Socket socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(
                                server.substring(0, colon).strip(),
                                Integer.parseInt(server.substring(colon + 1).strip())),
                        ANSWER_MILLIS);
                return true;
            } catch (IOException | RuntimeException notThisOne) {
                // the next one may
            }
        }
        return false;
    }

    private <T> T bind(LedgerDatabase.Open ledger, String servers, String prefix, Class<T> type) {
        return settings.bind(ledger.stack(), Map.of("hourledger.kafka.bootstrap-servers", servers), prefix, type);
    }

    private List<Catalogue> catalogues(LedgerDatabase.Open ledger) {
        List<Path> files = catalogues.isEmpty()
                ? ledger.stack().map(StackManifest::catalogues).orElse(List.of())
                : catalogues;
        List<Catalogue> read = new ArrayList<>();
        for (Path file : files) {
            try {
                read.add(CatalogueFile.read(Files.readAllBytes(file)));
            } catch (IOException unreadable) {
                throw new UncheckedIOException("the catalogue " + file + " cannot be read", unreadable);
            }
        }
        return read;
    }
}
