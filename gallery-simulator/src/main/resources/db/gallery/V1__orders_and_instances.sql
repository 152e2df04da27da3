create table gallery.setting (
    name  text primary key,
    value text not null
);
comment on table gallery.setting is 'Truth: what an operator told the simulator at run time, so that a restart keeps it.';

create table gallery.purchase_order (
    order_id   text primary key,
    order_type text        not null,
    buyer_id   text        not null,
    buyer_name text        not null,
    test       boolean     not null,
    placed_at  timestamptz not null
);
comment on table gallery.purchase_order is 'Truth: what buyers ordered (koogallery.md, section 3). placed_at is business time.';

create table gallery.order_line (
    order_line_id        text primary key,
    order_id             text    not null references gallery.purchase_order,
    position             integer not null,
    charging_mode        text    not null,
    stop_when_used_up    boolean not null,
    expire_time          timestamptz,
    period_type          text,
    period_number        integer,
    products             jsonb   not null
);
create index order_line_of_order on gallery.order_line (order_id);
comment on table gallery.order_line is 'Truth: the lines of an order, each with the products it names.';

create table gallery.instance (
    instance_id       text primary key,
    order_line_id     text        not null,
    order_id          text        not null,
    buyer_id          text        not null,
    product_id        text        not null,
    charging_mode     text        not null,
    stop_when_used_up boolean     not null,
    test              boolean     not null,
    started_at        timestamptz not null,
    released_at       timestamptz
);
create index instance_of_line on gallery.instance (order_line_id);
create index instance_of_buyer on gallery.instance (buyer_id, charging_mode);
comment on table gallery.instance is
    'Truth: the instances that the seller opened. started_at is the business time of the first newInstance call, released_at that of the answer to releaseInstance.';

create table gallery.frozen_span (
    instance_id text        not null references gallery.instance,
    from_at     timestamptz not null,
    to_at       timestamptz,
    primary key (instance_id, from_at)
);
comment on table gallery.frozen_span is 'Truth: when an instance was frozen; open while it still is.';

create table gallery.callback (
    callback_id      bigint generated always as identity primary key,
    activity         text        not null,
    order_line_id    text        not null,
    order_id         text        not null,
    instance_id      text,
    fields           jsonb       not null,
    derived_ids      boolean     not null,
    test             boolean     not null,
    state            text        not null,
    attempts         integer     not null default 0,
    next_attempt_at  timestamptz not null,
    give_up_at       timestamptz,
    first_sent_at    timestamptz,
    settled_at       timestamptz,
    last_answer      text
);
create index callback_waiting on gallery.callback (next_attempt_at, callback_id) where state in ('PENDING', 'POLLING');
create index callback_of_line on gallery.callback (order_line_id, callback_id);
comment on table gallery.callback is
    'Truth: the calls to the seller, waiting, polled, done or failed. next_attempt_at and give_up_at are machine time, first_sent_at and settled_at business time.';
