package io.hourledger.ledger.projection;

import io.hourledger.ledger.store.InstanceFilter;
import io.hourledger.ledger.store.UpcasterChain;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * How events change the projections, inside the database. The statements run in this order in one transaction, over a stretch of the feed that is
 * applied once, which the reader's position sees to; or, in a replay, over the whole history of some instances, into a schema beside the live
 * one. What begins and goes on in the same events becomes one row at once; only what began before is changed by an update.
 */
final class ProjectionSql {

    /** The events that a statement reads, in their present form. */
    private static final String BATCH =
            """
            with batch as materialized (
                select transaction_id, position, instance_id, event_type, %s as p
                from ledger.event
                where %s
                  and event_type in (%s)
                %s
            )
            """;

    /** Takes the first and the last place of a stretch, and which instances are meant. */
    private static final String OF_STRETCH =
            "(transaction_id, position) >= (?::xid8, ?) and (transaction_id, position) <= (?::xid8, ?) and "
                    + InstanceFilter.SQL;

    /** Takes the instance before the first one, the last one, and the last place. */
    static final String OF_INSTANCES =
            "instance_id > ? and instance_id <= ? and (transaction_id, position) <= (?::xid8, ?)";

    /** Takes the instance, and the last place. */
    static final String OF_ONE_INSTANCE = "instance_id = ? and (transaction_id, position) <= (?::xid8, ?)";

    private static final List<String> LIFE_EVENTS = List.of(
            "instance-opened",
            "instance-frozen",
            "instance-unfrozen",
            "instance-expired",
            "instance-renewed",
            "instance-upgraded",
            "instance-released",
            "remainder-written-off");

    private static final String OF_EACH_INSTANCE =
            """
            , change as (
                select instance_id,
                    (array_agg(p) filter (where event_type = 'instance-opened'))[1] as o,
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
            """;

    private static final Statement OPENED = new Statement(
            OF_EACH_INSTANCE
                    + """
                    insert into {schema}.instance (instance_id, order_id, order_line_id, account, product_id, meter,
                        charging_mode, pricing_mode, billing_cycle, buyer_id, test, opened_at, frozen, expired, expires_at,
                        released_at, remainder_written_off)
                    select instance_id, o ->> 'orderId', o ->> 'orderLineId', o ->> 'account',
                        coalesce(upgrade ->> 'productId', o ->> 'productId'), o ->> 'meter',
                        coalesce(upgrade ->> 'chargingMode', o ->> 'chargingMode'),
                        coalesce(upgrade ->> 'pricingMode', o ->> 'pricingMode'),
                        coalesce(upgrade ->> 'billingCycle', o ->> 'billingCycle'), o ->> 'buyerId',
                        (o ->> 'test')::boolean, (o ->> 'openedAt')::timestamptz, coalesce(frozen, false),
                        coalesce(expired, false), (renewal ->> 'expiresAt')::timestamptz, released_at, written_off
                    from change
                    where o is not null
                    """,
            Part.BEGINS,
            LIFE_EVENTS);

    private static final Statement CHANGED = new Statement(
            OF_EACH_INSTANCE
                    + """
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
                    where i.instance_id = change.instance_id and o is null
                    """,
            Part.GOES_ON,
            LIFE_EVENTS);

    private static final List<String> HOUR_EVENTS = List.of(
            "hour-metered", "usage-withheld", "hour-recounted", "withheld-usage-billed", "withheld-usage-written-off");

    /**
     * One row for each revision of an hour: how it was metered, if that is among the events, and how what is withheld of it changed. Grouped, not
     * joined, so that no wrong guess of the planner can make it slow.
     */
    private static final String OF_EACH_HOUR =
            """
            , revision as (
                select instance_id, (p ->> 'hour')::timestamptz as hour, (p ->> 'revision')::int as revision,
                    (array_agg(p) filter (where event_type = 'hour-metered'))[1] as m,
                    sum(case event_type
                        when 'hour-metered' then 0
                        when 'usage-withheld' then (p ->> 'amount')::numeric
                        when 'hour-recounted' then - (p ->> 'billable')::numeric
                        else - (p ->> 'amount')::numeric
                    end) as more,
                    coalesce(sum((p ->> 'amount')::numeric)
                        filter (where event_type = 'withheld-usage-written-off'), 0) as written_off,
                    -- a revision is recounted once; null = nothing says where it lies
                    case when bool_or(event_type = 'withheld-usage-written-off')
                           or bool_or((p ->> 'nonBillable')::boolean) filter (where event_type = 'withheld-usage-billed')
                        then 0
                        else max((p ->> 'nonBillable')::numeric) filter (where event_type = 'hour-recounted')
                    end as non_billable,
                    (array_agg(p ->> 'reason' order by transaction_id desc, position desc)
                        filter (where jsonb_exists(p, 'reason')))[1] as reason
                from batch
                group by instance_id, (p ->> 'hour')::timestamptz, (p ->> 'revision')::int
            )
            """;

