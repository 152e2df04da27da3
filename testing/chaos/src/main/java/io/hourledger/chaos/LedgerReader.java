package io.hourledger.chaos;

import io.hourledger.contracts.usage.UsageHour;
import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads from the database what the stack made of the load. Amounts come from the ledger's events, not from a projection of them. */
final class LedgerReader {

    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]*)\"");

    private static final String METERED =
            """
            select instance_id, payload ->> 'hour', sum((payload ->> 'amount')::numeric),
                   sum((payload ->> 'eventCount')::bigint)
              from ledger.event
             where event_type = 'hour-metered'
             group by 1, 2""";

    private static final String TALLIES =
            """
            select coalesce(sum(consumed), 0), coalesce(sum(counted), 0), coalesce(sum(duplicates), 0),
                   coalesce(sum(quarantined), 0), coalesce(sum(filtered_out), 0)
              from aggregator.partition_position""";

    private static final String WAITING =
            """
            select instance, hour, sum(raw_total), sum(events)
              from aggregator.bucket
             where state = 'unmatched'
             group by 1, 2""";

    private static final String LATE = "select coalesce(sum(events), 0) from aggregator.bucket where revision > 0";

    /** Partitions in which some hour up to the wanted one is not closed yet. */
    private static final String OPEN_PARTITIONS =
            """
            select count(*)
              from aggregator.partition_position p
             where not exists (select 1 from aggregator.hour_cutoff c
                                where c.partition = p.partition and c.hour >= ? and c.closed_at is not null)
                or exists (select 1 from aggregator.hour_cutoff c
                            where c.partition = p.partition and c.hour <= ? and c.closed_at is null)""";

    /** Each usage record once, by the last that the ledger says of it. */
    private static final String RECORDS =
            """
            select count(*),
                   count(*) filter (where event_type = 'usage-record-issued'),
                   count(*) filter (where event_type = 'usage-record-reported'),
                   count(*) filter (where event_type = 'usage-record-outcome-unknown'),
                   count(*) filter (where event_type = 'usage-record-refused')
              from (select distinct on (payload ->> 'meteringSn') event_type
                      from ledger.event
                     where payload ->> 'meteringSn' is not null
                     order by payload ->> 'meteringSn', sequence_number desc) as last""";

    private static final String QUARANTINED =
            """
            select partition, log_offset, reason, detail, record_value
              from aggregator.quarantine
             order by partition, log_offset""";

    private final DataSource database;

    LedgerReader(DataSource database) {
        this.database = database;
    }

    /** What the partitions consumed and what became of it. */
    record Tallies(long consumed, long counted, long duplicates, long quarantined, long filteredOut) {

        long unexplained() {
            return consumed - counted - duplicates - quarantined - filteredOut;
        }
    }

    /** Usage records by where they stand. */
    record Records(long all, long inFlight, long reported, long unknown, long refused) {}

    /**
     * An event that was not counted.
     *
     * @param id empty when it cannot be read, as {@code instanceId} then
     * @param hour null when its time cannot be read
     */
    record QuarantinedRecord(
            int partition,
            long offset,
            String reason,
            String detail,
            String instanceId,
            String id,
            @Nullable UsageHour hour) {}

    HourAmounts metered() throws SQLException {
        HourAmounts amounts = new HourAmounts();
        read(
                METERED,
                row -> amounts.add(
                        row.getString(1),
                        new UsageHour(Instant.parse(row.getString(2))),
                        row.getBigDecimal(3),
                        row.getLong(4)));
        return amounts;
    }

    Tallies tallies() throws SQLException {
        return one(
                TALLIES,
                row -> new Tallies(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)));
    }

    /** What was counted and waits for its instance. */
    HourAmounts waiting() throws SQLException {
        HourAmounts amounts = new HourAmounts();
        read(
                WAITING,
                row -> amounts.add(
                        row.getString(1),
                        UsageHour.of(row.getObject(2, OffsetDateTime.class).toInstant()),
                        row.getBigDecimal(3),
                        row.getLong(4)));
        return amounts;
    }

    /** Events that were counted after the cutoff of their hour. */
    long late() throws SQLException {
        return one(LATE, row -> row.getLong(1));
    }

    /** In how many partitions an hour up to this one is still open. */
    long partitionsBehind(UsageHour last) throws SQLException {
        OffsetDateTime hour = last.start().atOffset(ZoneOffset.UTC);
        return one(OPEN_PARTITIONS, row -> row.getLong(1), hour, hour);
    }

    Records records() throws SQLException {
        return one(
                RECORDS,
                row -> new Records(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)));
    }

    List<QuarantinedRecord> quarantined() throws SQLException {
        List<QuarantinedRecord> all = new ArrayList<>();
        read(QUARANTINED, row -> all.add(quarantined(row)));
        return all;
    }

    private static QuarantinedRecord quarantined(ResultSet row) throws SQLException {
        byte[] value = row.getBytes(5);
        JsonNode event = event(value);
        String time = event.path("time").asString("");
        return new QuarantinedRecord(
                row.getInt(1),
                row.getLong(2),
                row.getString(3),
                row.getString(4),
                event.path("subject").asString(""),
                id(value),
                time.isEmpty() ? null : UsageHour.of(Instant.parse(time)));
    }

    /** Also of an event that breaks off behind its id. */
    private static String id(byte @Nullable [] value) {
        Matcher id = ID.matcher(value == null ? "" : new String(value, StandardCharsets.UTF_8));
        return id.find() ? id.group(1) : "";
    }

    private static JsonNode event(byte @Nullable [] value) {
        try {
            return JSON.readTree(value == null ? "{}" : new String(value, StandardCharsets.UTF_8));
        } catch (JacksonException malformed) {
            return JSON.createObjectNode();
        }
    }

    static void write(List<QuarantinedRecord> all, Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("instance_id,hour,id,reason,partition,offset\n");
            for (QuarantinedRecord one : all) {
                out.write(one.instanceId + "," + (one.hour == null ? "" : one.hour) + "," + one.id + "," + one.reason
                        + "," + one.partition + "," + one.offset + "\n");
            }
        }
    }

    /** From the simulator's own export: {@code instance_id,buyer,product,hour,records,usage_value}. */
    static HourAmounts billed(String csv) {
        HourAmounts amounts = new HourAmounts();
        csv.lines().skip(1).forEach(line -> {
            String[] fields = line.split(",", -1);
            amounts.add(fields[0], new UsageHour(Instant.parse(fields[3])), new BigDecimal(fields[5]), 0);
        });
        return amounts;
    }

    private interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    private interface Rows {
        void take(ResultSet row) throws SQLException;
    }

    private <T> T one(String sql, Row<T> form, Object... parameters) throws SQLException {
        List<T> rows = new ArrayList<>();
        read(sql, row -> rows.add(form.of(row)), parameters);
        return rows.get(0);
    }

    private void read(String sql, Rows rows, Object... parameters) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.take(row);
                }
            }
        }
    }
}
