create table callback (
    id          bigint generated always as identity primary key,
    nonce       text        not null unique,
    activity    text        not null,
    test        boolean     not null,
    body        bytea       not null,
    received_at timestamptz not null default clock_timestamp(),
    business_at timestamptz not null,
    result_code text,
    answer      bytea,
    answered_at timestamptz
);
comment on table callback is
    'Truth. Every verified call of the marketplace, kept before it is answered; the nonce stops a call that is played again.';

create table requested_instance (
    order_id        text        not null,
    order_line_id   text        not null,
    product_hint    text        not null,
    instance_id     text        not null,
    test            boolean     not null,
    first_called_at timestamptz not null,
    state           text        not null default 'waiting'
        check (state in ('waiting', 'held', 'open', 'released')),
    reason          text        not null default '',
    tried_at        timestamptz not null default clock_timestamp(),
    primary key (order_id, order_line_id, product_hint)
);
create index requested_instance_by_id on requested_instance (instance_id);
create index requested_instance_not_open on requested_instance (tried_at) where state in ('waiting', 'held');
comment on table requested_instance is
    'Truth. What newInstance asked for, from its first call on; waiting = the order could not be looked up yet, held = a person must look.';
comment on column requested_instance.tried_at is 'machine time of the last try to open it';
comment on column requested_instance.product_hint is 'the product the call named; empty if it named none';
comment on column requested_instance.instance_id is 'the businessId of the first call, or the instance that the order and product already have';
comment on column requested_instance.first_called_at is 'business time; the instance is opened as of then';

create table deferred_change (
    id            bigint      generated always as identity primary key,
    instance_id   text        not null,
    kind          text        not null check (kind in ('freeze', 'unfreeze', 'renew', 'upgrade')),
    order_id      text,
    order_line_id text,
    expires_at    timestamptz,
    arrived_at    timestamptz not null,
    applied_at    timestamptz
);
create index deferred_change_open on deferred_change (instance_id, id) where applied_at is null;
comment on table deferred_change is
    'Truth. What the marketplace said of an instance before it was open; done in this order, as of these times, when it is opened.';
comment on column deferred_change.arrived_at is 'business time';
comment on column deferred_change.applied_at is 'machine time of the opening that did it; null = not yet';

create table instance_key (
    order_id    text not null,
    item        text not null,
    instance_id text not null unique,
    primary key (order_id, item)
);
comment on table instance_key is
    'Truth. One instance for one item of an order: the product for pay per use, the order line otherwise.';
