package io.hourledger.ledger.installation;

import io.hourledger.contracts.instance.DecidedBy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The one row in which a database says which installation it is of, and what it has drawn. */
final class InstallationTable {

    /** Every role may ask for both: the name of the log's present file, and the start of the postmaster. */
    private static final String READ =
            """
            select id, draw, number, drawn_because, timeline, server_started_at, drawn_at, decided_by, why, journaled,
                   previous_draw,
                   substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as timeline_now,
                   pg_postmaster_start_time() as started_at_now
              from ledger.installation""";

    private static final String LOCK = READ + " for update";

    private static final String DRAW =
            """
            update ledger.installation
               set previous_draw = draw, draw = gen_random_uuid(), number = :number, drawn_because = :reason, journaled = false,
                   timeline = substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
                   server_started_at = pg_postmaster_start_time(), drawn_at = clock_timestamp(),
                   decided_by = :who, why = :why""";

    private static final String JOURNALED =
            "update ledger.installation set journaled = true where draw = :draw and not journaled";

    private static final String FORGET = "update ledger.installation set draw = null, journaled = false";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    InstallationTable(DataSource database) {
        this.jdbc = JdbcClient.create(database);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(database));
    }

    UUID id() {
        return jdbc.sql("select id from ledger.installation").query(UUID.class).single();
    }

    InstallationRow read() {
        return jdbc.sql(READ).query((row, n) -> row(row)).single();
    }

    /**
     * Draws, unless the row says under its lock that it need not: another process on this database may have drawn. Nothing of the outside is
     * waited for while the row is locked.
     *
     * @param decide what follows from the row as it is now; null to leave it
     */
    void draw(Function<InstallationRow, IncarnationRules.Decision.@Nullable DrawAnew> decide, @Nullable DecidedBy by) {
        transaction.executeWithoutResult(tx -> {
            IncarnationRules.Decision.DrawAnew anew =
                    decide.apply(jdbc.sql(LOCK).query((row, n) -> row(row)).single());
            if (anew != null) {
                jdbc.sql(DRAW)
                        .param("number", anew.number())
                        .param("reason", anew.reason().code())
                        .param("who", by == null ? null : by.who())
                        .param("why", by == null ? null : by.why())
                        .update();
            }
        });
    }

    void journaled(UUID draw) {
        jdbc.sql(JOURNALED).param("draw", draw).update();
    }

    void forgetDraw() {
        jdbc.sql(FORGET).update();
    }

    private static InstallationRow row(ResultSet row) throws SQLException {
        UUID draw = row.getObject("draw", UUID.class);
        return new InstallationRow(
                row.getObject("id", UUID.class),
                row.getLong("number"),
                draw == null ? null : draw(draw, row),
                new ServerState(row.getString("timeline_now"), instant(row, "started_at_now")));
    }

    private static Draw draw(UUID id, ResultSet row) throws SQLException {
        String who = row.getString("decided_by");
        return new Draw(
                id,
                row.getLong("number"),
                DrawReason.ofCode(row.getString("drawn_because")),
                new ServerState(row.getString("timeline"), instant(row, "server_started_at")),
                instant(row, "drawn_at"),
                who == null ? null : new DecidedBy(who, row.getString("why")),
                row.getBoolean("journaled"),
                row.getObject("previous_draw", UUID.class));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
