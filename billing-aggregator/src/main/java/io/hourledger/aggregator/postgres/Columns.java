package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.TimedValuesJson;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Turns values into columns, and columns into values. */
final class Columns {

    private Columns() {}

    static OffsetDateTime timestamp(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }

    static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    /** What a query must select first for {@link #bucket} to read it. */
    static final String OF_BUCKET =
            """
            hour, revision, instance, meter, raw_total, events, first_event_at, last_event_at, shared_events, first_offset, last_offset, timed_values""";

    static final int COLUMNS_OF_BUCKET = 12;

    /** Reads the columns of a bucket, from the first on. */
    static Bucket bucket(ResultSet row) throws SQLException {
        return new Bucket(
                new UsageHour(instant(row, 1)),
                row.getInt(2),
                row.getString(3),
                row.getString(4),
                new Bucket.Total(row.getBigDecimal(5), TimedValuesJson.read(row.getString(12))),
                new EventSpan(row.getLong(6), instant(row, 7), instant(row, 8)),
                row.getLong(9),
                new Bucket.Offsets(row.getLong(10), row.getLong(11)));
    }

    /** Sets one array of numbers for all rows. */
    static <T> void setLongs(PreparedStatement statement, int index, List<T> rows, ToLongFunction<T> column)
            throws SQLException {
        long[] values = rows.stream().mapToLong(column).toArray();
        statement.setArray(index, statement.getConnection().createArrayOf("bigint", box(values)));
    }

    /** Sets one array of texts for all rows. */
    static <T> void setTexts(PreparedStatement statement, int index, List<T> rows, Function<T, String> column)
            throws SQLException {
        statement.setArray(
                index,
                statement
                        .getConnection()
                        .createArrayOf("text", rows.stream().map(column).toArray()));
    }

    private static Object[] box(long[] values) {
        return Arrays.stream(values).boxed().toArray();
    }
}
