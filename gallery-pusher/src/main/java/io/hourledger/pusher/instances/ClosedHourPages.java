package io.hourledger.pusher.instances;

import io.hourledger.pusher.instances.InstanceUsage.Cursor;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads hours that are in the ledger, with their usage records, from its projections. A page costs its own rows, whatever the history. */
final class ClosedHourPages {

    private static final Duration HOUR = Duration.ofHours(1);

    /** Behind all hours. */
    private static final OffsetDateTime END = utc(Instant.parse("9999-01-01T00:00:00Z"));

    private static final String HOURS =
            """
            select hour, revision, amount, event_count, withheld, withheld_reason
              from ledger.metered_hour
             where instance_id = :instance and (hour, revision) < (:hour, :revision)
             order by hour desc, revision desc limit :most""";

    /** A record's window lies in its hour. */
    private static final String RECORDS =
            """
            select hour, revision, metering_sn, begin_at, end_at, amount, state, reported_at, package_instance_id
              from ledger.usage_record
             where instance_id = :instance and begin_at >= :from and begin_at < :to
             order by begin_at, end_at""";

    private final JdbcClient jdbc;

    ClosedHourPages(DataSource database) {
        this.jdbc = JdbcClient.create(database);
    }

    /** An hour, or what a later revision of it added. */
    record ClosedHour(Instant hour, int revision, Map<String, @Nullable Object> answer) {}

    private record Revision(Instant hour, int number) {}

    /** The newest first. */
    List<ClosedHour> before(String instanceId, @Nullable Cursor before, int most) {
        Map<Revision, Map<String, @Nullable Object>> hours = new LinkedHashMap<>();
        jdbc.sql(HOURS)
                .param("instance", instanceId)
                .param("hour", before == null ? END : utc(before.hour()))
                .param("revision", before == null ? 0 : before.revision())
                .param("most", most)
                .query(row -> {
                    hours.put(new Revision(instant(row, "hour"), row.getInt("revision")), hour(row));
                });
        if (!hours.isEmpty()) {
            Map<Revision, List<Map<String, @Nullable Object>>> records =
                    records(instanceId, List.copyOf(hours.keySet()));
            hours.forEach((revision, hour) -> hour.put("records", records.getOrDefault(revision, List.of())));
        }
        return hours.entrySet().stream()
                .map(one -> new ClosedHour(one.getKey().hour(), one.getKey().number(), one.getValue()))
                .toList();
    }

    private Map<Revision, List<Map<String, @Nullable Object>>> records(String instanceId, List<Revision> newestFirst) {
        Map<Revision, List<Map<String, @Nullable Object>>> records = new HashMap<>();
        jdbc.sql(RECORDS)
                .param("instance", instanceId)
                .param("from", utc(newestFirst.get(newestFirst.size() - 1).hour()))
                .param("to", utc(newestFirst.get(0).hour().plus(HOUR)))
                .query(row -> {
                    records.computeIfAbsent(
                                    new Revision(instant(row, "hour"), row.getInt("revision")),
                                    any -> new ArrayList<>())
                            .add(record(row));
                });
        return records;
    }

    private static Map<String, @Nullable Object> hour(ResultSet row) throws SQLException {
        Map<String, @Nullable Object> hour = new LinkedHashMap<>();
        hour.put("hour", instant(row, "hour").toString());
        hour.put("revision", row.getInt("revision"));
        hour.put("amount", InstanceUsage.plain(row.getBigDecimal("amount")));
        hour.put("events", row.getLong("event_count"));
        BigDecimal withheld = row.getBigDecimal("withheld");
        hour.put("withheld", InstanceUsage.plain(withheld));
        hour.put("withheldReason", withheld.signum() == 0 ? null : row.getString("withheld_reason"));
        return hour;
    }

    private static Map<String, @Nullable Object> record(ResultSet row) throws SQLException {
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("meteringSn", row.getString("metering_sn"));
        record.put("begin", instant(row, "begin_at").toString());
        record.put("end", instant(row, "end_at").toString());
        record.put("amount", InstanceUsage.plain(row.getBigDecimal("amount")));
        record.put("state", row.getString("state"));
        OffsetDateTime reportedAt = row.getObject("reported_at", OffsetDateTime.class);
        record.put(
                "reportedAt", reportedAt == null ? null : reportedAt.toInstant().toString());
        record.put("packageInstanceId", row.getString("package_instance_id"));
        return record;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
