package io.hourledger.benchmarks.gallery;

import io.hourledger.benchmarks.load.LoadTopic;
import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.process.ServiceProcess;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.simulator.GallerySchema;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.jdbc.core.JdbcTemplate;

/** A pusher and a simulator, and an aggregator if it is wanted, as production starts them, each in a JVM and with a database of its own, and what they were told. */
final class PushedStack implements AutoCloseable {

    static final String KEY = "bench";

    private static final int PARTITIONS = 4;

    /** Digests as in all benches. */
    private static final String DIGEST_KEY = "a key of the bench, 32 characters and more";

    private static final List<String> FLAGS = List.of(
            "-XX:+UseParallelGC",
            "-Xms512m",
            "-Xmx1g",
            "-Duser.language=en",
            "-Duser.timezone=UTC",
            "-Dlogging.config=classpath:" + ChildJvm.LOG_SETTINGS);

    private final Servers servers;
    private final Path logs;
    private final String name;
    private final JdbcTemplate ledger;
    private final JdbcTemplate gallery;
    private final List<ChildJvm> services = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private List<String> common = List.of();
    private Instant anchor = Instant.EPOCH;
    private Instant origin = Instant.EPOCH;
    private String simulator = "";
    private String pusher = "";

    /**
     * How calls may be made.
     *
     * @param callsPerSecond what the marketplace allows, and the pusher is told
     * @param answerMillis how long every answer takes
     * @param records of one call at most
     */
    record Limits(int callsPerSecond, int answerMillis, int records) {}

    private PushedStack(Servers servers, Path logs, String name) {
        this.servers = servers;
        this.logs = logs;
        this.name = name;
        this.ledger = new JdbcTemplate(servers.database().dataSource(name));
        this.gallery = new JdbcTemplate(servers.database().dataSource(galleryOf(name)));
    }

    private static String galleryOf(String name) {
        return name + "_gallery";
    }

    /** Issues the records of a load; nobody pushes them yet. */
    static PushedStack layDown(Servers servers, Path logs, String name, RecordLoad load, BenchProgress progress) {
        servers.database().createDatabaseIfMissing(name);
        servers.database().createDatabaseIfMissing(galleryOf(name));
        PushedStack stack = new PushedStack(servers, logs, name);
        stack.issue("open", load, progress);
        return stack;
    }

    /** Meters one more hour, whose end is past, of the first instances. */
    void meterFreshHour(int instances, BenchProgress progress) {
        issue("fresh", new RecordLoad(instances, 1, 0), progress);
    }

    private void issue(String what, RecordLoad load, BenchProgress progress) {
        progress.start(name + ": issuing records (" + what + ")", load.records());
        List<String> arguments = List.of(
                servers.database().jdbcUrl(name),
                servers.database().jdbcUrl(galleryOf(name)),
                servers.database().user(),
                servers.database().password(),
                Integer.toString(load.instances()),
                Integer.toString(load.hours()),
                Integer.toString(load.unknown()),
                what);
        try (ChildJvm jvm =
                ChildJvm.start(name + "-" + what, logs, FLAGS, IssueRecordsProcess.class.getName(), arguments)) {
            jvm.awaitResult(progress::at);
        }
        progress.done(load.records());
    }