    private static final Statement METERED = new Statement(
            OF_EACH_HOUR
                    + """
                    insert into {schema}.metered_hour (instance_id, hour, revision, amount, event_count, first_event_at,
                        last_event_at, partition, first_offset, last_offset, meter, catalogue_version, closed_at, withheld,
                        withheld_non_billable, withheld_reason, withheld_written_off)
                    select instance_id, hour, revision, (m ->> 'amount')::numeric, (m ->> 'eventCount')::bigint,
                        (m ->> 'firstEventAt')::timestamptz, (m ->> 'lastEventAt')::timestamptz,
                        (m ->> 'partition')::int, (m ->> 'firstOffset')::bigint, (m ->> 'lastOffset')::bigint,
                        m ->> 'meter', (m ->> 'catalogueVersion')::int, (m ->> 'closedAt')::timestamptz, trim_scale(more),
                        coalesce(non_billable, 0), reason, written_off
                    from revision
                    where m is not null
                    """,
            Part.BEGINS,
            HOUR_EVENTS);

    private static final Statement HELD = new Statement(
            OF_EACH_HOUR
                    + """
                    update {schema}.metered_hour h
                    set withheld = trim_scale(h.withheld + revision.more),
                        withheld_non_billable = coalesce(revision.non_billable, h.withheld_non_billable),
                        withheld_reason = coalesce(revision.reason, h.withheld_reason),
                        withheld_written_off = h.withheld_written_off + revision.written_off
                    from revision
                    where h.instance_id = revision.instance_id and h.hour = revision.hour
                      and h.revision = revision.revision and m is null
                    """,
            Part.GOES_ON,
            HOUR_EVENTS);

    private static final List<String> RECORD_EVENTS = List.of(
            "usage-record-issued",
            "usage-record-reported",
            "usage-record-refused",
            "usage-record-outcome-unknown",
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
                        when 'usage-record-outcome-unknown' then 'unknown'
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
            Part.BEGINS,
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
            Part.GOES_ON,
            RECORD_EVENTS);

    private static final List<String> PACKAGE_EVENTS = List.of(
            "package-added",
            "package-drawn-down",
            "package-draw-down-reversed",
            "package-use-up-noticed",
            "package-used-up",
            "package-released",
            "package-withdrawn");

    /** A package begins anew behind its last withdrawal; what is put back into it makes it hold something again. */
    private static final String OF_EACH_PACKAGE =
            """
            , told as (
                select transaction_id, position, instance_id, event_type, p,
                    p ->> 'packageInstanceId' as package_instance_id,
                    count(*) filter (where event_type = 'package-withdrawn') over since = 0 as stands,
                    count(*) filter (where event_type in ('package-withdrawn', 'package-draw-down-reversed'))
                        over since = 0 as latest
                from batch
                window since as (partition by instance_id, p ->> 'packageInstanceId'
                    order by transaction_id desc, position desc)
            ),
            change as (
                select instance_id, package_instance_id,
                    (array_agg(p order by transaction_id desc, position desc)
                        filter (where event_type = 'package-added'))[1] as added,
                    bool_or(event_type = 'package-withdrawn') as taken_back,
                    coalesce((array_agg(event_type = 'package-withdrawn' order by transaction_id desc, position desc)
                        filter (where event_type in ('package-added', 'package-withdrawn')))[1], false) as withdrawn,
                    sum(case event_type when 'package-drawn-down' then (p ->> 'amount')::numeric
                        else - (p ->> 'amount')::numeric end)
                        filter (where stands and event_type in ('package-drawn-down', 'package-draw-down-reversed')) as drawn,
                    bool_or(event_type = 'package-draw-down-reversed') as refilled,
                    max((p ->> 'noticedAt')::timestamptz) filter (where latest) as noticed_at,
                    max((p ->> 'usedUpAt')::timestamptz) filter (where latest) as used_up_at,
                    max((p ->> 'releasedAt')::timestamptz) filter (where stands) as released_at
                from told
                group by instance_id, package_instance_id
            )
            """;

