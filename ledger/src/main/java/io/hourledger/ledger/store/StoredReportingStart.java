package io.hourledger.ledger.store;

import io.hourledger.ledger.instance.ReportingStart;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * From which hour on a seller account reports, as the service that reports has stored it. The row is locked, so nobody moves the start while a
 * transaction decides by it. An account that was not stored yet reports all hours.
 */
public final class StoredReportingStart implements ReportingStart {

    private static final String LOCKED = "select reports_from from ledger.seller_account where account = ? for share";

    private final JdbcTemplate jdbc;
    private final String account;

    /** Of an account of this database; it joins the caller's transaction. */
    public StoredReportingStart(JdbcTemplate jdbc, String account) {
        this.jdbc = jdbc;
        this.account = account;
    }

    @Override
    public Instant reportsFrom() {
        List<OffsetDateTime> stored = jdbc.queryForList(LOCKED, OffsetDateTime.class, account);
        if (stored.isEmpty() || stored.getFirst().equals(OffsetDateTime.MIN)) {
            return Instant.MIN;
        }
        OffsetDateTime from = stored.getFirst();
        return from.equals(OffsetDateTime.MAX) ? Instant.MAX : from.toInstant();
    }
}
