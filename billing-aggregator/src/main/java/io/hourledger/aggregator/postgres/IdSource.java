package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.ids.EventIdentity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * Names the rows that hold ids of one hour, as of one moment. Such a row never changes, and its key never comes again. So if the same rows are there
 * afterwards, what was read of them piece by piece is all of them, and each once.
 *
 * @param checkpoints by their offsets, those whose ids lie as they were left
 * @param runs those that were spilled
 */
record IdSource(Scope scope, List<Long> checkpoints, List<Long> runs, long ids) {

    private static final String ROWS =
            """
            select array(select next_offset from aggregator.counted_ids
                          where partition = ? and hour = ? and next_offset > ? and next_offset <= ? order by next_offset),
                   array(select distinct run from aggregator.ids_on_disk where partition = ? and hour = ? and run <= ? order by run),
                   (select coalesce(sum(octet_length(ids)), 0) from aggregator.counted_ids
                     where partition = ? and hour = ? and next_offset > ? and next_offset <= ?)
                 + (select coalesce(sum(octet_length(ids)), 0) from aggregator.ids_on_disk where partition = ? and hour = ? and run <= ?)""";

    private static final long NONE = Long.MIN_VALUE;

    /**
     * Says which rows are meant.
     *
     * @param after of checkpoints, those behind this offset
     * @param through of checkpoints, those up to this offset
     * @param runsThrough of runs, those up to this number
     */
    record Scope(int partition, OffsetDateTime hour, long after, long through, long runsThrough) {

        /** All ids of an hour that were counted up to an offset; late events go on being counted behind it. */
        static Scope ofHour(int partition, OffsetDateTime hour, long through) {
            return new Scope(partition, hour, NONE, through, through);
        }

        /** What the checkpoints between two offsets have left of an hour. */
        static Scope ofCheckpoints(int partition, OffsetDateTime hour, long after, long through) {
            return new Scope(partition, hour, after, through, NONE);
        }
    }

    static IdSource of(Connection connection, Scope scope) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ROWS)) {
            int at = 0;
            for (int part = 0; part < 2; part++) {
                select.setInt(++at, scope.partition);
                select.setObject(++at, scope.hour);
                select.setLong(++at, scope.after);
                select.setLong(++at, scope.through);
                select.setInt(++at, scope.partition);
                select.setObject(++at, scope.hour);
                select.setLong(++at, scope.runsThrough);
            }
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return new IdSource(
                        scope,
                        List.of((Long[]) row.getArray(1).getArray()),
                        List.of((Long[]) row.getArray(2).getArray()),
                        row.getLong(3) / EventIdentity.BYTES);
            }
        }
    }

    boolean isUnchanged(Connection connection) throws SQLException {
        return equals(of(connection, scope));
    }

    /** In how many parts its ids are sorted, if so many are sorted at once. */
    int partsOf(int mostAtOnce) {
        return (int) (1 + Math.max(0, ids - 1) / mostAtOnce);
    }
}
