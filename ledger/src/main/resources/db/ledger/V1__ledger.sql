-- The events and what follows from them. Rows of ledger.event are never changed or removed. All other tables can be made again from them,
-- but for ledger.installation, ledger.seller_account, ledger.removed_seller_account, ledger.api_key, ledger.api_key_secret and
-- ledger.dead_letter_decision.
-- Tables that have a row for each hour of each instance begin with the columns of fixed width, widest first: so nothing is lost between them.

create table ledger.event (
    position        bigint      not null generated always as identity,
    transaction_id  xid8        not null default pg_current_xact_id(),
    recorded_at     timestamptz not null default now(),
    sequence_number integer     not null,
    revision        smallint    not null,
    instance_id     text        not null,
    event_type      text        not null,
    digest          bytea,
    payload         jsonb       not null,
    primary key (instance_id, sequence_number)
);
create unique index event_feed on ledger.event (transaction_id, position);
create index event_of_an_upgrade on ledger.event (instance_id, sequence_number) where event_type = 'instance-upgraded';
create index event_of_a_decision on ledger.event ((payload ->> 'hour') collate "C")
    where event_type in ('usage-record-settled', 'usage-record-disputed', 'usage-record-duplicate-listed',
                         'usage-record-reissued', 'usage-record-written-off', 'withheld-usage-billed',
                         'withheld-usage-written-off');
-- many events of one hour: each hour is stored once for them
create index event_of_hour on ledger.event ((payload ->> 'hour') collate "C")
    where event_type in ('hour-metered', 'usage-record-issued', 'usage-withheld', 'hour-recounted',
                         'withheld-usage-billed');
create index event_of_a_person on ledger.event (recorded_at) where payload ->> 'who' is not null;
comment on table ledger.event is 'Truth: what has happened to every instance, in order. Append only.';
comment on column ledger.event.transaction_id is
    'The transaction that appended it. Readers go by (transaction_id, position) and stay below the oldest open transaction, '
    'so they never pass over an event.';
comment on column ledger.event.payload is 'The event without its instance_id, under the stable name event_type, in the form revision.';
comment on column ledger.event.digest is 'Keyed digest over this event and its predecessor in the stream. The key is not in this database.';
comment on column ledger.event.recorded_at is 'Machine time, for people. Business times stand in the payload.';

create table ledger.instance_snapshot (
    instance_id     text   not null primary key,
    sequence_number bigint not null,
    transaction_id  xid8   not null,
    digest          bytea,
    state           jsonb  not null,
    form            int    not null
) with (fillfactor = 50);
comment on table ledger.instance_snapshot is
    'Projection: the fold of an instance''s stream, written in the transaction of the events. It is bounded, so deciding reads no stream.';
comment on column ledger.instance_snapshot.form is
    'Which rules folded the stream, and how the state is written. A process of an older version neither reads nor replaces it.';
comment on column ledger.instance_snapshot.sequence_number is 'Of the last event of the stream.';
comment on column ledger.instance_snapshot.transaction_id is
    'Of the last append. An older transaction may append no more, or readers would see the stream out of order.';

create table ledger.outbox (
    metering_sn         text        not null primary key,
    instance_id         text        not null,
    hour                timestamptz not null,
    begin_at            timestamptz not null,
    end_at              timestamptz not null,
    amount              numeric     not null,
    record_time         timestamptz not null,
    package_instance_id text,
    billing_cycle       text        not null,
    collected_with      timestamptz,
    account             text        not null
);
create index outbox_by_hour on ledger.outbox (account, hour, metering_sn);
create index outbox_by_collection on ledger.outbox (account, billing_cycle, (coalesce(collected_with, hour)));
comment on table ledger.outbox is
    'Truth: usage records that were issued and that no pusher has taken onto its queue. A row is written by the transaction that issues '
    'the record. It goes when a pusher takes it over, or with the record''s outcome.';
