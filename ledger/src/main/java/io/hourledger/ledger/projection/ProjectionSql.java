package io.hourledger.ledger.projection;

import io.hourledger.ledger.store.EventForms;
import java.util.List;

/**
 * How a stretch of events changes the projections, inside the database. Each statement takes the first and the last place of the stretch; they
 * run in this order in one transaction, and each stretch is applied once, which the reader's position sees to. Replay runs the same
 * statements over longer stretches into a schema beside the live one.
 */
final class ProjectionSql {

    /**
     * The events of a stretch in their present form. The limit is the longest stretch: it cuts nothing off, but tells the planner how many rows
     * to expect, so that it looks up a few rows one by one and joins many at once.
     */
    private static final String BATCH =
            """
            with batch as materialized (
                select transaction_id, position, instance_id, event_type, %s as p
                from ledger.event
                where (transaction_id, position) >= (?::xid8, ?) and (transaction_id, position) <= (?::xid8, ?)
                  and event_type in (%s)
                limit %d
            )
            """;

    private static final Statement OPENED = new Statement(
            """
            insert into {schema}.instance (instance_id, order_id, order_line_id, product_id, meter, charging_mode,
                pricing_mode, billing_cycle, buyer_id, test, opened_at)
            select instance_id, p ->> 'orderId', p ->> 'orderLineId', p ->> 'productId', p ->> 'meter',
                p ->> 'chargingMode', p ->> 'pricingMode', p ->> 'billingCycle', p ->> 'buyerId',
                (p ->> 'test')::boolean, (p ->> 'openedAt')::timestamptz
            from batch
            """,
            "instance-opened");

    private static final Statement CHANGED = new Statement(
            """
            , change as (
                select instance_id,
                    (array_agg(event_type = 'instance-frozen' order by transaction_id desc, position desc)
                        filter (where event_type in ('instance-frozen', 'instance-unfrozen')))[1] as frozen,
                    (array_agg(event_type = 'instance-expired' order by transaction_id desc, position desc)
                        filter (where event_type in ('instance-expired', 'instance-renewed')))[1] as expired,
                    (array_agg(p order by transaction_id desc, position desc)
                        filter (where event_type = 'instance-renewed'))[1] as renewal,
                    (array_agg(p order by transaction_id desc, position desc)
                        filter (where event_type = 'instance-upgraded'))[1] as upgrade,
                    max((p ->> 'releasedAt')::timestamptz) as released_at,
                    coalesce(sum((p ->> 'amount')::numeric)
                        filter (where event_type = 'remainder-written-off'), 0) as written_off
                from batch
                group by instance_id
            )
            update {schema}.instance i
            set frozen = coalesce(change.frozen, i.frozen),
                expired = coalesce(change.expired, i.expired),
                expires_at = case when renewal is null then i.expires_at
                    else (renewal ->> 'expiresAt')::timestamptz end,
                product_id = coalesce(upgrade ->> 'productId', i.product_id),
                charging_mode = coalesce(upgrade ->> 'chargingMode', i.charging_mode),
                pricing_mode = coalesce(upgrade ->> 'pricingMode', i.pricing_mode),
                billing_cycle = coalesce(upgrade ->> 'billingCycle', i.billing_cycle),
                released_at = coalesce(change.released_at, i.released_at),
                remainder_written_off = i.remainder_written_off + change.written_off
            from change
            where i.instance_id = change.instance_id
            """,
            "instance-frozen",
            "instance-unfrozen",
            "instance-expired",
            "instance-renewed",
            "instance-upgraded",
            "instance-released",
            "remainder-written-off");

    private static final Statement METERED = new Statement(
            """
            insert into {schema}.metered_hour (instance_id, hour, revision, amount, event_count, first_event_at,
                last_event_at, partition, first_offset, last_offset, catalogue_version, closed_at)
            select instance_id, (p ->> 'hour')::timestamptz, (p ->> 'revision')::int, (p ->> 'amount')::numeric,
                (p ->> 'eventCount')::bigint, (p ->> 'firstEventAt')::timestamptz,
                (p ->> 'lastEventAt')::timestamptz, (p ->> 'partition')::int, (p ->> 'firstOffset')::bigint,
                (p ->> 'lastOffset')::bigint, (p ->> 'catalogueVersion')::int, (p ->> 'closedAt')::timestamptz
            from batch
            """,
            "hour-metered");

    private static final Statement HELD = new Statement(
            """
            , change as (
                select instance_id, (p ->> 'hour')::timestamptz as hour, (p ->> 'revision')::int as revision,
                    sum(case event_type
                        when 'usage-withheld' then (p ->> 'amount')::numeric
                        when 'hour-recounted' then - (p ->> 'billable')::numeric
                        else - (p ->> 'amount')::numeric
                    end) as more,
                    coalesce(sum((p ->> 'amount')::numeric)
                        filter (where event_type = 'withheld-usage-written-off'), 0) as written_off,
                    (array_agg(p ->> 'reason' order by transaction_id desc, position desc)
                        filter (where jsonb_exists(p, 'reason')))[1] as reason
                from batch
                group by instance_id, p ->> 'hour', p ->> 'revision'
            )
            update {schema}.metered_hour h
            set withheld = trim_scale(h.withheld + change.more),
                withheld_reason = coalesce(change.reason, h.withheld_reason),
                withheld_written_off = h.withheld_written_off + change.written_off
            from change
            where h.instance_id = change.instance_id and h.hour = change.hour and h.revision = change.revision
            """,
            "usage-withheld",
            "hour-recounted",
            "withheld-usage-billed",
            "withheld-usage-written-off");

