package io.hourledger.ledger.store;

import io.hourledger.ledger.instance.ReportingStart;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * From which hour on this installation reports, as the service that reports has stored it. The row is locked, so nobody moves the start while a
 * transaction decides by it.
 */
public final class StoredReportingStart implements ReportingStart {

    private static final String LOCKED = "select reports_from from ledger.installation for share";

    private final JdbcTemplate jdbc;

    /** Of this database; it joins the caller's transaction. */
    public StoredReportingStart(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Instant reportsFrom() {
        OffsetDateTime stored = Objects.requireNonNull(jdbc.queryForObject(LOCKED, OffsetDateTime.class));
        if (stored.equals(OffsetDateTime.MIN)) {
            return Instant.MIN;
        }
        return stored.equals(OffsetDateTime.MAX) ? Instant.MAX : stored.toInstant();
    }
}
