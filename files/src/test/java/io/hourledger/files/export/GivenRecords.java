package io.hourledger.files.export;

import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** A ledger's projections with usage records in them, laid down by SQL. */
public final class GivenRecords {

    public final JdbcTemplate jdbc;
    public final JdbcTransactionManager transactions;

    public GivenRecords() {
        DataSource database = TestDatabase.freshDatabase();
        LedgerSchema.migrate(database);
        jdbc = new JdbcTemplate(database);
        transactions = new JdbcTransactionManager(database);
    }

    public void instance(String id, String buyer) {
        jdbc.update(
                """
                insert into ledger.instance (instance_id, order_id, order_line_id, product_id, meter, charging_mode,
                    pricing_mode, billing_cycle, buyer_id, test, opened_at)
                values (?, 'CS-1', 'CS-1-1', 'web-egress', 'egress', 'ON_DEMAND', 'FIXED', 'HOURLY', ?, false,
                    '2026-01-01T00:00:00Z')
                """,
                id,
                buyer);
    }

    /** An event without a digest. */
    public void event(String instance, long sequenceNumber, String type, String payload) {
        jdbc.update(
                """
                insert into ledger.event (instance_id, sequence_number, event_type, revision, payload)
                values (?, ?, ?, 1, ?::jsonb)
                """,
                instance,
                sequenceNumber,
                type,
                payload);
    }

    /** An instance's opening at the beginning of 2026, and its upgrades in the order of the stream. */
    public void products(String instance, String openedAs, Upgrade... upgrades) {
        event(instance, 0, "instance-opened", terms(openedAs, "openedAt", "2026-01-01T00:00:00Z"));
        for (int i = 0; i < upgrades.length; i++) {
            event(instance, i + 1, "instance-upgraded", terms(upgrades[i].product(), "upgradedAt", upgrades[i].at()));
        }
    }

    /** To a product, from a moment on. */
    public record Upgrade(String product, String at) {}

    private static String terms(String product, String momentName, String moment) {
        return """
                {"productId": "%s", "meter": "egress", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED",
                 "billingCycle": "HOURLY", "%s": "%s"}
                """
                .formatted(product, momentName, moment);
    }

    /** One record for each of some hours from the beginning of 2026 on. */
    public void records(String instance, int hours, String amount, String carried, String state) {
        jdbc.update(
                """
                insert into ledger.usage_record (instance_id, metering_sn, hour, revision, begin_at, end_at, amount,
                    carried, issued_at, state, state_since, reported_at)
                select ?, md5(? || h), at, 0, at, at + interval '1 hour', ?::numeric, ?::numeric, at, ?, at,
                    at + interval '62.000001 minutes'
                from generate_series(0, ? - 1) h
                cross join lateral (select timestamptz '2026-01-01T00:00:00Z' + h * interval '1 hour' as at)
                """,
                instance,
                instance,
                amount,
                carried,
                state,
                hours);
    }
}