    private static final List<String> RECORD_EVENTS = List.of(
            "usage-record-issued",
            "usage-record-reported",
            "usage-record-refused",
            "usage-record-doubted",
            "usage-record-disputed",
            "usage-record-reissued",
            "usage-record-written-off",
            "usage-record-settled");

    /**
     * One row for each record: how it was issued, if that is in the stretch, what the last event says of it, and when it was accepted. Grouped,
     * not joined, so that no wrong guess of the planner can make it slow.
     */
    private static final String OF_EACH_RECORD =
            """
            , said as (
                select instance_id, p ->> 'meteringSn' as metering_sn, transaction_id, position, p,
                    case event_type
                        when 'usage-record-issued' then 'in-flight'
                        when 'usage-record-reported' then 'reported'
                        when 'usage-record-refused' then 'refused'
                        when 'usage-record-doubted' then 'unknown'
                        when 'usage-record-disputed' then 'disputed'
                        when 'usage-record-reissued' then 'reissued'
                        when 'usage-record-written-off' then 'written-off'
                        else case when (p ->> 'billed')::boolean then 'reported' else 'refused' end
                    end as state,
                    event_type = 'usage-record-issued' as issued,
                    coalesce(p ->> 'reportedAt', p ->> 'refusedAt', p ->> 'doubtedAt', p ->> 'disputedAt',
                        p ->> 'decidedAt', p ->> 'recordTime')::timestamptz as since
                from batch
            ),
            record as (
                select metering_sn, min(instance_id) as instance_id,
                    (array_agg(p) filter (where issued))[1] as r,
                    (array_agg(p order by transaction_id desc, position desc))[1] as l,
                    (array_agg(state order by transaction_id desc, position desc))[1] as state,
                    (array_agg(since order by transaction_id desc, position desc))[1] as since,
                    max(since) filter (where state = 'reported') as reported_at
                from said
                group by metering_sn
            )
            """;

    private static final Statement ISSUED = new Statement(
            OF_EACH_RECORD
                    + """
                    insert into {schema}.usage_record (instance_id, metering_sn, hour, revision, begin_at, end_at, amount,
                        carried, package_instance_id, issued_at, state, state_since, reported_at, code, detail)
                    select instance_id, metering_sn, (r ->> 'hour')::timestamptz, (r ->> 'revision')::int,
                        (r ->> 'begin')::timestamptz, (r ->> 'end')::timestamptz, (r ->> 'amount')::numeric,
                        (r ->> 'carried')::numeric, r ->> 'packageInstanceId', (r ->> 'recordTime')::timestamptz,
                        state, since, reported_at, l ->> 'code', coalesce(l ->> 'detail', l ->> 'why')
                    from record
                    where r is not null
                    """,
            RECORD_EVENTS);

    private static final Statement SETTLED = new Statement(
            OF_EACH_RECORD
                    + """
                    update {schema}.usage_record u
                    set state = record.state, state_since = record.since,
                        reported_at = coalesce(record.reported_at, u.reported_at),
                        code = l ->> 'code', detail = coalesce(l ->> 'detail', l ->> 'why')
                    from record
                    where u.metering_sn = record.metering_sn and r is null
                    """,
            RECORD_EVENTS);

    private static final Statement PACKAGE_ADDED = new Statement(
            """
            insert into {schema}.package (package_instance_id, instance_id, contained, remaining, added_at)
            select p ->> 'packageInstanceId', instance_id, (p ->> 'amount')::numeric, (p ->> 'amount')::numeric,
                (p ->> 'addedAt')::timestamptz
            from batch
            """,
            "package-added");

    private static final Statement PACKAGE_CHANGED = new Statement(
            """
            , change as (
                select instance_id, p ->> 'packageInstanceId' as package_instance_id,
                    coalesce(sum((p ->> 'amount')::numeric)
                        filter (where event_type = 'package-drawn-down'), 0) as drawn,
                    max((p ->> 'noticedAt')::timestamptz) as noticed_at,
                    max((p ->> 'usedUpAt')::timestamptz) as used_up_at
                from batch
                group by instance_id, p ->> 'packageInstanceId'
            )
            update {schema}.package k
            set remaining = trim_scale(k.remaining - change.drawn),
                noticed_at = coalesce(change.noticed_at, k.noticed_at),
                used_up_at = coalesce(change.used_up_at, k.used_up_at)
            from change
            where k.instance_id = change.instance_id and k.package_instance_id = change.package_instance_id
            """,
            "package-drawn-down",
            "package-use-up-noticed",
            "package-used-up");

    private ProjectionSql() {}

    /** The statement without its batch, and the events it reads. */
    private record Statement(String sql, List<String> types) {
        Statement(String sql, String... types) {
            this(sql, List.of(types));
        }

        String over(String schema, int longestStretch) {
            String body = sql.replace("{schema}", schema);
            return BATCH.formatted(
                            EventForms.presentPayloadSql(), "'" + String.join("', '", types) + "'", longestStretch)
                    + body;
        }
    }

    /** Those that change what is metered and held, and the instances. */
    static List<String> ofHours(String schema, int longestStretch) {
        return render(schema, longestStretch, List.of(OPENED, CHANGED, METERED, HELD, PACKAGE_ADDED, PACKAGE_CHANGED));
    }

    /** Those that change the usage records; they touch no table of the others. */
    static List<String> ofRecords(String schema, int longestStretch) {
        return render(schema, longestStretch, List.of(ISSUED, SETTLED));
    }

    private static List<String> render(String schema, int longestStretch, List<Statement> statements) {
        return statements.stream()
                .map(statement -> statement.over(schema, longestStretch))
                .toList();
    }
}