    /** Starts simulator and pusher, whose business time begins here and goes as the machine's does. */
    void start(Instant businessTime, Limits limits, Path folder) throws IOException {
        Path catalogue = folder.resolve("catalogue.json");
        Files.writeString(catalogue, RecordLoad.CATALOGUE);
        anchor = Clock.systemUTC().instant();
        origin = businessTime;
        common = List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.datasource.username=" + servers.database().user(),
                "--spring.datasource.password=" + servers.database().password(),
                "--hourledger.kafka.bootstrap-servers=" + servers.bootstrapServers(),
                "--hourledger.kafka.unsafe-topic-allowed=true",
                "--hourledger.catalogue=" + catalogue.toUri(),
                "--hourledger.operator-token=" + KEY,
                "--hourledger.ledger.digest-key=" + DIGEST_KEY,
                "--hourledger.clock.anchor=" + anchor,
                "--hourledger.clock.origin=" + origin,
                "--hourledger.clock.speed=1");
        ChildJvm marketplace = service(
                "gallery-simulator",
                List.of(
                        "--spring.datasource.url=" + servers.database().jdbcUrl(galleryOf(name)),
                        "--hourledger.simulator.seller-key=" + KEY,
                        "--hourledger.simulator.access-key=" + KEY,
                        "--hourledger.simulator.secret-key=" + KEY,
                        "--hourledger.simulator.calls-per-second=" + limits.callsPerSecond(),
                        "--hourledger.simulator.call-bucket-depth=" + limits.callsPerSecond(),
                        "--hourledger.simulator.answer-delay=" + limits.answerMillis() + "ms"));
        simulator = "http://127.0.0.1:" + marketplace.awaitReady();
        marketplace.keepReading();
        ChildJvm pushing = service(
                "gallery-pusher",
                List.of(
                        "--spring.datasource.url=" + servers.database().jdbcUrl(name),
                        "--hourledger.pusher.seller-key=" + KEY,
                        "--hourledger.pusher.access-key=" + KEY,
                        "--hourledger.pusher.secret-key=" + KEY,
                        "--hourledger.pusher.base-url=" + simulator,
                        "--hourledger.journal.topic=sent-" + name.replace('_', '-'),
                        "--hourledger.journal.installations-topic=" + installationsTopic(),
                        "--hourledger.notices.topic=" + noticesTopic(),
                        "--hourledger.pusher.max-records=" + limits.records(),
                        "--hourledger.pusher.calls-per-second=" + limits.callsPerSecond(),
                        "--hourledger.pusher.calls-in-flight=8",
                        "--hourledger.pusher.workers=8"));
        pusher = "http://127.0.0.1:" + pushing.awaitReady();
        pushing.keepReading();
    }

    /** Starts an aggregator beside them, with a threshold in every hour for each instance. */
    void startCounting(int threshold) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers.bootstrapServers()))) {
            LoadTopic.create(admin, usageTopic(), PARTITIONS);
        } catch (ExecutionException failed) {
            throw new IllegalStateException("the topic of usage cannot be made", failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while the topic of usage was made", stopped);
        }
        ChildJvm counting = service(
                "billing-aggregator",
                List.of(
                        "--spring.datasource.url=" + servers.database().jdbcUrl(name),
                        "--hourledger.kafka.topic=" + usageTopic(),
                        "--hourledger.kafka.partitions=" + PARTITIONS,
                        "--hourledger.aggregator.id-key=000102030405060708090a0b0c0d0e0f",
                        "--hourledger.aggregator.group-id=" + name,
                        "--hourledger.journal.cutoffs-topic=cutoffs-" + name,
                        "--hourledger.journal.installations-topic=" + installationsTopic(),
                        "--hourledger.thresholds.limits[0].name=bench",
                        "--hourledger.thresholds.limits[0].product=" + RecordLoad.PRODUCT.productId(),
                        "--hourledger.thresholds.limits[0].period=hour",
                        "--hourledger.thresholds.limits[0].amount=" + threshold,
                        "--hourledger.thresholds.limits[0].percents=100"));
        counting.awaitReady();
        counting.keepReading();
    }

    String usageTopic() {
        return "usage-" + name;
    }

    /** Each is an installation of its own, and two of them would not send under one seller account. */
    private String installationsTopic() {
        return "installations-" + name.replace('_', '-');
    }

    String noticesTopic() {
        return "notices-" + name.replace('_', '-');
    }

    String bootstrapServers() {
        return servers.bootstrapServers();
    }

    /** What the services' business clock shows. */
    Instant businessTime() {
        return origin.plus(Duration.between(anchor, Clock.systemUTC().instant()));
    }

    private ChildJvm service(String service, List<String> own) {
        List<String> arguments = new ArrayList<>();
        arguments.add(service);
        arguments.addAll(common);
        arguments.addAll(own);
        ChildJvm jvm = ChildJvm.start(service + "-" + name, logs, FLAGS, ServiceProcess.class.getName(), arguments);
        services.addFirst(jvm);
        return jvm;
    }

    /** Changes the marketplace's rate without a word to the pusher. */
    void allow(int callsPerSecond) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(simulator + "/sim/settings"))
                .header("Authorization", "Bearer " + KEY)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"callsPerSecond\":" + callsPerSecond + "}"))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("the simulator did not take the rate: " + answer.body());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while the rate was changed", stopped);
        }
    }

    /** Where the pusher takes callbacks. */
    URI callbacks() {
        return URI.create(pusher);
    }

    static String order(int number) {
        return "CSBENCH%08d".formatted(number);
    }

    /** Places so many orders of one pay-per-use product at the marketplace, which calls for none of them by itself. */
    void placeOrders(int count) {
        GallerySchema.migrate(Objects.requireNonNull(gallery.getDataSource()));
        gallery.update(
                """
                insert into gallery.purchase_order (order_id, order_type, buyer_id, buyer_name, test, placed_at)
                select 'CSBENCH' || lpad(n::text, 8, '0'), 'NEW', 'buyer-' || n, 'buyer-' || n, false, ?
                  from generate_series(0, ? - 1) n
                on conflict do nothing""",
                RecordLoad.END.atOffset(ZoneOffset.UTC),
                count);
        gallery.update(
                """
                insert into gallery.order_line (order_line_id, order_id, position, charging_mode, stop_when_used_up, products)
                select order_id || '-000001', order_id, 0, 'ON_DEMAND', false, ?::jsonb from gallery.purchase_order
                on conflict do nothing""",
                "[{\"productId\":\"" + RecordLoad.PRODUCT.productId() + "\"}]");
        gallery.execute("vacuum analyze");
    }

    /** Calls that reached the marketplace. */
    long calls() {
        return count(gallery, "select count(*) from gallery.usage_call");
    }

    /** Calls above what the marketplace allowed; each was refused. */
    long callsAboveCeiling() {
        return count(gallery, "select count(*) from gallery.usage_call where fault = 'rate-violation'");
    }

    long accepted() {
        return count(gallery, "select coalesce(sum(records), 0) from gallery.usage_call where stored");
    }

    /** Records of the hour that begins at a moment which the marketplace had by another. */
    long acceptedOfHour(Instant begin, Instant by) {
        Long accepted = gallery.queryForObject(
                """
                select count(*) from gallery.usage_record
                 where state = 'ACCEPTED' and begin_at = ? and received_at <= ?""",
                Long.class,
                begin.atOffset(ZoneOffset.UTC),
                by.atOffset(ZoneOffset.UTC));
        return accepted == null ? 0 : accepted;
    }

    /** How many calls it took until each of so many records had been in one; all calls, if some never were. */
    long callsUntilAllWereTried(long records) {
        Set<String> tried = new HashSet<>();
        long[] calls = {0, 0};
        ledger.query("select metering_sns from pusher.attempt where answer in ('http', 'silence') order by id", row -> {
            calls[0]++;
            Array listed = row.getArray(1);
            tried.addAll(List.of((String[]) listed.getArray()));
            if (tried.size() >= records && calls[1] == 0) {
                calls[1] = calls[0];
            }
        });
        return calls[1] == 0 ? calls[0] : calls[1];
    }

    /** Facts for the report. */
    Map<String, Object> outcome() {
        return Map.of("calls", calls(), "calls_above_ceiling", callsAboveCeiling(), "records_accepted", accepted());
    }

    private static long count(JdbcTemplate sql, String query) {
        Long count = sql.queryForObject(query, Long.class);
        return count == null ? 0 : count;
    }

    @Override
    public void close() {
        services.forEach(ChildJvm::close);
        http.close();
    }
}
