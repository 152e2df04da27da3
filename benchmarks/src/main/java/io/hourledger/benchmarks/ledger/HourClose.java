package io.hourledger.benchmarks.ledger;

import io.hourledger.benchmarks.load.LoadTopic;
import io.hourledger.benchmarks.load.Truth;
import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.process.ServiceProcess;
import io.hourledger.benchmarks.report.Progress;
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
 * The end of one hour, through the whole house: simulator, pusher and aggregator run as production starts them, each in a JVM of its own; the
 * hour's events are counted; then its grace is over. Measured from that moment to the simulator's acknowledgement of the last record.
 */
final class HourClose {

    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final int CALLS_PER_SECOND = 10;
    private static final String KEY = "bench";

    /** Below this an instance's usage is less than the marketplace's fourth decimal, and all of it is carried. */
    private static final BigDecimal LEAST_BILLABLE_BYTES = new BigDecimal("100");

    private static final BigDecimal MEGA = new BigDecimal("0.000001");

    private final Servers servers;
    private final Path folder;
    private final Progress progress;
    private final List<String> flags;
    private final int instances;
    private final String house;
    private final String gallery;

    HourClose(Servers servers, Path folder, Progress progress, List<String> flags, int instances) {
        this.servers = servers;
        this.folder = folder;
        this.progress = progress;
        this.flags = flags;
        this.instances = instances;
        this.house = "close_" + instances;
        this.gallery = "gallery_" + instances;
    }

    /** The database of the ledger whose hour was closed. */
    String database() {
        return house;
    }

    Map<String, Object> run() throws IOException {
        LoadTopic topic = new LoadTopic("usage-" + instances, CloseLoad.of(instances), folder);
        topic.ensureWritten(servers.bootstrapServers(), progress);
        layDown();

        // By machine time; the clocks of all services are told alike.
        Instant anchor = Clock.systemUTC().instant();
        Duration lead = Duration.ofSeconds(45).plusMillis(instances / 10);
        Instant due = CloseLoad.HOUR.end().plus(CloseLoad.GRACE);
        long dueAtNanos = System.nanoTime() + lead.toNanos();
        List<String> common = settings(topic, anchor, due.minus(lead));

        try (ChildJvm simulator = start("gallery-simulator", common, simulator())) {
            String address = "http://127.0.0.1:" + simulator.awaitReady();
            simulator.keepReading();
            try (ChildJvm pusher = start("gallery-pusher", common, pusher(address));
                    ChildJvm aggregator = start("billing-aggregator", common, aggregator())) {
                pusher.awaitReady();
                pusher.keepReading();
                aggregator.awaitReady();
                aggregator.keepReading();
                return watch(topic, due, dueAtNanos);
            }
        }
    }

    private void layDown() {
        for (String database : List.of(house, gallery)) {
            servers.database().createDatabaseIfMissing(database);
        }
        progress.start("opening " + instances + " instances", instances);
        List<String> arguments = List.of(
                servers.database().jdbcUrl(house),
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
                "--spring.main.banner-mode=off",
                "--spring.datasource.username=" + servers.database().user(),
                "--spring.datasource.password=" + servers.database().password(),
                "--hourledger.kafka.bootstrap-servers=" + servers.bootstrapServers(),
                "--hourledger.kafka.topic=" + topic.name(),
                "--hourledger.kafka.unsafe-topic-allowed=true",
                "--hourledger.kafka.partitions=" + topic.load().partitions(),
                "--hourledger.catalogue=" + catalogue.toUri(),
                "--hourledger.operator-token=" + KEY,
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
                "--spring.datasource.url=" + servers.database().jdbcUrl(house),
                "--hourledger.pusher.seller-key=" + KEY,
                "--hourledger.pusher.access-key=" + KEY,
                "--hourledger.pusher.secret-key=" + KEY,
                "--hourledger.pusher.base-url=" + address,
                // each run has a database of its own; with a topic that knows other databases' calls it would hold
                // pushing
                "--hourledger.outside.topic=sent-" + house,
                "--hourledger.pusher.calls-per-second=" + CALLS_PER_SECOND,
                "--hourledger.pusher.calls-in-flight=2",
                "--hourledger.pusher.workers=3");
    }