    private static final Statement PACKAGE_ADDED = new Statement(
            OF_EACH_PACKAGE
                    + """
                    insert into {schema}.package (package_instance_id, instance_id, contained, remaining, added_at,
                        noticed_at, used_up_at, released_at)
                    select package_instance_id, instance_id, (added ->> 'amount')::numeric,
                        coalesce(trim_scale((added ->> 'amount')::numeric - drawn), (added ->> 'amount')::numeric),
                        (added ->> 'addedAt')::timestamptz, noticed_at, used_up_at, released_at
                    from change
                    where added is not null and not withdrawn
                    """,
            Part.BEGINS,
            PACKAGE_EVENTS);

    /** Before the others: what was taken back may have been added again. */
    private static final Statement PACKAGE_WITHDRAWN = new Statement(
            OF_EACH_PACKAGE
                    + """
                    delete from {schema}.package k
                    using change
                    where k.instance_id = change.instance_id and k.package_instance_id = change.package_instance_id
                      and taken_back
                    """,
            Part.GOES_ON,
            PACKAGE_EVENTS);

    private static final Statement PACKAGE_CHANGED = new Statement(
            OF_EACH_PACKAGE
                    + """
                    update {schema}.package k
                    set remaining = coalesce(trim_scale(k.remaining - change.drawn), k.remaining),
                        noticed_at = case when refilled then change.noticed_at
                            else coalesce(change.noticed_at, k.noticed_at) end,
                        used_up_at = case when refilled then change.used_up_at
                            else coalesce(change.used_up_at, k.used_up_at) end,
                        released_at = coalesce(change.released_at, k.released_at)
                    from change
                    where k.instance_id = change.instance_id and k.package_instance_id = change.package_instance_id
                      and added is null
                    """,
            Part.GOES_ON,
            PACKAGE_EVENTS);

    private ProjectionSql() {}

    /**
     * A statement, and what it is for.
     *
     * @param causes types of events; without one of them in a stretch the statement changes nothing
     */
    record Change(String sql, List<String> causes) {
        boolean isIn(Collection<String> types) {
            return causes.stream().anyMatch(types::contains);
        }
    }

    /** The statement without its batch, the events that begin what it makes a row of, and all the events it reads. */
    private record Statement(String sql, Part part, List<String> types) {
        /**
         * @param which of all events
         * @param limit cuts nothing off, but may tell the planner how many rows to expect
         */
        Change over(String which, String schema, String limit) {
            String body = sql.replace("{schema}", schema);
            String ofTypes = "'" + String.join("', '", types) + "'";
            return new Change(
                    BATCH.formatted(UpcasterChain.presentPayloadSql(), which, ofTypes, limit) + body,
                    part == Part.BEGINS ? types.subList(0, 1) : types.subList(1, types.size()));
        }
    }

    /** Of the events that a statement reads, the first type begins a row, and all others change one. */
    private enum Part {
        BEGINS,
        GOES_ON
    }

    /**
     * What a stretch of the feed changes.
     *
     * @param longestStretch how many events it has at most, so that the planner looks up a few rows one by one and joins many at once
     */
    static List<Change> ofStretch(String schema, int longestStretch) {
        return Stream.of(
                        OPENED,
                        CHANGED,
                        METERED,
                        HELD,
                        ISSUED,
                        SETTLED,
                        PACKAGE_WITHDRAWN,
                        PACKAGE_ADDED,
                        PACKAGE_CHANGED)
                .map(statement -> statement.over(OF_STRETCH, schema, "limit " + longestStretch))
                .toList();
    }

    /** What all events of some instances come to, from the first on: nothing began before, so nothing is updated. */
    static List<String> ofWholeInstances(String schema) {
        return Stream.of(OPENED, METERED, ISSUED, PACKAGE_ADDED)
                .map(statement -> statement.over(OF_INSTANCES, schema, "").sql())
                .toList();
    }
}
