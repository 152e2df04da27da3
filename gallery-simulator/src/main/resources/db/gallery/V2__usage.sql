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
comment on table gallery.usage_call is
    'Truth: every call of the usage push and what was answered. nonce is kept only of calls whose signature was good. received_at is business time.';

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
create index rejected_sn on gallery.usage_record (metering_sn) where state <> 'ACCEPTED';
comment on table gallery.usage_record is
    'Truth: every record of every call that was kept, accepted or rejected with its code (koogallery.md, section 1.5). as_sent holds a record that could not be read.';
comment on column gallery.usage_record.repeats is 'The record is an identical repeat of one that was accepted before.';
comment on column gallery.usage_record.rejected_later_at is 'Business time from which an accepted record shows as rejected, when the simulator was told to misbehave so.';

create table gallery.fault (
    fault_id     bigint generated always as identity primary key,
    kind         text             not null,
    target       text             not null,
    probability  double precision not null,
    seed         bigint           not null,
    remaining    integer          not null,
    parameters   jsonb            not null,
    seen         bigint           not null default 0,
    done         bigint           not null default 0,
    active       boolean          not null default true
);
comment on table gallery.fault is
    'Truth: what the simulator was told to do wrong, how often it looked and how often it did it. seen is the position in the seeded sequence, so a restart goes on where it was.';
