package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.setLongs;
import static io.hourledger.aggregator.postgres.Columns.setTexts;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.BucketIncrement;
import io.hourledger.aggregator.hour.TimedValuesJson;
import io.hourledger.contracts.usage.Aggregation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the values of percentiles and the levels of time-weighted sums in their buckets, in its caller's transaction. They are read, put together here and written, so
 * that one rule makes them wherever they are counted. Only the owner of a partition writes, as its position proves before.
 */
final class TimedValueRows {

    /** Its inner bound keeps the inner query from becoming a join: each bucket is found by its own key. */
    private static final String STORED =
            """
            select b.*, wanted.number
              from unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[]) with ordinality as wanted (hour, instance, meter, revision, number)
             cross join lateral (
                   select %s
                     from aggregator.bucket
                    where partition = ? and hour = to_timestamp(wanted.hour) and instance = wanted.instance and meter = wanted.meter
                      and revision = wanted.revision
                    limit 1) b"""
                    .formatted(Columns.OF_BUCKET);

    private static final String KEEP =
            """
            update aggregator.bucket own
               set timed_values = changed.timed_values::jsonb
              from unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::text[]) as changed (hour, instance, meter, revision, timed_values)
             where own.partition = ? and own.hour = to_timestamp(changed.hour) and own.instance = changed.instance
               and own.meter = changed.meter and own.revision = changed.revision""";

    private final Connection connection;
    private final int partition;

    TimedValueRows(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    /**
     * Gives each bucket the total that it comes to with what is stored of it; all else stays what was counted since.
     *
     * @param counted what was counted of meters of one such kind since the checkpoint before
     */
    List<Bucket> withStored(Aggregation kind, List<Bucket> counted) throws SQLException {
        List<Bucket> totals = new ArrayList<>(counted);
        try (PreparedStatement select = connection.prepareStatement(STORED)) {
            setKeys(select, counted);
            select.setInt(5, partition);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int number = row.getInt(Columns.COLUMNS_OF_BUCKET + 1) - 1;
                    Bucket since = counted.get(number);
                    Bucket both = new BucketIncrement(since, kind).addedTo(Columns.bucket(row));
                    totals.set(number, since.with(both.total()));
                }
            }
        }
        return totals;
    }

    /** Writes those of buckets whose rows are there. */
    void keep(List<Bucket> totals) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(KEEP)) {
            setKeys(update, totals);
            setTexts(
                    update,
                    5,
                    totals,
                    bucket -> TimedValuesJson.write(bucket.total().timed()));
            update.setInt(6, partition);
            update.executeUpdate();
        }
    }

    private static void setKeys(PreparedStatement statement, List<Bucket> buckets) throws SQLException {
        setLongs(statement, 1, buckets, bucket -> bucket.hour().start().getEpochSecond());
        setTexts(statement, 2, buckets, Bucket::instance);
        setTexts(statement, 3, buckets, Bucket::meter);
        setLongs(statement, 4, buckets, Bucket::revision);
    }
}