    private List<String> aggregator() {
        return List.of(
                "--spring.datasource.url=" + servers.database().jdbcUrl(house),
                "--hourledger.aggregator.id-key=000102030405060708090a0b0c0d0e0f",
                "--hourledger.outside.cutoffs-topic=cutoffs-" + house,
                "--hourledger.aggregator.group-id=close-" + UUID.randomUUID());
    }

    private Map<String, Object> watch(LoadTopic topic, Instant due, long dueAtNanos) {
        JdbcTemplate houseSql = new JdbcTemplate(servers.database().dataSource(house));
        JdbcTemplate gallerySql = new JdbcTemplate(servers.database().dataSource(gallery));
        Truth truth = topic.truth();
        long records = truth.atLeast(LEAST_BILLABLE_BYTES);

        progress.start("counting the hour's events", topic.load().events());
        long counted = 0;
        while (System.nanoTime() < dueAtNanos) {
            counted = number(houseSql, "select coalesce(sum(next_offset), 0) from aggregator.partition_position")
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
        result.put("all_hours_in_the_ledger_s", secondsUntil(houseSql, due));
        result.put("all_reports_in_the_ledger_s", awaitReports(houseSql, records, dueAtNanos));
        compare(houseSql, gallerySql, truth, records, result);
        houseSql.execute("vacuum analyze ledger.event");
        BigDecimal events = number(houseSql, "select count(*) from ledger.event");
        BigDecimal bytes = number(houseSql, "select pg_total_relation_size('ledger.event')");
        result.put("ledger_events", events.longValue());
        result.put("bytes_per_event", bytes.doubleValue() / events.doubleValue());
        return result;
    }

    private static double secondsUntil(JdbcTemplate sql, Instant due) {
        OffsetDateTime last =
                sql.queryForObject("select max(closed_at) from aggregator.hour_cutoff", OffsetDateTime.class);
        return last == null
                ? Double.NaN
                : Duration.between(due, last.toInstant()).toMillis() / 1e3;
    }

    private double awaitReports(JdbcTemplate sql, long records, long dueAtNanos) {
        while (number(sql, "select count(*) from ledger.event where event_type = 'usage-record-reported'")
                        .longValue()
                < records) {
            if (secondsSince(dueAtNanos) > LIMIT.toSeconds()) {
                throw new IllegalStateException("acknowledged records did not all become reported in the ledger");
            }
            pause();
        }
        return secondsSince(dueAtNanos);
    }

    /** log = ledger = gallery, in bytes that became MB: exactly, whatever the speed. */
    private void compare(
            JdbcTemplate houseSql, JdbcTemplate gallerySql, Truth truth, long records, Map<String, Object> result) {
        BigDecimal log = truth.total().multiply(MEGA);
        BigDecimal metered = number(
                houseSql,
                "select sum((payload ->> 'amount')::numeric) from ledger.event where event_type = 'hour-metered'");
        BigDecimal issued = number(
                houseSql,
                "select sum((payload ->> 'amount')::numeric) from ledger.event where event_type = 'usage-record-issued'");
        BigDecimal billed = number(gallerySql, "select sum(amount) from gallery.usage_record where state = 'ACCEPTED'");
        long accepted = number(gallerySql, "select count(*) from gallery.usage_record where state = 'ACCEPTED'")
                .longValue();
        boolean equal = metered.compareTo(log) == 0 && billed.compareTo(issued) == 0 && accepted == records;
        result.put("metered", metered);
        result.put("billed", billed);
        result.put("sums_equal", equal);
        if (!equal) {
            progress.say("the sums differ: log " + log + ", metered " + metered + ", issued " + issued + ", billed "
                    + billed + " in " + accepted + " records of " + records);
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
