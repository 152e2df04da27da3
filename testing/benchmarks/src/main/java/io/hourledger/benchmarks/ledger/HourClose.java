package io.hourledger.benchmarks.ledger;

import io.hourledger.benchmarks.load.LoadTopic;
import io.hourledger.benchmarks.load.LoadTotals;
import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.process.ServiceProcess;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.embedded.TableCounts;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The end of one hour, through the whole stack: simulator, pusher and aggregator run as production starts them, each in a JVM of its own; the
 * hour's events are counted; then its grace is over. Measured from that moment to the simulator's acknowledgement of the last record.
 */
final class HourClose {

    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final int CALLS_PER_SECOND = 10;
    private static final String KEY = "bench";

    /** Below this an instance's usage is less than the marketplace's fourth decimal, and all of it is carried. */
    private static final BigDecimal LEAST_BILLABLE_BYTES = new BigDecimal("100");

    private static final BigDecimal MEGA = new BigDecimal("0.000001");

    /** A record leaves the queue in the transaction that enters its outcome in the ledger. */
    private static final String ALL_REPORTED =
            "select not exists (select 1 from ledger.outbox) and not exists (select 1 from pusher.work)";

    private static final String ALL_READERS_LEVEL =
            """
            select bool_and((reader.transaction_id, reader.position) >= (last.transaction_id, last.position))
              from ledger.reader,
                   (select transaction_id, position from ledger.event
                     order by event.transaction_id desc, event.position desc limit 1) as last""";

    private final Servers servers;
    private final Path folder;
    private final BenchProgress progress;
    private final List<String> flags;
    private final int instances;
    private final String stack;
    private final String gallery;

    HourClose(Servers servers, Path folder, BenchProgress progress, List<String> flags, int instances) {
        this.servers = servers;
        this.folder = folder;
        this.progress = progress;
        this.flags = flags;
        this.instances = instances;
        this.stack = "close_" + instances;
        this.gallery = "gallery_" + instances;
    }

    /** The database of the ledger whose hour was closed. */
    String database() {
        return stack;
    }

    Map<String, Object> run() throws IOException {
        LoadTopic topic = new LoadTopic("usage-" + instances, CloseLoad.of(instances), folder);
        topic.ensureWritten(servers.bootstrapServers(), progress);
        for (String database : List.of(stack, gallery)) {
            servers.database().createDatabaseIfMissing(database);
        }
        Map<String, TableCounts> before = TableCounts.of(servers.database().dataSource(stack));
        layDown();

        // By machine time; the clocks of all services are told alike.
        Instant anchor = Clock.systemUTC().instant();
        Duration lead = Duration.ofSeconds(45).plusMillis(instances / 10);
        Instant due = CloseLoad.HOUR.end().plus(CloseLoad.GRACE);
        long dueAtNanos = System.nanoTime() + lead.toNanos();
        List<String> common = settings(topic, anchor, due.minus(lead));

        LoadTotals truth = topic.truth();
        Map<String, Object> result;
        try (ChildJvm simulator = start("gallery-simulator", common, simulator())) {
            String address = "http://127.0.0.1:" + simulator.awaitReady();
            simulator.keepReading();
            try (ChildJvm pusher = start("gallery-pusher", common, pusher(address));
                    ChildJvm aggregator = start("billing-aggregator", common, aggregator())) {
                pusher.awaitReady();
                pusher.keepReading();
                aggregator.awaitReady();
                aggregator.keepReading();
                result = watch(topic, truth, due, dueAtNanos);
            }
        }
        // what the services read, before this program reads anything
        RowsRead.since(before, servers.database(), stack).addTo(result);
        assess(truth, result);
        return result;
    }

    private void layDown() {
        progress.start("opening " + instances + " instances", instances);
        List<String> arguments = List.of(
                servers.database().jdbcUrl(stack),
                servers.database().jdbcUrl(gallery),
                servers.database().user(),
                servers.database().password(),
                Integer.toString(instances));
        try (ChildJvm jvm =
                ChildJvm.start("lay-down-" + instances, logs(), flags, LayDownProcess.class.getName(), arguments)) {
            jvm.awaitResult(progress::at);
        }
        progress.done(instances);
    }

