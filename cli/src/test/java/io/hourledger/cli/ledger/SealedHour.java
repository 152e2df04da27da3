package io.hourledger.cli.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.closing.LedgerHourGateway;
import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.AggregatorKafkaSettings;
import io.hourledger.aggregator.run.AggregatorSettings;
import io.hourledger.aggregator.run.CutoffJournalSettings;
import io.hourledger.aggregator.run.LedgerSealTaskFactory;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import io.hourledger.embedded.TestBroker;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.instance.SellerPolicy;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.seal.KafkaSeals;
import io.hourledger.ledger.seal.LedgerSealTask;
import io.hourledger.ledger.seal.SealSettings;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.EventTable;
import io.hourledger.ledger.store.PostgresLedger;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.hourledger.ledger.store.StateQueries;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import picocli.CommandLine;

/**
 * An hour of three instances: counted from a real log, metered in a real ledger and sealed. Each has sent two events of 1.25 MB, and the first of
 * them twice.
 */
public final class SealedHour implements AutoCloseable {

    static final String KEY = "a key for tests, not for money";
    static final String SIGNING_KEY = "00".repeat(31) + "01";
    private static final String ID_KEY = "000102030405060708090a0b0c0d0e0f";
    public static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final List<String> INSTANCES = List.of("i-1", "i-2", "i-3");
    public static final String CATALOGUE =
            """
            {"version": 3,
             "meters": [{"name": "egress", "eventType": "web.egress", "aggregation": "SUM", "valueField": "bytes",
                         "unit": "MB", "unitFactor": "0.000001"}],
             "products": [{"productId": "web-egress", "meter": "egress", "chargingMode": "ON_DEMAND",
                           "pricingMode": "FIXED", "billingCycle": "HOURLY"}]}
            """;

    final String topic = TestBroker.freshName("usage-events");
    final String seals = TestBroker.freshName("ledger-seals");
    final HikariDataSource pool = new HikariDataSource();
    final JdbcTemplate jdbc;

    private final TestDatabase.Address database = TestDatabase.freshAddress();
    private final Path catalogueFile;

    /**
     * @param folder takes the catalogue's file
     */
    public SealedHour(Path folder) throws Exception {
        this.catalogueFile = Files.writeString(folder.resolve("catalogue.json"), CATALOGUE);
        pool.setJdbcUrl(database.jdbcUrl());
        pool.setUsername(database.user());
        pool.setPassword(database.password());
        this.jdbc = new JdbcTemplate(pool);
        LedgerSchema.migrate(pool);
        AggregatorSchema.migrate(pool);
        produce();
        JdbcTransactionManager transactions = new JdbcTransactionManager(pool);
        PostgresLedger ledger = new PostgresLedger(
                new EventTable(jdbc, new EventJson(), new EventDigests(KEY)),
                new InstanceDecider(SellerPolicy.CAUTIOUS),
                transactions);
        Catalogue catalogue = CatalogueFile.read(CATALOGUE.getBytes(UTF_8));
        ledger.handleAll(INSTANCES.stream()
                .map(id -> new OpenInstance(
                        new InstanceId(id),
                        "CS-1",
                        "line-" + id,
                        catalogue.product("web-egress").orElseThrow(),
                        "buyer",
                        false,
                        TEN.minusSeconds(3600)))
                .toList());
        Binder binder = new Binder(new MapConfigurationPropertySource(settings()));
        Aggregator.Parts parts = new Aggregator.Parts(
                binder.bindOrCreate("hourledger.aggregator", AggregatorSettings.class),
                binder.bindOrCreate("hourledger.kafka", AggregatorKafkaSettings.class),
                binder.bindOrCreate("hourledger.journal", CutoffJournalSettings.class),
                catalogue,
                Clock.fixed(TEN.plus(Duration.ofMinutes(63)), ZoneOffset.UTC),
                pool,
                new LedgerHourGateway(ledger, new StateQueries(jdbc)),
                new SimpleMeterRegistry());
        try (PostgresLedgerFeed feed = new PostgresLedgerFeed(jdbc, transactions, new EventJson());
                LedgerProjections projections = new LedgerProjections(jdbc, feed);
                Aggregator counting = Aggregator.start(parts);
                LedgerSealTask sealing = LedgerSealTaskFactory.start(
                        parts, new SealSettings(seals, Duration.ofMillis(100), SIGNING_KEY), feed, KEY)) {
            assertThat(counting).isNotNull();
            assertThat(sealing).isNotNull();
            projections.start();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> jdbc.queryForObject(
                                    "select count(*) from aggregator.hour_cutoff where closed_at is not null",
                                    Integer.class)
                            == 4);
            await().atMost(Duration.ofSeconds(60)).until(() -> sealedEvents() == 9 && projections.caughtUp());
        }
    }

    private long sealedEvents() {
        return KafkaSeals.all(Map.of("bootstrap.servers", TestBroker.bootstrapServers()), seals).stream()
                .mapToLong(seal -> seal.eventCount())
                .max()
                .orElse(0);
    }

    private Map<String, String> settings() {
        return Map.of(
                "hourledger.aggregator.id-key",
                ID_KEY,
                "hourledger.aggregator.group-id",
                TestBroker.freshName("aggregators"),
                "hourledger.aggregator.checkpoint-interval",
                "PT0.1S",
                "hourledger.aggregator.closing-tick",
                "PT0.1S",
                "hourledger.kafka.bootstrap-servers",
                TestBroker.bootstrapServers(),
                "hourledger.kafka.topic",
                topic,
                "hourledger.kafka.unsafe-topic-allowed",
                "true");
    }

    private void produce() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()))) {
            String forEver = Long.toString(Long.MAX_VALUE);
            admin.createTopics(List.of(new NewTopic(topic, 4, (short) 1)
                            .configs(Map.of(
                                    "message.timestamp.before.max.ms", forEver,
                                    "message.timestamp.after.max.ms", forEver,
                                    "retention.ms", "-1"))))
                    .all()
                    .get();
        }
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", TestBroker.bootstrapServers(), "acks", "all"),
                new StringSerializer(),
                new StringSerializer())) {
            for (String instance : INSTANCES) {
                for (String id : List.of("first", "second", "first")) {
                    producer.send(new ProducerRecord<>(
                                    topic, null, TEN.plusSeconds(60).toEpochMilli(), instance, event(instance, id)))
                            .get();
                }
            }
        }
    }

    private static String event(String instance, String id) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/app\",\"type\":\"web.egress\",\"subject\":\"" + instance + "\",\"time\":\""
                + TEN.plusSeconds(30) + "\",\"data\":{\"bytes\":1250000}}";
    }

    /** Runs a command that reads the log. */
    public int run(CommandLine line, StringWriter out, StringWriter err, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--bootstrap-servers", TestBroker.bootstrapServers()));
        all.addAll(List.of("--catalogue", catalogueFile.toString()));
        settings().forEach((name, value) -> all.add("--set=" + name + "=" + value));
        return ask(line, out, err, all.toArray(String[]::new));
    }

    /** Runs a command that needs no log. */
    int ask(CommandLine line, StringWriter out, StringWriter err, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--database-url", database.jdbcUrl(), "--database-user", database.user()));
        all.addAll(List.of("--database-password", database.password()));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(all.toArray(String[]::new));
    }

    @Override
    public void close() {
        pool.close();
    }
}
