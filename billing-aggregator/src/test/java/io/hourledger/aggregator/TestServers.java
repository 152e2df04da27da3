package io.hourledger.aggregator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.closing.HourLedger;
import io.hourledger.aggregator.closing.LedgerHourGateway;
import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.aggregator.retention.RetentionSettings;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.AggregatorKafkaSettings;
import io.hourledger.aggregator.run.AggregatorSettings;
import io.hourledger.aggregator.run.Automations;
import io.hourledger.aggregator.run.CutoffJournalSettings;
import io.hourledger.aggregator.threshold.ThresholdSettings;
import io.hourledger.contracts.access.ProductsHeader;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Product;
import io.hourledger.embedded.TestBroker;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.config.LedgerConfiguration;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.instance.PackagePolicy;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** A topic, a database with ledger and aggregator schema, and any number of aggregators over them. */
public final class TestServers implements AutoCloseable {

    public static final int PARTITIONS = 4;
    private static final TestDatabase.Tables TABLES =
            new TestDatabase.Tables(TestServers::makeTables, "update ledger.installation set id = gen_random_uuid()");
    private static final ThresholdSettings NO_THRESHOLDS = new ThresholdSettings(List.of());

    private final TestDatabase.Address address;
    private final HikariDataSource database;
    private final String bootstrapServers;
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AnnotationConfigApplicationContext ledger;
    private final List<Aggregator> aggregators = new ArrayList<>();
    private final List<Automations> automations = new ArrayList<>();
    private final List<LedgerProjections> projections = new ArrayList<>();
    private final Clock clock;
    private final String group;

    /** Makes the tables of ledger and aggregator. */
    public static void makeTables(DataSource database) {
        LedgerSchema.migrate(database);
        AggregatorSchema.migrate(database);
    }

    /** A new database with the tables of ledger and aggregator. */
    public static TestDatabase.Address freshDatabase() {
        return TABLES.fresh();
    }

    public TestServers(Clock clock) {
        this(clock, TestBroker.bootstrapServers(), freshDatabase());
    }

    /**
     * On servers of one's own.
     *
     * @param address of a database that has the tables
     */
    public TestServers(Clock clock, String bootstrapServers, TestDatabase.Address address) {
        this(clock, bootstrapServers, address, Map.of());
    }

    /** With an account whose policy these settings of the ledger say. */
    public TestServers(Clock clock, Map<String, Object> ledgerSettings) {
        this(clock, TestBroker.bootstrapServers(), freshDatabase(), ledgerSettings);
    }

    private TestServers(
            Clock clock, String bootstrapServers, TestDatabase.Address address, Map<String, Object> ledgerSettings) {
        this(clock, bootstrapServers, address, ledgerSettings, freshTopic(bootstrapServers), freshGroup());
    }

    private TestServers(
            Clock clock,
            String bootstrapServers,
            TestDatabase.Address address,
            Map<String, Object> ledgerSettings,
            String topic,
            String group) {
        this.topic = topic;
        this.group = group;
        this.clock = clock;
        this.bootstrapServers = bootstrapServers;
        this.address = address;
        this.database = pool(address);
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        ledger = ledgerOn(database, ledgerSettings);
    }

    /** Another database on the same usage log, with the same settings. */
    public TestServers beside(Clock besideClock) {
        return new TestServers(besideClock, bootstrapServers, freshDatabase(), Map.of(), topic, group);
    }

    private static String freshGroup() {
        return TestBroker.freshName("aggregators");
    }

