-- All projections, as this version needs them. When they change, a new file drops and makes all of them again, and the reader starts from the
-- first event; replay runs this very file in a schema beside the live one.
drop table if exists ledger.instance, ledger.metered_hour, ledger.usage_record, ledger.package;
delete from ledger.reader where name = 'projections';

create table ledger.instance (
    instance_id           text        not null primary key,
    order_id              text        not null,
    order_line_id         text        not null,
    product_id            text        not null,
    meter                 text        not null,
    charging_mode         text        not null,
    pricing_mode          text        not null,
    billing_cycle         text        not null,
    buyer_id              text        not null,
    test                  boolean     not null,
    opened_at             timestamptz not null,
    frozen                boolean     not null default false,
    expired               boolean     not null default false,
    expires_at            timestamptz,
    released_at           timestamptz,
    remainder_written_off numeric     not null default 0
);
comment on table ledger.instance is 'Projection: the life of every instance.';

create table ledger.metered_hour (
    instance_id          text        not null,
    hour                 timestamptz not null,
    revision             integer     not null,
    amount               numeric     not null,
    event_count          bigint      not null,
    first_event_at       timestamptz not null,
    last_event_at        timestamptz not null,
    partition            integer     not null,
    first_offset         bigint      not null,
    last_offset          bigint      not null,
    catalogue_version    integer     not null,
    closed_at            timestamptz not null,
    withheld             numeric     not null default 0,
    withheld_reason      text,
    withheld_written_off numeric     not null default 0,
    primary key (instance_id, hour, revision)
);
comment on table ledger.metered_hour is 'Projection: what every usage hour came to, by revision, and how much of it is withheld and why.';

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
) with (fillfactor = 80);
create index usage_record_of_instance on ledger.usage_record (instance_id, begin_at);
comment on table ledger.usage_record is 'Projection: every usage record and where it stands.';

create table ledger.package (
    package_instance_id text        not null,
    instance_id         text        not null,
    contained           numeric     not null,
    remaining           numeric     not null,
    added_at            timestamptz not null,
    noticed_at          timestamptz,
    used_up_at          timestamptz,
    primary key (instance_id, package_instance_id)
);
comment on table ledger.package is 'Projection: every package that stops when it is used up, and what it still holds.';
