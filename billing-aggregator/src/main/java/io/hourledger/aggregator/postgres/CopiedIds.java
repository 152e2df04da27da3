package io.hourledger.aggregator.postgres;

import io.hourledger.contracts.usage.UsageHour;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyInputStream;

/** Streams rows of (hour as seconds since 1970, ids) out of PostgreSQL in its binary copy format: no text, no cursor, one row in memory. */
final class CopiedIds {

    private static final int SIGNATURE_AND_FLAGS = 11 + Integer.BYTES;
    private static final int BUFFER = 1 << 16;

    private CopiedIds() {}

    interface Rows {
        void row(UsageHour hour, byte[] ids);
    }

    /**
     * @param query selects the hour as bigint, then the ids as bytea; built from numbers only
     */
    static void read(Connection connection, String query, Rows rows) throws SQLException {
        PGConnection postgres = connection.unwrap(PGConnection.class);
        String copy = "copy (" + query + ") to stdout (format binary)";
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(new PGCopyInputStream(postgres, copy), BUFFER))) {
            in.skipNBytes(SIGNATURE_AND_FLAGS);
            in.skipNBytes(in.readInt());
            while (in.readShort() >= 0) {
                in.readInt();
                UsageHour hour = UsageHour.ofNumber(in.readLong() / UsageHour.LENGTH.toSeconds());
                byte[] ids = new byte[in.readInt()];
                in.readFully(ids);
                rows.row(hour, ids);
            }
        } catch (IOException e) {
            throw new SQLException("the ids could not be read", e);
        }
    }
}