    private static String freshTopic(String bootstrapServers) {
        String topic = TestBroker.freshName("usage-events");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1)
                            .configs(Map.of(
                                    "message.timestamp.before.max.ms", Long.toString(Long.MAX_VALUE),
                                    "message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE),
                                    "retention.ms", "-1"))))
                    .all()
                    .get();
        } catch (Exception e) {
            throw new IllegalStateException("no topic", e);
        }
        return topic;
    }

    static AnnotationConfigApplicationContext ledgerOn(DataSource database) {
        return ledgerOn(database, Map.of());
    }

    private static AnnotationConfigApplicationContext ledgerOn(DataSource database, Map<String, Object> settings) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", settings));
        context.registerBean(DataSource.class, () -> database);
        context.registerBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(database));
        context.register(LedgerConfiguration.class);
        context.refresh();
        return context;
    }

    static HikariDataSource pool(TestDatabase.Address address) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(address.jdbcUrl());
        config.setUsername(address.user());
        config.setPassword(address.password());
        config.setMaximumPoolSize(20);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(2_000);
        config.setConnectionInitSql("set idle_in_transaction_session_timeout = 5000");
        return new HikariDataSource(config);
    }

    public TestDatabase.Address address() {
        return address;
    }

    public DataSource database() {
        return database;
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    public String topic() {
        return topic;
    }

    public Ledger ledger() {
        return ledger.getBean(Ledger.class);
    }

    public LedgerQueries queries() {
        return ledger.getBean(LedgerQueries.class);
    }

    public void open(String... instances) {
        open(Usage.WEB_EGRESS, instances);
    }

    public void open(Product product, String... instances) {
        ledger().handleAll(List.of(instances).stream()
                .map(instance -> new OpenInstance(
                        new InstanceId(instance),
                        "order",
                        "line-" + instance,
                        product,
                        "buyer",
                        false,
                        Instant.parse("2026-01-01T00:00:00Z")))
                .toList());
    }

    /** Sends an event to the partition of its subject, and returns when the broker has acknowledged it. */
    public void send(String instance, String event) {
        sendRaw(null, instance, event.getBytes(UTF_8));
    }

    /** Sends an event that ingest received at this moment. */
    public void sendAt(Instant received, String instance, String event) {
        sendRaw(received, null, instance, event.getBytes(UTF_8));
    }

    /** Sends an event with a key that is bound to these products, as ingest does. */
    public void sendBound(String instance, String event, String... products) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, null, clock.millis(), instance.getBytes(UTF_8), event.getBytes(UTF_8));
        record.headers().add(ProductsHeader.NAME, ProductsHeader.write(Set.of(products)));
        send(record);
    }

    public void sendRaw(Integer partition, String key, byte[] value) {
        sendRaw(clock.instant(), partition, key, value);
    }

    private void sendRaw(Instant received, Integer partition, String key, byte[] value) {
        send(new ProducerRecord<>(
                topic, partition, received.toEpochMilli(), key == null ? null : key.getBytes(UTF_8), value));
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        try {
            producer.send(record).get();
        } catch (Exception e) {
            throw new IllegalStateException("not acknowledged", e);
        }
    }

    /** Sends without waiting; {@link #flush()} waits. */
    @SuppressWarnings("FutureReturnValueIgnored") // flush() waits for all
    public void sendSoon(String instance, String event) {
        producer.send(
                new ProducerRecord<>(topic, null, clock.millis(), instance.getBytes(UTF_8), event.getBytes(UTF_8)));
    }

    public void flush() {
        producer.flush();
    }

    public PostgresLedgerFeed feed() {
        return ledger.getBean(PostgresLedgerFeed.class);
    }

    /** An aggregator with what it does for the ledger besides closing hours. */
    public Aggregator startWithAutomations() {
        return startWithAutomations(NO_THRESHOLDS);
    }

    public Aggregator startWithAutomations(ThresholdSettings thresholds) {
        return startWithAutomations(thresholds, queries());
    }

    /** The same, where what looks at usage in open hours asks the ledger so. */
    public Aggregator startWithAutomations(ThresholdSettings thresholds, LedgerQueries ofWatches) {
        Aggregator.Parts parts = parts();
        Automations.Watches watches =
                Automations.Watches.of(parts, thresholds.thresholds(), ledger(), ofWatches, PackagePolicy.CAUTIOUS);
        Aggregator started = Aggregator.start(parts, watches::stored);
        aggregators.add(started);
        RetentionSettings retention =
                new RetentionSettings(Duration.ofDays(92), Duration.ofDays(400), Duration.ofDays(400));
        automations.add(Automations.start(parts, retention, started, watches, feed(), ledger(), queries()));
        return started;
    }

    public Aggregator start(String... settings) {
        return start(parts(settings));
    }

    public Aggregator start(Aggregator.Parts parts) {
        Aggregator started = Aggregator.start(parts);
        aggregators.add(started);
        return started;
    }

    public Aggregator.Parts parts(String... settings) {
        Map<String, String> all = new LinkedHashMap<>(settings());
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            all.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return parts(all, clock, database, new LedgerHourGateway(ledger(), queries()));
    }

    /** What an aggregator with another catalogue is made of. */
    public Aggregator.Parts partsWith(Catalogue catalogue) {
        Aggregator.Parts usual = parts();
        return new Aggregator.Parts(
                usual.settings(),
                usual.kafka(),
                usual.journal(),
                catalogue,
                usual.clock(),
                usual.database(),
                usual.ledger(),
                usual.metrics());
    }

    /** The versions of the catalogue that were counted with. */
    public List<Integer> countedWith() {
        return sql().sql("select version from aggregator.catalogue order by version")
                .query(Integer.class)
                .list();
    }

    static Aggregator.Parts parts(Map<String, String> settings, Clock clock, DataSource database, HourLedger ledger) {
        Binder binder = new Binder(new MapConfigurationPropertySource(settings));
        return new Aggregator.Parts(
                binder.bindOrCreate("hourledger.aggregator", AggregatorSettings.class),
                binder.bindOrCreate("hourledger.kafka", AggregatorKafkaSettings.class),
                binder.bindOrCreate("hourledger.journal", CutoffJournalSettings.class),
                Usage.CATALOGUE,
                clock,
                database,
                ledger,
                new SimpleMeterRegistry());
    }

    /** What this database says which installation it is of. */
    public String installation() {
        return sql().sql("select id::text from ledger.installation")
                .query(String.class)
                .single();
    }

    /** The settings of every aggregator on these servers. */
    public Map<String, String> settings() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("hourledger.aggregator.id-key", Usage.ID_KEY);
        all.put("hourledger.aggregator.group-id", group);
        all.put("hourledger.aggregator.threads", "1");
        all.put("hourledger.aggregator.checkpoint-interval", "PT0.1S");
        all.put("hourledger.aggregator.closing-tick", "PT0.1S");
        all.put("hourledger.aggregator.retry-after", "PT0.1S");
        all.put("hourledger.kafka.bootstrap-servers", bootstrapServers);
        all.put("hourledger.kafka.topic", topic);
        all.put("hourledger.kafka.unsafe-topic-allowed", "true");
        return all;
    }

    public void stop(Aggregator aggregator) {
        aggregators.remove(aggregator);
        aggregator.close();
    }

    /** Brings the ledger's projections up to date from now on, as a receipt needs them. */
    public void project() {
        LedgerProjections started = new LedgerProjections(new JdbcTemplate(database), feed());
        started.start();
        projections.add(started);
    }

    public JdbcClient sql() {
        return JdbcClient.create(database);
    }

    /** Raw totals of all buckets by "hour instance". */
    public Map<String, BigDecimal> buckets() {
        Map<String, BigDecimal> buckets = new TreeMap<>();
        sql().sql("select to_char(hour at time zone 'UTC', 'HH24') || ' ' || instance as name, raw_total from"
                        + " aggregator.bucket")
                .query(row -> {
                    buckets.put(row.getString("name"), plain(row.getBigDecimal("raw_total")));
                });
        return buckets;
    }

    /** Amounts in the ledger by "hour instance". */
    public Map<String, BigDecimal> metered() {
        Map<String, BigDecimal> metered = new TreeMap<>();
        sql().sql(
                        """
                        select substr(payload ->> 'hour', 12, 2) || ' ' || instance_id as name,
                               sum((payload ->> 'amount')::numeric) as amount
                          from ledger.event
                         where event_type = 'hour-metered'
                         group by 1""")
                .query(row -> {
                    metered.put(row.getString("name"), plain(row.getBigDecimal("amount")));
                });
        return metered;
    }

    public static BigDecimal plain(BigDecimal amount) {
        return new BigDecimal(amount.stripTrailingZeros().toPlainString());
    }

    public long consumed() {
        return sql().sql("select coalesce(sum(consumed), 0) from aggregator.partition_position")
                .query(Long.class)
                .single();
    }

    /** Events that no meter read by its filter. */
    public long filteredOut() {
        return sql().sql("select sum(filtered_out) from aggregator.partition_position")
                .query(Long.class)
                .single();
    }

    /** Why events were set aside. */
    public List<String> reasons() {
        return sql().sql("select reason from aggregator.quarantine")
                .query(String.class)
                .list();
    }

    public Optional<String> reasonOf(String value) {
        return sql().sql("select reason from aggregator.quarantine where record_value = ?")
                .param(value.getBytes(UTF_8))
                .query(String.class)
                .optional();
    }

    @Override
    public void close() {
        automations.forEach(Automations::close);
        List.copyOf(aggregators).forEach(this::stop);
        projections.forEach(LedgerProjections::close);
        producer.close();
        ledger.close();
        database.close();
    }
}
