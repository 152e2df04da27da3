package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.setLongs;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads what was counted of an hour before a revision, in its caller's transaction. */
final class EarlierRevisions {

    /** Its inner order keeps the inner query from becoming a join: each bucket is found by its own key. */
    private static final String THROUGH =
            """
            select b.*, wanted.number
              from unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[]) with ordinality as wanted (hour, instance, meter, revision, number)
             cross join lateral (
                   select %s
                     from aggregator.bucket
                    where partition = ? and hour = to_timestamp(wanted.hour) and instance = wanted.instance and meter = wanted.meter
                      and revision <= wanted.revision
                    order by revision) b
             order by wanted.number, b.revision"""
                    .formatted(Columns.OF_BUCKET);

    private final Connection connection;
    private final int partition;

    EarlierRevisions(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    /**
     * Reads each bucket too. A store that has it has all before it; one that does not, may be another one after a failover and lag.
     *
     * @throws StoreUnavailableException if one of them is not there
     */
    Map<Bucket, List<Bucket>> of(Collection<Bucket> buckets) throws SQLException {
        List<Bucket> wanted = List.copyOf(buckets);
        List<List<Bucket>> through = through(wanted);
        Map<Bucket, List<Bucket>> earlier = new HashMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            earlier.put(wanted.get(i), before(wanted.get(i), through.get(i)));
        }
        return earlier;
    }

    private List<List<Bucket>> through(List<Bucket> wanted) throws SQLException {
        List<List<Bucket>> through = new ArrayList<>();
        wanted.forEach(bucket -> through.add(new ArrayList<>()));
        try (PreparedStatement select = connection.prepareStatement(THROUGH)) {
            setLongs(select, 1, wanted, bucket -> bucket.hour().start().getEpochSecond());
            select.setArray(
                    2,
                    connection.createArrayOf(
                            "text", wanted.stream().map(Bucket::instance).toArray()));
            select.setArray(
                    3,
                    connection.createArrayOf(
                            "text", wanted.stream().map(Bucket::meter).toArray()));
            setLongs(select, 4, wanted, Bucket::revision);
            select.setInt(5, partition);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    through.get(row.getInt(Columns.COLUMNS_OF_BUCKET + 1) - 1).add(Columns.bucket(row));
                }
            }
        }
        return through;
    }

    private static List<Bucket> before(Bucket bucket, List<Bucket> through) {
        if (through.isEmpty() || through.getLast().revision() != bucket.revision()) {
            throw new StoreUnavailableException("revision " + bucket.revision() + " of hour " + bucket.hour() + " of "
                    + bucket.instance() + " was there and now is not: the database may be another one");
        }
        return List.copyOf(through.subList(0, through.size() - 1));
    }
}