comment on column ledger.outbox.account is 'The seller account that the instance''s opening names. No other may take it over.';
comment on column ledger.outbox.billing_cycle is 'Of the product that was in force in the record''s window.';
comment on column ledger.outbox.collected_with is
    'The hour in which the record was issued, of usage that came late or that a person decided: the marketplace asks for it with that '
    'hour. Null of usage that was issued when its hour was first metered.';

create table ledger.seal_chain (
    only_row       boolean not null primary key default true check (only_row),
    event_count    bigint  not null default 0,
    transaction_id xid8    not null default '0',
    position       bigint  not null default 0,
    head           bytea   not null default '',
    tree_edge      bytea   not null default ''
);
insert into ledger.seal_chain default values;
comment on table ledger.seal_chain is
    'Projection: how many events are chained in feed order, up to which position, and the head of the chain. '
    'The truth about it is in the journal: the seals.';
comment on column ledger.seal_chain.tree_edge is
    'The right edge of the Merkle tree over the events: 32 bytes for each bit of event_count that is set, the largest subtree first.';

create table ledger.seal_mark (
    event_count    bigint      not null primary key,
    transaction_id xid8        not null,
    position       bigint      not null,
    head           bytea       not null,
    tree_edge      bytea       not null,
    sealed_at      timestamptz not null
);
comment on table ledger.seal_mark is
    'Projection: seal_chain as it was at the first seal of each day, so that a later check need not begin at the first event. '
    'Nobody believes a row without the seal of the same count in the journal.';
comment on column ledger.seal_mark.position is 'With transaction_id the last event that the seal covers.';
comment on column ledger.seal_mark.sealed_at is 'Business time. It spaces the marks; the time that counts is that of the seal.';

create table ledger.reader (
    name           text   not null primary key,
    transaction_id xid8   not null default '0',
    position       bigint not null default 0
);
comment on table ledger.reader is
    'Position: how far each reader of the events has come. The row is locked while a batch is read. It goes with what its reader stores.';

create table ledger.dead_letter (
    reader          text        not null,
    instance_id     text        not null,
    sequence_number bigint      not null,
    event_type      text        not null,
    cause           text        not null,
    first_tried_at  timestamptz not null default clock_timestamp(),
    last_tried_at   timestamptz not null default clock_timestamp(),
    tries           integer     not null default 1,
    next_try_at     timestamptz not null default clock_timestamp() + interval '1 minute',
    retry_asked     boolean     not null default false,
    primary key (reader, instance_id)
);
create index dead_letter_to_retry on ledger.dead_letter (reader, next_try_at);
comment on table ledger.dead_letter is
    'Position: instances of which a reader cannot take an event. That event and all later ones of the instance wait for the reader. '
    'Written in the transaction that moves the reader. A row goes when its events were taken, in order, and never otherwise. '
    'Whoever deletes a reader lets it begin with the first event, so its rows go, too.';
comment on column ledger.dead_letter.sequence_number is 'Of the first event that waits. All later ones of the instance stand in ledger.event.';
comment on column ledger.dead_letter.cause is 'What the reader said of this event at the last try.';
comment on column ledger.dead_letter.first_tried_at is 'Machine time, as is last_tried_at.';
comment on column ledger.dead_letter.next_try_at is
    'Machine time. The reader tries again by itself after 1, 5, and then each 30 minutes, and once whenever a process starts to run it.';
comment on column ledger.dead_letter.retry_asked is 'Whether a person has asked for a try that was not made yet.';

create table ledger.dead_letter_decision (
    id              bigint      not null generated always as identity primary key,
    reader          text        not null,
    instance_id     text        not null,
    sequence_number bigint      not null,
    event_type      text        not null,
    cause           text        not null,
    decided_at      timestamptz not null default clock_timestamp(),
    decided_by      text        not null,
    why             text        not null
);
comment on table ledger.dead_letter_decision is
    'Truth: who had the events of an instance tried again, and why, and what they waited for. A row for each such decision and instance. '
    'Times are of the machine.';

