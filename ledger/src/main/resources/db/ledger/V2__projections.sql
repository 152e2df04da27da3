create table ledger.instance (
    instance_id   text        not null primary key,
    order_id      text        not null,
    order_line_id text        not null,
    product_id    text        not null,
    meter         text        not null,
    charging_mode text        not null,
    pricing_mode  text        not null,
    billing_cycle text        not null,
    buyer_id      text        not null,
    test          boolean     not null,
    opened_at     timestamptz not null,
    released_at   timestamptz
);
comment on table ledger.instance is 'Projection: the life of every instance.';

create table ledger.metered_hour (
    instance_id       text        not null,
    hour              timestamptz not null,
    revision          integer     not null,
    amount            numeric     not null,
    event_count       bigint      not null,
    first_event_at    timestamptz not null,
    last_event_at     timestamptz not null,
    partition         integer     not null,
    first_offset      bigint      not null,
    last_offset       bigint      not null,
    catalogue_version integer     not null,
    closed_at         timestamptz not null,
    withheld          text,
    primary key (instance_id, hour, revision)
);
comment on table ledger.metered_hour is 'Projection: what every usage hour came to, and why it is in no usage record, if so.';

create table ledger.usage_record (
    instance_id         text        not null,
    metering_sn         text        not null primary key,
    hour                timestamptz not null,
    revision            integer     not null,
    begin_at            timestamptz not null,
    end_at              timestamptz not null,
    amount              numeric     not null,
    carried             numeric     not null,
    package_instance_id text,
    issued_at           timestamptz not null,
    state               text        not null,
    state_since         timestamptz not null,
    reported_at         timestamptz,
    code                text,
    detail              text
) with (fillfactor = 70);
create index usage_record_of_instance on ledger.usage_record (instance_id, begin_at);
comment on table ledger.usage_record is 'Projection: every usage record and where it stands.';
