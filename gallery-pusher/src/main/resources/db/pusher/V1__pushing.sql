create table seller_account (
    only_row boolean     primary key default true check (only_row),
    account  text        not null,
    since    timestamptz not null default clock_timestamp()
);
comment on table seller_account is
    'Truth. The one seller account whose records and calls this database keeps; drawn at the first start and compared at every later one.';

create table lease (
    account text        primary key,
    owner   text        not null,
    epoch   bigint      not null,
    until   timestamptz not null
);
comment on table lease is
    'Truth. Who may push for a seller account, until when by this database''s clock. Every stored attempt compares the epoch.';

create table work (
    metering_sn text        primary key,
    instance_id text        not null,
    begin_at    timestamptz not null,
    end_at      timestamptz not null,
    deadline    timestamptz not null,
    body        bytea       not null,
    arrival     text        not null default 'never' check (arrival in ('never', 'as-part', 'unclear')),
    tries       int         not null default 0,
    group_limit int,
    not_before  timestamptz not null default '-infinity',
    backing_off boolean     not null default false
);
create index work_by_deadline on work (deadline, begin_at, end_at);
create index work_ready_by_deadline on work (deadline, metering_sn) where not backing_off;
create index work_ready_by_group on work (coalesce(group_limit, 0), deadline, metering_sn) where not backing_off;
create index work_backing_off on work (not_before) where backing_off;
comment on table work is
    'Projection of the ledger''s issued usage records that have no outcome yet; the columns from arrival on are truth about what was tried.';
comment on column work.begin_at is 'business time, as end_at and deadline';
comment on column work.body is 'the record''s canonical JSON, made once; every call that carries the record carries these bytes';
comment on column work.arrival is
    'whether an earlier attempt may have arrived: never; as-part = in a call that was refused as a whole; unclear = no readable answer';
comment on column work.tries is 'attempts without an outcome, for back-off';
comment on column work.group_limit is 'how many records a call with this one may have; null = as many as allowed';
comment on column work.not_before is 'machine time of this database; counts while the record backs off';
comment on column work.backing_off is
    'true until not_before has come and a pusher has noticed; such records are in no index that a claim reads';

create table attempt (
    id          bigint generated always as identity primary key,
    account     text        not null,
    epoch       bigint      not null,
    stored_at   timestamptz not null default clock_timestamp(),
    business_at timestamptz not null,
    metering_sns text[]     not null,
    body_digest bytea       not null,
    answer      text check (answer in ('http', 'silence', 'not-sent', 'abandoned')),
    status      int,
    retry_after text,
    answer_body bytea,
    answered_at timestamptz,
    settled_at  timestamptz
);
create index attempt_unsettled on attempt (id) where settled_at is null;
comment on table attempt is
    'Truth. One row per call, stored before the call is sent, with what came back and when its outcomes went to the ledger.';
comment on column attempt.body_digest is 'SHA-256 of the bytes that were sent';
comment on column attempt.answer is 'null until something is known: http, silence (unclear), not-sent, abandoned (its pusher stopped)';

create table record_needing_review (
    metering_sn text        primary key,
    instance_id text        not null,
    begin_at    timestamptz,
    end_at      timestamptz,
    amount      numeric,
    state       text        not null check (state in ('refused', 'unknown', 'disputed', 'contradicted')),
    code        text        not null,
    detail      text        not null,
    since       timestamptz not null
);
comment on table record_needing_review is
    'Projection of the ledger''s refused, unknown and disputed usage records, for a person; contradicted = the ledger would not take the outcome.';