create table ledger.installation (
    only_row          boolean     not null primary key default true check (only_row),
    id                uuid        not null default gen_random_uuid(),
    draw              uuid,
    previous_draw     uuid,
    number            bigint      not null default 0,
    drawn_because     text,
    timeline          text,
    server_started_at timestamptz,
    drawn_at          timestamptz,
    decided_by        text,
    why               text,
    journaled         boolean     not null default false,
    api_keys_version  bigint      not null default 0,
    accounts_named    boolean     not null default false,
    check (draw is null or (drawn_because is not null and timeline is not null and server_started_at is not null
                            and drawn_at is not null))
);
insert into ledger.installation default values;
comment on table ledger.installation is
    'Truth: the installation this database is of, made with it and the same in every copy, and what it has drawn last. '
    'The truth about which draw is in force is in the journal.';
comment on column ledger.installation.accounts_named is
    'Whether a first start has recorded its seller accounts. Later ones are added by a person.';
comment on column ledger.installation.api_keys_version is
    'Rises with each change of ledger.api_key and ledger.api_key_secret, so that of two tellings the older one is known.';
comment on column ledger.installation.draw is 'Null until the first start, and after a restore: then the next start draws.';
comment on column ledger.installation.previous_draw is
    'What was drawn before. If it is the newest in the journal, the journal has lost the draw alone, and is given it again.';
comment on column ledger.installation.number is 'Of the incarnation. It only rises, so a copy that draws comes after all it knows.';
comment on column ledger.installation.timeline is
    'What PostgreSQL looked like at the draw, with server_started_at. If it looks different, it was promoted, restored, copied or started anew.';
comment on column ledger.installation.journaled is 'Whether the journal is known to have had the draw. If it has it no more, the journal was lost.';

create table ledger.seller_account (
    account      text        primary key,
    since        timestamptz not null default clock_timestamp(),
    added_by     text,
    added_why    text,
    is_first     boolean     not null default false,
    reports_from timestamptz not null default '-infinity',
    live_at      timestamptz,
    live_by      text,
    live_why     text,
    check (num_nulls(added_by, added_why) in (0, 2)),
    check (num_nulls(live_at, live_by, live_why) in (0, 3)),
    check (reports_from > '-infinity' or live_at is null)
);
create unique index seller_account_first on ledger.seller_account ((true)) where is_first;
create table ledger.removed_seller_account (
    account    text        not null,
    removed_at timestamptz not null default clock_timestamp(),
    removed_by text        not null,
    why        text        not null
);
comment on table ledger.removed_seller_account is
    'Truth: seller accounts that a person took away, since nothing was ever opened for them.';
comment on table ledger.seller_account is
    'Truth: the seller accounts whose instances this database has. Recorded at the first start, or added by a person. '
    'Only one that nothing was ever opened for is taken away (ledger.removed_seller_account).';
comment on column ledger.seller_account.added_by is 'Null for the accounts of the first start.';
comment on column ledger.seller_account.is_first is
    'The first account of the settings at the first start. The journal topic and the callback path without a name are its.';
comment on column ledger.seller_account.reports_from is
    'Business time. Usage of hours from then on is reported. Another system reports the hours before, so a credit of such an hour lowers no '
    'record of a later one. infinity = the account is in shadow: nothing is reported until a person says from when; -infinity = it never was.';
comment on column ledger.seller_account.live_at is 'Business time, when a person ended the shadow, as live_by and live_why say.';

create table ledger.api_key (
    id                text        primary key,
    name              text        not null unique,
    scope             jsonb       not null,
    events_per_second integer     not null default 0,
    body_bytes        integer     not null default 0,
    memory_percent    integer     not null default 0,
    created_at        timestamptz not null default clock_timestamp(),
    decided_by        text        not null,
    why               text        not null,
    revoked_at        timestamptz,
    revoked_by        text,
    revoked_why       text,
    check ((revoked_at is null) = (revoked_by is null) and (revoked_at is null) = (revoked_why is null))
);
comment on table ledger.api_key is
    'Truth: who may send usage, and what. A key is never deleted, so that its id in the log can be explained. Times are of the machine.';
