-- The marketplace that the simulator plays: its orders and instances, its calls to the seller, and the usage that the seller pushed.

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
    placed_at  timestamptz not null,
    generation smallint    not null default 2 check (generation in (1, 2))
);
comment on column gallery.purchase_order.generation is
    'The callbacks that tell the seller of it and of its instances: 1 = V1.0, 2 = V2.0.';
comment on table gallery.purchase_order is 'Truth: what buyers ordered (koogallery.md, section 3).';
comment on column gallery.purchase_order.placed_at is 'Business time.';

create table gallery.order_line (
    order_line_id     text primary key,
    order_id          text    not null references gallery.purchase_order,
    position          integer not null,
    charging_mode     text    not null,
    stop_when_used_up boolean not null,
    expire_time       timestamptz,
    period_type       text,
    period_number     integer,
    products          jsonb   not null,
    package_for       text[]  not null default '{}'
);
create index order_line_of_order on gallery.order_line (order_id);
comment on table gallery.order_line is 'Truth: the lines of an order, each with the products that it names.';
comment on column gallery.order_line.package_for is 'As in gallery.instance.';

create table gallery.instance (
    instance_id       text primary key,
    order_line_id     text        not null,
    order_id          text        not null,
    buyer_id          text        not null,
    product_id        text        not null,
    charging_mode     text        not null,
    stop_when_used_up boolean     not null,
    package_for       text[]      not null default '{}',
    contained         numeric,
    test              boolean     not null,
    started_at        timestamptz not null,
    answered_at       timestamptz,
    released_at       timestamptz
);
create unique index instance_of_line on gallery.instance (order_line_id);
create index instance_of_buyer on gallery.instance (buyer_id, charging_mode);
comment on table gallery.instance is 'Truth: the instances that the seller opened.';
comment on index gallery.instance_of_line is 'One order line is one instance, whatever a seller answers to repeated calls.';
comment on column gallery.instance.package_for is
    'The pay-per-use products whose usage a stop-when-used-up package covers; empty = all of the buyer.';
comment on column gallery.instance.contained is 'What a stop-when-used-up package contains; null if its order does not say.';
comment on column gallery.instance.answered_at is 'Business time of the answer that the instance is open; null if it was laid down without a call.';
comment on column gallery.instance.started_at is 'Business time of the first newInstance call.';
comment on column gallery.instance.released_at is 'Business time of the answer to releaseInstance.';

create table gallery.frozen_span (
    instance_id text        not null references gallery.instance,
    from_at     timestamptz not null,
    to_at       timestamptz,
    primary key (instance_id, from_at)
);
comment on table gallery.frozen_span is 'Truth: when an instance was frozen. A span without to_at still lasts.';

create table gallery.callback (
    callback_id     bigint generated always as identity primary key,
    activity        text        not null,
    order_line_id   text        not null,
    order_id        text        not null,
    instance_id     text,
    fields          jsonb       not null,
    derived_ids     boolean     not null,
    test            boolean     not null,
    state           text        not null,
    attempts        integer     not null default 0,
    next_attempt_at timestamptz not null,
    give_up_at      timestamptz,
    first_sent_at   timestamptz,
    settled_at      timestamptz,
    last_answer     text,
    generation      smallint    not null,
    held_back       boolean     not null default false
);
create index callback_waiting on gallery.callback (next_attempt_at, callback_id) where state in ('PENDING', 'POLLING');
create index callback_of_line on gallery.callback (order_line_id, callback_id);
comment on table gallery.callback is 'Truth: the calls to the seller, waiting, polled, done or failed.';
comment on column gallery.callback.fields is 'As V2.0 names them; V1.0 gets them under its own names.';
comment on column gallery.callback.next_attempt_at is 'Machine time, as give_up_at.';
comment on column gallery.callback.first_sent_at is 'Business time, as settled_at.';
comment on column gallery.callback.held_back is 'Whether later calls of its order line may go out before it.';

create table gallery.callback_probe (
    probe_id         bigint generated always as identity primary key,
    callback_id      bigint  not null,
    activity         text    not null,
    kind             text    not null,
    answer           text    not null,
    answered_rightly boolean not null
);
comment on table gallery.callback_probe is
    'Truth: calls that were repeated, forged or stale on purpose, and what the seller answered.';

create table gallery.usage_call (
    call_id     bigint generated always as identity primary key,
    received_at timestamptz not null,
    nonce       text,
    records     integer     not null,
    stored      boolean     not null,
    http_status integer     not null,
    code        text        not null,
    fault       text,
    detail      text
);
create unique index usage_call_nonce on gallery.usage_call (nonce) where nonce is not null;
comment on table gallery.usage_call is 'Truth: every call of the usage push and what was answered.';
comment on column gallery.usage_call.received_at is 'Business time.';
comment on column gallery.usage_call.nonce is 'Stored only of calls with a valid signature.';

create table gallery.usage_record (
    record_id           bigint generated always as identity primary key,
    call_id             bigint      not null,
    position            integer     not null,
    instance_id         text        not null,
    metering_sn         text,
    begin_at            timestamptz,
    end_at              timestamptz,
    record_time         timestamptz,
    amount              numeric(12, 4),
    usage_value         text        not null,
    package_instance_id text,
    as_sent             jsonb,
    received_at         timestamptz not null,
    state               text        not null,
    code                text,
    repeats             boolean     not null default false,
    rejected_later_at   timestamptz
);
create unique index accepted_window on gallery.usage_record (instance_id, begin_at, end_at) where state = 'ACCEPTED';
create unique index accepted_sn on gallery.usage_record (metering_sn) where state = 'ACCEPTED';
create index collected_from_package on gallery.usage_record (package_instance_id) where state = 'ACCEPTED' and package_instance_id is not null;
create index rejected_sn on gallery.usage_record (metering_sn) where state <> 'ACCEPTED';
comment on table gallery.usage_record is
    'Truth: every record of every stored call, accepted or rejected with its code (koogallery.md, section 1.5).';
comment on column gallery.usage_record.as_sent is 'A record that could not be read, as it was sent.';
comment on column gallery.usage_record.repeats is 'The record is an identical repeat of one that was accepted before.';
comment on column gallery.usage_record.rejected_later_at is
    'Business time from which an accepted record shows as rejected, when the simulator was told to misbehave so.';

create table gallery.fault (
    fault_id    bigint generated always as identity primary key,
    kind        text             not null,
    target      text             not null,
    probability double precision not null,
    seed        bigint           not null,
    remaining   integer          not null,
    parameters  jsonb            not null,
    seen        bigint           not null default 0,
    done        bigint           not null default 0,
    active      boolean          not null default true
);
comment on table gallery.fault is 'Truth: the misbehaviour that the simulator was told to show.';
comment on column gallery.fault.seen is
    'How often it was asked. It is the position in the seeded sequence, so a restart goes on where it was.';
comment on column gallery.fault.done is 'How often it misbehaved.';
