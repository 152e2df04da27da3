package io.hourledger.ledger.projection;

import io.hourledger.ledger.store.PostgresLedgerFeed;
import java.util.List;

/**
 * How a stretch of events changes the projections. Each statement takes the first and last place of the stretch; in this order, all in one
 * transaction. Every statement may be applied to the same stretch once only, which the reader's position sees to.
 */
final class ProjectionSql {

    /**
     * The events of the stretch; every statement starts with it. The limit is the feed's largest range: it cuts nothing off, and tells the
     * planner how few rows to expect, so that it looks them up one by one instead of reading whole tables.
     */
    private static final String BATCH =
            """
            with batch as materialized (
                select transaction_id, position, instance_id, event_type, payload as p
                from ledger.event
                where (transaction_id, position) >= (?::xid8, ?) and (transaction_id, position) <= (?::xid8, ?)
                  and event_type in (%s)
                limit %d
            )
            """;

    private static final String OPENED =
            """
            insert into ledger.instance (instance_id, order_id, order_line_id, product_id, meter, charging_mode,
                pricing_mode, billing_cycle, buyer_id, test, opened_at)
            select instance_id, p ->> 'orderId', p ->> 'orderLineId', p ->> 'productId', p ->> 'meter',
                p ->> 'chargingMode', p ->> 'pricingMode', p ->> 'billingCycle', p ->> 'buyerId',
                (p ->> 'test')::boolean, (p ->> 'openedAt')::timestamptz
            from batch
            """;

    private static final String RELEASED =
            """
            update ledger.instance i
            set released_at = (p ->> 'releasedAt')::timestamptz
            from batch
            where i.instance_id = batch.instance_id
            """;

    private static final String METERED =
            """
            insert into ledger.metered_hour (instance_id, hour, revision, amount, event_count, first_event_at,
                last_event_at, partition, first_offset, last_offset, catalogue_version, closed_at)
            select instance_id, (p ->> 'hour')::timestamptz, (p ->> 'revision')::int, (p ->> 'amount')::numeric,
                (p ->> 'eventCount')::bigint, (p ->> 'firstEventAt')::timestamptz,
                (p ->> 'lastEventAt')::timestamptz, (p ->> 'partition')::int, (p ->> 'firstOffset')::bigint,
                (p ->> 'lastOffset')::bigint, (p ->> 'catalogueVersion')::int, (p ->> 'closedAt')::timestamptz
            from batch
            """;

    private static final String WITHHELD =
            """
            update ledger.metered_hour h
            set withheld = p ->> 'reason'
            from batch
            where h.instance_id = batch.instance_id and h.hour = (p ->> 'hour')::timestamptz
              and h.revision = (p ->> 'revision')::int
            """;

    private static final String ISSUED =
            """
            insert into ledger.usage_record (instance_id, metering_sn, hour, revision, begin_at, end_at, amount, carried,
                package_instance_id, issued_at, state, state_since)
            select instance_id, p ->> 'meteringSn', (p ->> 'hour')::timestamptz, (p ->> 'revision')::int,
                (p ->> 'begin')::timestamptz, (p ->> 'end')::timestamptz, (p ->> 'amount')::numeric,
                (p ->> 'carried')::numeric, p ->> 'packageInstanceId', (p ->> 'recordTime')::timestamptz,
                'in-flight', (p ->> 'recordTime')::timestamptz
            from batch
            """;

    private static final String SETTLED =
            """
            , latest as (
                select distinct on (p ->> 'meteringSn')
                    p ->> 'meteringSn' as metering_sn,
                    case event_type
                        when 'usage-record-reported' then 'reported'
                        when 'usage-record-refused' then 'refused'
                        when 'usage-record-doubted' then 'unknown'
                    end as state,
                    coalesce(p ->> 'reportedAt', p ->> 'refusedAt', p ->> 'doubtedAt')::timestamptz as since,
                    (p ->> 'reportedAt')::timestamptz as reported_at,
                    p ->> 'code' as code,
                    coalesce(p ->> 'detail', p ->> 'why') as detail
                from batch
                order by p ->> 'meteringSn', transaction_id desc, position desc
            )
            update ledger.usage_record r
            set state = latest.state, state_since = latest.since,
                reported_at = coalesce(latest.reported_at, r.reported_at),
                code = latest.code, detail = latest.detail
            from latest
            where r.metering_sn = latest.metering_sn
            """;

    private ProjectionSql() {}

    static List<String> statements() {
        return List.of(
                over("instance-opened") + OPENED,
                over("instance-released") + RELEASED,
                over("hour-metered") + METERED,
                over("usage-withheld") + WITHHELD,
                over("usage-record-issued") + ISSUED,
                over("usage-record-reported", "usage-record-refused", "usage-record-doubted") + SETTLED);
    }

    private static String over(String... types) {
        return BATCH.formatted("'" + String.join("', '", types) + "'", PostgresLedgerFeed.LARGEST_RANGE);
    }
}
