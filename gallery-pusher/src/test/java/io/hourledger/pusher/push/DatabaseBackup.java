package io.hourledger.pusher.push;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Holds what a backup would of the tables that pushing writes. The instances' streams are put back too. */
final class DatabaseBackup {

    private static final List<String> TABLES = List.of(
            "pusher.lease",
            "pusher.work",
            "pusher.attempt",
            "pusher.record_needing_review",
            "pusher.journal_position",
            "pusher.push_suspension",
            "pusher.account_suspension",
            "pusher.sent_by_lost_database",
            "ledger.outbox",
            "ledger.event",
            "ledger.instance_snapshot");

    private final JdbcClient jdbc;

    DatabaseBackup(JdbcClient jdbc) {
        this.jdbc = jdbc;
        copy("drop schema if exists backup cascade; create schema backup");
        for (String table : TABLES) {
            copy("create table " + copyOf(table) + " as table " + table);
        }
    }

    void restore() {
        for (String table : TABLES) {
            copy("delete from " + table);
            copy("insert into " + table + " overriding system value select * from " + copyOf(table));
        }
        copy("select setval(pg_get_serial_sequence('pusher.attempt', 'id'),"
                + " coalesce((select max(id) from pusher.attempt), 0) + 1, false)");
    }

    private static String copyOf(String table) {
        return "backup." + table.replace('.', '_');
    }

    private void copy(String sql) {
        if (sql.startsWith("select")) {
            jdbc.sql(sql).query(Long.class).single();
        } else {
            jdbc.sql(sql).update();
        }
    }
}