comment on column ledger.api_key.scope is 'Sources, prefixes of sources, types and instances that it may write.';
comment on column ledger.api_key.events_per_second is 'With body_bytes and memory_percent: bounds of this key. 0 sets none.';

create table ledger.api_key_secret (
    sha256      text        primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    key_id      text        not null references ledger.api_key,
    created_at  timestamptz not null default clock_timestamp(),
    valid_until timestamptz,
    decided_by  text        not null,
    why         text        not null
);
create index api_key_secret_key on ledger.api_key_secret (key_id);
comment on table ledger.api_key_secret is
    'Truth: the hash of each secret of a key. The secret itself was shown once and is kept nowhere.';
comment on column ledger.api_key_secret.valid_until is 'Null = until the next rotation. In time of the machine.';

-- Projections
-- A replay makes all tables below this line in a schema beside the live one. When they change, a new file takes this part over:
-- above such a line it drops the tables and deletes their reader, so that the reader starts from the first event.

create table ledger.instance (
    instance_id           text        not null primary key,
    order_id              text        not null,
    order_line_id         text        not null,
    account               text,
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
comment on column ledger.instance.account is 'The seller account that it was ordered from; null for an instance without a marketplace.';
create index instance_of_buyer on ledger.instance (buyer_id, product_id, instance_id);
create index instance_in_state on ledger.instance (product_id,
    (case when released_at is not null then 'released' when expired then 'expired' when frozen then 'frozen' else 'active' end),
    instance_id);

create table ledger.metered_hour (
    hour                  timestamptz not null,
    first_event_at        timestamptz not null,
    last_event_at         timestamptz not null,
    closed_at             timestamptz not null,
    event_count           bigint      not null,
    first_offset          bigint      not null,
    last_offset           bigint      not null,
    revision              integer     not null,
    partition             integer     not null,
    catalogue_version     integer     not null,
    instance_id           text        not null,
    meter                 text        not null,
    amount                numeric     not null,
    withheld              numeric     not null default 0,
    withheld_non_billable numeric     not null default 0,
    withheld_reason       text,
    withheld_written_off  numeric     not null default 0,
    primary key (instance_id, hour, revision)
);
create index metered_hour_of_hour on ledger.metered_hour (hour);
create index metered_hour_withheld on ledger.metered_hour (withheld_reason, hour)
    where withheld <> withheld_non_billable;
create index metered_hour_non_billable on ledger.metered_hour (hour) where withheld_non_billable <> 0;
comment on index ledger.metered_hour_withheld is 'What waits for a person: so a look at it touches nothing else.';
comment on column ledger.metered_hour.withheld_non_billable is
    'What of the withheld amount a recount found outside the life of the instance.';
comment on table ledger.metered_hour is
    'Projection: what every usage hour came to, by revision, how much of it is withheld, and why.';

create table ledger.usage_record (
    hour                timestamptz not null,
    begin_at            timestamptz not null,
    end_at              timestamptz not null,
    issued_at           timestamptz not null,
    state_since         timestamptz not null,
    reported_at         timestamptz,
    revision            integer     not null,
    instance_id         text        not null,
    metering_sn         text        not null,
    amount              numeric     not null,
    carried             numeric     not null,
    package_instance_id text,
    state               text        not null,
    code                text,
    detail              text,
    primary key (instance_id, begin_at, end_at)
) with (fillfactor = 80);
create index usage_record_by_sn on ledger.usage_record using hash (metering_sn);
create index usage_record_of_hour on ledger.usage_record (hour);
comment on table ledger.usage_record is 'Projection: every usage record and its state.';

create table ledger.package (
    package_instance_id text        not null,
    instance_id         text        not null,
    contained           numeric     not null,
    remaining           numeric     not null,
    added_at            timestamptz not null,
    noticed_at          timestamptz,
    used_up_at          timestamptz,
    released_at         timestamptz,
    primary key (instance_id, package_instance_id)
);
comment on table ledger.package is 'Projection: every package that stops when it is used up, and what remains in it.';
