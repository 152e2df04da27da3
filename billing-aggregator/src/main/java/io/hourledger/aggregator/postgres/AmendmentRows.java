package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.hour.CountedAmendment;
import io.hourledger.contracts.usage.UsageAmendment;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** Writes the amendments of one checkpoint in its caller's transaction. */
final class AmendmentRows {

    private static final String KEEP =
            """
            insert into aggregator.amendment
                   (partition, log_offset, hour, instance, revision, kind, source, event_id, event_type, amendment_id,
                    event_at, recorded_at, decided_by, why)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private final Connection connection;
    private final int partition;

    AmendmentRows(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    void keep(List<CountedAmendment> amendments) throws SQLException {
        if (amendments.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(KEEP)) {
            for (CountedAmendment counted : amendments) {
                UsageAmendment amendment = counted.amendment();
                insert.setInt(1, partition);
                insert.setLong(2, counted.offset());
                insert.setObject(3, timestamp(amendment.hour().start()));
                insert.setString(4, amendment.subject());
                insert.setInt(5, counted.revision());
                insert.setString(6, amendment.change().code());
                insert.setString(7, amendment.source());
                insert.setString(8, amendment.change().eventId());
                insert.setString(9, amendment.change().eventType());
                insert.setString(10, amendment.id());
                insert.setObject(11, timestamp(amendment.time()));
                insert.setObject(12, timestamp(counted.recordedAt()));
                insert.setString(13, amendment.decidedBy());
                insert.setString(14, amendment.why());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }
}
