package io.hourledger.benchmarks.console;

import io.hourledger.ledger.config.LedgerSchema;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Lays down the projections of one month, {@link #MONTH}: instances with an hour and a record for each hour of the month. */
final class MonthLoad {

    /** 30 days. */
    static final String MONTH = "2026-11";

    private static final int HOURS = 720;
    private static final int INSTANCES_A_STEP = 100;

    private static final String INSTANCES =
            """
            insert into ledger.instance (instance_id, order_id, order_line_id, product_id, meter, charging_mode,
                pricing_mode, billing_cycle, buyer_id, test, opened_at)
            select 'i-' || lpad(n::text, 8, '0'), 'CS-' || n, 'CS-' || n || '-1', 'p-' || n % 10, 'egress', 'ON_DEMAND',
                'FIXED', 'HOURLY', 'b-' || lpad((n / 10)::text, 7, '0'), false, '2026-10-31T00:00:00Z'
            from generate_series(?, ?) n
            """;

    private static final String HOURS_OF =
            """
            insert into ledger.metered_hour (instance_id, hour, revision, amount, event_count, first_event_at, last_event_at,
                partition, first_offset, last_offset, meter, catalogue_version, closed_at)
            select 'i-' || lpad(n::text, 8, '0'), at, 0, (n % 977 + h) / 10000.0 + 0.00005, 10, at, at, n % 4, h * 1000,
                h * 1000 + 9, 'egress', 1, at + interval '62 minutes'
            """;

    private static final String RECORDS_OF =
            """
            insert into ledger.usage_record (instance_id, metering_sn, hour, revision, begin_at, end_at, amount, carried,
                issued_at, state, state_since, reported_at)
            select 'i-' || lpad(n::text, 8, '0'), md5(n || '/' || h) || substr(md5(h || '/' || n), 1, 16), at, 0, at,
                at + interval '1 hour', (n % 977 + h) / 10000.0, 0.00005, at + interval '62 minutes', 'reported',
                at + interval '63 minutes', at + interval '63.5 minutes'
            """;

    private static final String EACH =
            """
            from generate_series(?, ?) n
            cross join generate_series(0, 719) h
            cross join lateral (select timestamptz '2026-11-01T00:00:00Z' + h * interval '1 hour' as at)
            where n::bigint * 720 + h < ?
            """;

    private final DataSource database;
    private final long rows;

    MonthLoad(DataSource database, long rows) {
        this.database = database;
        this.rows = rows;
    }

    /** Does nothing if the folder has them from a run before. */
    void layDown(LongConsumer progress) {
        LedgerSchema.migrate(database);
        JdbcTemplate jdbc = new JdbcTemplate(database);
        Long there = jdbc.queryForObject("select count(*) from ledger.usage_record", Long.class);
        if (there != null && there == rows) {
            return;
        }
        jdbc.execute("truncate ledger.instance, ledger.metered_hour, ledger.usage_record");
        long instances = (rows + HOURS - 1) / HOURS;
        for (long first = 0; first < instances; first += INSTANCES_A_STEP) {
            long last = Math.min(instances, first + INSTANCES_A_STEP) - 1;
            jdbc.update(INSTANCES, first, last);
            jdbc.update(HOURS_OF + EACH, first, last, rows);
            jdbc.update(RECORDS_OF + EACH, first, last, rows);
            progress.accept(Math.min(rows, (last + 1) * HOURS));
        }
        jdbc.execute("vacuum analyze ledger.instance, ledger.metered_hour, ledger.usage_record");
    }
}
