package io.hourledger.cli.partition;

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
import io.hourledger.cli.MeteringCli;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import io.hourledger.embedded.TestBroker;
import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.instance.SellerPolicy;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.EventTable;
import io.hourledger.ledger.store.PostgresLedger;
import io.hourledger.ledger.store.StateQueries;
import io.hourledger.standalone.ExitCode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import picocli.CommandLine;

/** What an operator does about a halted partition, events in quarantine and events metered by mistake, while an aggregator runs beside the commands. */
@Tag("servers")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HaltedAndQuarantinedTest {

    private static final int PARTITIONS = 2;
    private static final String TOPIC = TestBroker.freshName("usage-events");

    /** The commands have the machine's clock, so the usage is of now. */
    private static final Instant HOUR = Clock.systemUTC().instant().truncatedTo(ChronoUnit.HOURS);

    private static final Instant USED = HOUR.plusSeconds(1);
    private static final TestClock CLOCK = new TestClock(USED.plusSeconds(60));
    private static final String CATALOGUE =
            """
            {"version": 3,
             "meters": [{"name": "egress", "eventType": "web.egress", "aggregation": "SUM", "valueField": "bytes",
                         "unit": "MB", "unitFactor": "0.000001"}],
             "products": [{"productId": "web-egress", "meter": "egress", "chargingMode": "ON_DEMAND",
                           "pricingMode": "FIXED", "billingCycle": "HOURLY"}]}
            """;

    /** Of partition 0, whose first records are lost. */
    private static final String UNLUCKY = instanceOf(0);

    /** Of partition 1. */
    private static final String USED_INSTANCE = instanceOf(1);

    @TempDir
    private static Path folder;

    private static TestDatabase.Address database;
    private static HikariDataSource pool;
    private static JdbcTemplate jdbc;
    private static KafkaProducer<String, String> producer;
    private static Aggregator aggregator;

    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    private static String instanceOf(int partition) {
        int number = 1;
        while (Utils.toPositive(Utils.murmur2(("i-" + number).getBytes(UTF_8))) % PARTITIONS != partition) {
            number++;
        }
        return "i-" + number;
    }

    @BeforeAll
    static void an_aggregator_reads_a_log_whose_beginning_is_gone_from_partition_0() throws Exception {
        Files.writeString(folder.resolve("catalogue.json"), CATALOGUE);
        database = TestDatabase.freshAddress();
        pool = new HikariDataSource();
        pool.setJdbcUrl(database.jdbcUrl());
        pool.setUsername(database.user());
        pool.setPassword(database.password());
        jdbc = new JdbcTemplate(pool);
        LedgerSchema.migrate(pool);
        AggregatorSchema.migrate(pool);
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", TestBroker.bootstrapServers(), "acks", "all"),
                new StringSerializer(),
                new StringSerializer());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get();
            for (String id : List.of("lost-1", "lost-2", "kept")) {
                send(0, UNLUCKY, event(UNLUCKY, id, "1000000"));
            }
            admin.deleteRecords(Map.of(new TopicPartition(TOPIC, 0), RecordsToDelete.beforeOffset(2)))
                    .all()
                    .get();
        }
        start();
    }

    private static void start() {
        Catalogue catalogue = CatalogueFile.read(CATALOGUE.getBytes(UTF_8));
        PostgresLedger ledger = new PostgresLedger(
                new EventTable(jdbc, new EventJson(), new EventDigests("a key for tests, not for money")),
                new InstanceDecider(SellerPolicy.CAUTIOUS),
                new JdbcTransactionManager(pool));
        Binder binder = new Binder(new MapConfigurationPropertySource(settings()));
        aggregator = Aggregator.start(new Aggregator.Parts(
                binder.bindOrCreate("hourledger.aggregator", AggregatorSettings.class),
                binder.bindOrCreate("hourledger.kafka", AggregatorKafkaSettings.class),
                binder.bindOrCreate("hourledger.journal", CutoffJournalSettings.class),
                catalogue,
                CLOCK,
                pool,
                new LedgerHourGateway(ledger, new StateQueries(jdbc)),
                new SimpleMeterRegistry()));
    }

    private static Map<String, String> settings() {
        return Map.of(
                "hourledger.aggregator.id-key", "000102030405060708090a0b0c0d0e0f",
                "hourledger.aggregator.group-id", TOPIC,
                "hourledger.aggregator.threads", "1",
                "hourledger.aggregator.checkpoint-interval", "PT0.1S",
                "hourledger.aggregator.closing-tick", "PT0.1S",
                "hourledger.kafka.bootstrap-servers", TestBroker.bootstrapServers(),
                "hourledger.kafka.topic", TOPIC,
                "hourledger.kafka.partitions", Integer.toString(PARTITIONS),
                "hourledger.kafka.unsafe-topic-allowed", "true",
                "hourledger.journal.unsafe-without", "true");
    }

    @AfterAll
    static void close() {
        aggregator.close();
        producer.close();
        pool.close();
    }

    private static String event(String instance, String id, String bytes) {
        return event(instance, id, bytes, USED);
    }

    private static String event(String instance, String id, String bytes, Instant time) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/app\",\"type\":\"web.egress\",\"subject\":\"" + instance + "\",\"time\":\"" + time
                + "\",\"data\":{\"bytes\":" + bytes + "}}";
    }

    /** The offset of the record. */
    private static long send(int partition, String key, String value) {
        try {
            return producer.send(new ProducerRecord<>(TOPIC, partition, CLOCK.millis(), key, value))
                    .get()
                    .offset();
        } catch (Exception notSent) {
            throw new IllegalStateException(notSent);
        }
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
    }

    private int run(String... command) {
        out = new StringWriter();
        err = new StringWriter();
        List<String> all = new ArrayList<>(Arrays.asList(command));
        all.addAll(List.of("--database-url", database.jdbcUrl()));
        all.addAll(List.of("--database-user", database.user(), "--database-password", database.password()));
        if (!List.of("list", "write-off").contains(command[1]) || command[0].equals("partition")) {
            all.addAll(List.of("--bootstrap-servers", TestBroker.bootstrapServers()));
            settings().forEach((name, value) -> all.addAll(List.of("--set", name + "=" + value)));
            all.addAll(List.of("--catalogue", folder.resolve("catalogue.json").toString()));
        }
        CommandLine line = MeteringCli.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(all.toArray(String[]::new));
    }

    private String shown() {
        return out + "\n" + err;
    }

    private static List<BigDecimal> amountsOf(String instance) {
        return jdbc.queryForList(
                "select raw_total from aggregator.bucket where instance = ?", BigDecimal.class, instance);
    }

    @Test
    @Order(1)
    void a_partition_that_lost_records_says_so_and_goes_on_behind_them() {
        soon().untilAsserted(
                        () -> assertThat(run("partition", "list")).as(shown()).isEqualTo(ExitCode.DIFFERENT));
        assertThat(out.toString()).contains("log-begins-later", "halted");

        assertThat(run("partition", "show", "0")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(shown())
                .contains("records 0 to 1 were never counted", "offsets 0 to 1 were never counted and are lost")
                .contains("next: ./metering partition resume 0 --to log-start");

        assertThat(run("lag", "--interval", "PT0.1S")).as(shown()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("log-begins-later: ");

        String[] who = {"--who", "li.wei", "--why", "retention was too short", "--yes"};
        assertThat(run(with(who, "partition", "resume", "0"))).isEqualTo(ExitCode.DIFFERENT);
        assertThat(shown()).contains("it would halt again");
        assertThat(run("partition", "resume", "0", "--to", "log-start", "--who", "li.wei", "--why", "why"))
                .isEqualTo(ExitCode.NOT_ALL);
        assertThat(shown()).contains("offsets 0 to 1, 2 in all", "nothing has happened yet");
        assertThat(amountsOf(UNLUCKY)).isEmpty();

        assertThat(run(with(who, "partition", "resume", "0", "--to", "log-start")))
                .as(shown())
                .isEqualTo(ExitCode.OK);

        soon().untilAsserted(
                        () -> assertThat(amountsOf(UNLUCKY)).singleElement().satisfies(amount -> assertThat(amount)
                                .isEqualByComparingTo("1000000")));
        assertThat(run("partition", "list")).as(shown()).isEqualTo(ExitCode.OK);
        assertThat(run("partition", "show", "0")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("skipped", "resumed", "by li.wei (retention was too short)");
        assertThat(run(with(who, "partition", "resume", "0"))).isEqualTo(ExitCode.DIFFERENT);
        assertThat(shown()).contains("partition 0 is not halted");
    }

    @Test
    @Order(2)
    void what_was_skipped_is_named_by_verify() {
        assertThat(run("ledger", "verify", "--only", "log")).as(shown()).isEqualTo(ExitCode.NOT_ALL);

        assertThat(out.toString())
                .contains("partition 0, offsets 0 to 1")
                .contains("by li.wei (retention was too short): all hours up to")
                .contains("may miss usage");
    }

    @Test
    @Order(3)
    void a_position_that_has_moved_on_is_never_moved_by_a_decision_of_before() {
        jdbc.update(
                "insert into aggregator.partition_halt values (1, now(), 'record-refused', 'record 0 cannot be kept')");

        assertThat(run("partition", "resume", "1", "--to", "0", "--who", "li.wei", "--why", "back", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(shown()).contains("a position never goes back");
        assertThat(run("partition", "resume", "1", "--to", "7", "--who", "li.wei", "--why", "far", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(shown()).contains("the log holds no records now", "its end, 0");
        jdbc.update("update aggregator.partition_halt set reason = 'brand-new'");
        assertThat(run("partition", "list")).as("a newer version has halted it").isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("brand-new");
        assertThat(run("partition", "show", "1")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("a newer version has halted it");
        jdbc.update("delete from aggregator.partition_halt");
    }

    @Test
    @Order(4)
    void an_event_in_quarantine_is_listed_shown_resent_and_counted_once() throws Exception {
        long wrong = send(0, USED_INSTANCE, event(USED_INSTANCE, "wrong", "2000000"));
        long malformed = send(1, USED_INSTANCE, event(USED_INSTANCE, "malformed", "\"much\""));
        long counted = send(1, USED_INSTANCE, event(USED_INSTANCE, "twice", "1"));
        long conflict = send(1, USED_INSTANCE, event(USED_INSTANCE, "twice", "5"));
        long late = send(1, USED_INSTANCE, event(USED_INSTANCE, "late", "7", HOUR.minus(Duration.ofDays(6))));

        soon().untilAsserted(() -> {
            assertThat(run("quarantine", "list", "--format", "csv")).isEqualTo(ExitCode.DIFFERENT);
            assertThat(out.toString())
                    .contains("wrong-partition,/app," + HOUR + ",1,0", "malformed,/app," + HOUR + ",1,0")
                    .contains("conflict,/app," + HOUR + ",1,0", "too-old,/app,");
        });
        assertThat(run("quarantine", "list", "--instance", USED_INSTANCE, "--reason", "malformed"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("1/" + malformed).doesNotContain("1/" + conflict);
        assertThat(run("quarantine", "show", "1/" + conflict)).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("yes, an event of the same names at 1/" + counted, "\"bytes\":5");
        assertThat(run("quarantine", "show", "0/" + wrong)).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("no event of the same names in its hour", "its subject belongs to partition 1");

        assertThat(run("quarantine", "list", "--reason", "malformd")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("no event is in quarantine as malformd", "malformed");
        String nowhere = "1/" + (late + 1000);
        assertThat(run("quarantine", "resend", "0/" + wrong, nowhere, "--who", "li.wei", "--why", "shown"))
                .as("one of two is not there")
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains(nowhere + " is not in quarantine");
        assertThat(run("quarantine", "write-off", "0/" + wrong, nowhere, "--who", "li.wei", "--why", "shown"))
                .isEqualTo(ExitCode.DIFFERENT);

        String[] who = {"--who", "li.wei", "--why", "an old client", "--yes"};
        assertThat(run("quarantine", "resend", "0/" + wrong, "--who", "li.wei", "--why", "shown"))
                .isEqualTo(ExitCode.NOT_ALL);
        assertThat(run(with(who, "quarantine", "resend", "0/" + wrong)))
                .as(shown())
                .isEqualTo(ExitCode.OK);
        soon().untilAsserted(() -> assertThat(amountsOf(USED_INSTANCE))
                .singleElement()
                .satisfies(amount -> assertThat(amount).isEqualByComparingTo("2000001")));
        assertThat(run(with(who, "quarantine", "resend", "0/" + wrong))).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("decided before", "resent as 1/" + (late + 1));
        assertThat(resentFrom(late + 1)).isEqualTo("0/" + wrong);

        assertThat(run(with(who, "quarantine", "resend", "1/" + late))).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("refused", "closed for good");
        assertThat(run(with(who, "quarantine", "resend", "1/" + conflict))).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("refused", "with an id of its own");
        assertThat(run(with(who, "quarantine", "resend", "1/" + malformed))).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("refused", "Mend it");

        Path mended = folder.resolve("mended.json");
        Files.writeString(mended, event(USED_INSTANCE, "another", "10"));
        String file = mended.toString();
        assertThat(run(with(who, "quarantine", "resend", "1/" + malformed, "--event", file)))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("refused", "it is another event");
        Files.writeString(mended, event(USED_INSTANCE, "malformed", "10"));
        assertThat(run(with(who, "quarantine", "resend", "1/" + malformed, "--event", file)))
                .as(shown())
                .isEqualTo(ExitCode.OK);
        // as if the command had died before it heard that the broker has it
        jdbc.update("update aggregator.quarantine_decision set sent_partition = null, sent_offset = null");
        assertThat(run("quarantine", "list", "--reason", "malformed")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("open, resending was begun");
        assertThat(run("quarantine", "show", "1/" + malformed)).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("open, resending was begun", "resend it again: it counts once");
        assertThat(run(with(who, "quarantine", "resend", "1/" + malformed, "--event", file)))
                .as(shown())
                .isEqualTo(ExitCode.OK);
        assertThat(run(with(who, "quarantine", "resend", "0/" + wrong)))
                .as(shown())
                .isEqualTo(ExitCode.OK);

        soon().untilAsserted(() -> {
            assertThat(consumed(1)).isEqualTo(late + 5);
            assertThat(amountsOf(USED_INSTANCE)).singleElement().satisfies(amount -> assertThat(amount)
                    .isEqualByComparingTo("2000011"));
        });
        assertThat(run("partition", "show", "1")).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("3 counted + 0 unmatched", "2 duplicates + 0 filtered out + 3 quarantined")
                .doesNotContain("unexplained");
        assertThat(run(with(who, "quarantine", "write-off", "--instance", USED_INSTANCE)))
                .as(shown())
                .isEqualTo(ExitCode.OK);
        assertThat(run(with(who, "quarantine", "write-off", "1/" + late))).isEqualTo(ExitCode.DIFFERENT);
        assertThat(run("quarantine", "list")).as(shown()).isEqualTo(ExitCode.OK);
        assertThat(run("quarantine", "list", "--all", "--format", "csv")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("conflict,/app," + HOUR + ",0,1");
    }

    @Test
    @Order(5)
    void a_quarantine_that_is_rebuilt_from_the_log_keeps_its_decisions() {
        aggregator.close();
        for (String projection : List.of("bucket", "counted_ids", "ids_on_disk", "sorted_id_block", "quarantine")) {
            jdbc.update("delete from aggregator." + projection);
        }
        jdbc.update(
                "update aggregator.partition_position set checkpoint = 0, consumed = 0, counted = 0, duplicates = 0,"
                        + " quarantined = 0, filtered_out = 0, next_offset = case partition when 0 then 2 else 0 end");
        long before = jdbc.queryForObject("select count(*) from aggregator.quarantine_decision", Long.class);
        start();

        soon().untilAsserted(() -> assertThat(amountsOf(USED_INSTANCE))
                .singleElement()
                .satisfies(amount -> assertThat(amount).isEqualByComparingTo("2000011")));
        assertThat(jdbc.queryForObject("select count(*) from aggregator.quarantine", Long.class))
                .isEqualTo(before);
        assertThat(run("quarantine", "list")).as(shown()).isEqualTo(ExitCode.OK);
    }

    @Test
    @Order(6)
    void a_person_amends_and_voids_an_event_and_sees_who_did() throws Exception {
        send(1, USED_INSTANCE, event(USED_INSTANCE, "by mistake", "50"));
        Path amended = folder.resolve("amended.json");
        Files.writeString(amended, event(USED_INSTANCE, "by mistake", "5"));
        String[] who = {"--who", "li.wei", "--why", "a load test", "--yes"};
        String[] name = {"--subject", USED_INSTANCE, "--source", "/app", "--id", "by mistake", "--time", USED.toString()
        };

        assertThat(run("event", "amend", "--event", amended.toString(), "--who", "li.wei", "--why", "shown"))
                .as(shown())
                .isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains("nothing has happened yet", "would be amended");
        assertThat(run(with(who, "event", "amend", "--event", amended.toString())))
                .as(shown())
                .isEqualTo(ExitCode.OK);
        assertThat(run(with(who, with(name, "event", "void", "--type", "web.other"))))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("no meter reads events of that type");
        assertThat(run(with(who, with(name, "event", "void", "--type", "web.egress"))))
                .as(shown())
                .isEqualTo(ExitCode.OK);

        soon().untilAsserted(() -> {
            assertThat(run(with(name, "event", "show"))).as(shown()).isEqualTo(ExitCode.OK);
            assertThat(out.toString()).contains("counted, open", "amended", "voided", "li.wei", "a load test");
        });
        assertThat(run("partition", "show", "1")).as(shown()).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("2 of the records in buckets correct other events")
                .doesNotContain("unexplained");
    }

    private static long consumed(int partition) {
        return jdbc.queryForObject(
                "select consumed from aggregator.partition_position where partition = ?", Long.class, partition);
    }

    private static String resentFrom(long offset) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", TestBroker.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 1);
            consumer.assign(List.of(partition));
            consumer.seek(partition, offset);
            ConsumerRecords<String, String> records = consumer.poll(Duration.ofSeconds(60));
            return new String(
                    records.iterator()
                            .next()
                            .headers()
                            .lastHeader("hourledger-resent-from")
                            .value(),
                    UTF_8);
        }
    }

    private static String[] with(String[] options, String... command) {
        List<String> all = new ArrayList<>(Arrays.asList(command));
        all.addAll(Arrays.asList(options));
        return all.toArray(String[]::new);
    }
}