    private ChildJvm start(String service, List<String> common, List<String> own) {
        List<String> arguments = new ArrayList<>();
        arguments.add(service);
        arguments.addAll(common);
        arguments.addAll(own);
        return ChildJvm.start(service + "-" + instances, logs(), flags, ServiceProcess.class.getName(), arguments);
    }

    private List<String> settings(LoadTopic topic, Instant anchor, Instant origin) throws IOException {
        Path catalogue = folder.resolve("catalogue.json");
        Files.writeString(catalogue, CloseLoad.CATALOGUE);
        return List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.datasource.username=" + servers.database().user(),
                "--spring.datasource.password=" + servers.database().password(),
                "--hourledger.kafka.bootstrap-servers=" + servers.bootstrapServers(),
                "--hourledger.kafka.topic=" + topic.name(),
                "--hourledger.kafka.unsafe-topic-allowed=true",
                "--hourledger.kafka.partitions=" + topic.load().partitions(),
                "--hourledger.catalogue=" + catalogue.toUri(),
                "--hourledger.operator-token=" + KEY,
                // each run is an installation of its own, under the same seller key
                "--hourledger.journal.installations-topic=installations-" + stack,
                "--hourledger.ledger.digest-key=" + CloseLoad.DIGEST_KEY,
                "--hourledger.clock.anchor=" + anchor,
                "--hourledger.clock.origin=" + origin,
                "--hourledger.clock.speed=1");
    }

    private List<String> simulator() {
        return List.of(
                "--spring.datasource.url=" + servers.database().jdbcUrl(gallery),
                "--hourledger.simulator.seller-key=" + KEY,
                "--hourledger.simulator.access-key=" + KEY,
                "--hourledger.simulator.secret-key=" + KEY,
                "--hourledger.simulator.calls-per-second=" + CALLS_PER_SECOND);
    }

    private List<String> pusher(String address) {
        return List.of(
                "--spring.datasource.url=" + servers.database().jdbcUrl(stack),
                "--hourledger.pusher.seller-key=" + KEY,
                "--hourledger.pusher.access-key=" + KEY,
                "--hourledger.pusher.secret-key=" + KEY,
                "--hourledger.pusher.base-url=" + address,
                "--hourledger.journal.topic=sent-" + stack,
                "--hourledger.pusher.calls-per-second=" + CALLS_PER_SECOND,
                "--hourledger.pusher.calls-in-flight=2",
                "--hourledger.pusher.workers=3");
    }

    private List<String> aggregator() {
        return List.of(
                "--spring.datasource.url=" + servers.database().jdbcUrl(stack),
                "--hourledger.aggregator.id-key=000102030405060708090a0b0c0d0e0f",
                "--hourledger.journal.cutoffs-topic=cutoffs-" + stack,
                "--hourledger.aggregator.group-id=close-" + UUID.randomUUID());
    }

    private Map<String, Object> watch(LoadTopic topic, LoadTotals truth, Instant due, long dueAtNanos) {
        JdbcTemplate stackSql = new JdbcTemplate(servers.database().dataSource(stack));
        JdbcTemplate gallerySql = new JdbcTemplate(servers.database().dataSource(gallery));
        long records = truth.atLeast(LEAST_BILLABLE_BYTES);

        progress.start("counting the hour's events", topic.load().events());
        long counted = 0;
        while (System.nanoTime() < dueAtNanos) {
            counted = number(stackSql, "select coalesce(sum(next_offset), 0) from aggregator.partition_position")
                    .longValue();
            progress.at(counted);
            pause();
        }
        progress.done(counted);

        progress.start("closing the hour of " + instances, records);
        double firstAfter = 0;
        long accepted = 0;
        while (accepted < records) {
            accepted = number(gallerySql, "select coalesce(sum(records), 0) from gallery.usage_call where stored")
                    .longValue();
            if (accepted > 0 && firstAfter == 0) {
                firstAfter = secondsSince(dueAtNanos);
            }
            progress.at(accepted);
            if (secondsSince(dueAtNanos) > LIMIT.toSeconds()) {
                throw new IllegalStateException(
                        "after " + LIMIT + " only " + accepted + " of " + records + " records are acknowledged");
            }
            pause();
        }
        double closed = secondsSince(dueAtNanos);
        progress.done(accepted);

        Map<String, Object> result = new LinkedHashMap<>();
        result.put("instances", instances);
        result.put("events", topic.load().events());
        result.put("events_counted_before_the_cutoff", counted);
        result.put("records", records);
        result.put("close_s", closed);
        result.put("first_record_acknowledged_s", firstAfter);
        result.put("all_hours_in_the_ledger_s", secondsUntil(stackSql, due));
        result.put("all_reports_in_the_ledger_s", await(stackSql, ALL_REPORTED, dueAtNanos));
        result.put("all_readers_level_s", await(stackSql, ALL_READERS_LEVEL, dueAtNanos));
        return result;
    }

    private void assess(LoadTotals truth, Map<String, Object> result) {
        JdbcTemplate stackSql = new JdbcTemplate(servers.database().dataSource(stack));
        compare(stackSql, new JdbcTemplate(servers.database().dataSource(gallery)), truth, result);
        stackSql.execute("vacuum analyze ledger.event");
        BigDecimal events = number(stackSql, "select count(*) from ledger.event");
        BigDecimal bytes = number(stackSql, "select pg_total_relation_size('ledger.event')");
        result.put("ledger_events", events.longValue());
        result.put("bytes_per_event", bytes.doubleValue() / events.doubleValue());
    }

    private static double secondsUntil(JdbcTemplate sql, Instant due) {
        OffsetDateTime last =
                sql.queryForObject("select max(closed_at) from aggregator.hour_cutoff", OffsetDateTime.class);
        return last == null
                ? Double.NaN
                : Duration.between(due, last.toInstant()).toMillis() / 1e3;
    }

    /** Asks for a moment that must come. What is asked costs next to nothing, so that only the services' reads are counted. */
    private static double await(JdbcTemplate sql, String moment, long dueAtNanos) {
        while (!Boolean.TRUE.equals(sql.queryForObject(moment, Boolean.class))) {
            if (secondsSince(dueAtNanos) > LIMIT.toSeconds()) {
                throw new IllegalStateException("it did not become true within " + LIMIT + ": " + moment);
            }
            pause();
        }
        return secondsSince(dueAtNanos);
    }

    /** log = ledger = gallery, in bytes that became MB: exactly, whatever the speed. */
    private void compare(JdbcTemplate stackSql, JdbcTemplate gallerySql, LoadTotals truth, Map<String, Object> result) {
        long records = truth.atLeast(LEAST_BILLABLE_BYTES);
        BigDecimal log = truth.total().multiply(MEGA);
        BigDecimal metered = number(
                stackSql,
                "select sum((payload ->> 'amount')::numeric) from ledger.event where event_type = 'hour-metered'");
        BigDecimal issued = number(
                stackSql,
                "select sum((payload ->> 'amount')::numeric) from ledger.event where event_type = 'usage-record-issued'");
        BigDecimal billed = number(gallerySql, "select sum(amount) from gallery.usage_record where state = 'ACCEPTED'");
        long accepted = number(gallerySql, "select count(*) from gallery.usage_record where state = 'ACCEPTED'")
                .longValue();
        long reported = number(stackSql, "select count(*) from ledger.event where event_type = 'usage-record-reported'")
                .longValue();
        boolean equal = metered.compareTo(log) == 0
                && billed.compareTo(issued) == 0
                && accepted == records
                && reported == records;
        result.put("metered", metered);
        result.put("billed", billed);
        result.put("sums_equal", equal);
        if (!equal) {
            progress.say("the sums differ: log " + log + ", metered " + metered + ", issued " + issued + ", billed "
                    + billed + " in " + accepted + " records of " + records + ", of which the ledger has " + reported);
        }
    }

    private static BigDecimal number(JdbcTemplate sql, String query) {
        BigDecimal number = sql.queryForObject(query, BigDecimal.class);
        return number == null ? BigDecimal.ZERO : number;
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    /** Elapsed time: a look five times a second costs the measured next to nothing. */
    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
    }

    private Path logs() {
        return folder.resolve("logs");
    }
}
