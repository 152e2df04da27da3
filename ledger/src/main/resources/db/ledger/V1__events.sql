-- Truth. Nothing in here is ever changed or removed; everything else in this schema can be rebuilt from it.
create table ledger.event (
    position        bigint      not null generated always as identity,
    transaction_id  xid8        not null default pg_current_xact_id(),
    instance_id     text        not null,
    sequence_number bigint      not null,
    event_type      text        not null,
    revision        integer     not null,
    payload         jsonb       not null,
    digest          bytea,
    recorded_at     timestamptz not null default now(),
    primary key (instance_id, sequence_number)
);
create unique index event_feed on ledger.event (transaction_id, position);
comment on table ledger.event is 'Truth: what has happened to every instance, in order. Append only.';
comment on column ledger.event.transaction_id is 'Who appended it: readers go by (transaction_id, position) and stay below the oldest open transaction, so they never jump over one.';
comment on column ledger.event.payload is 'The event without its instance_id, under the stable name event_type in the form revision.';
comment on column ledger.event.digest is 'Keyed digest over this event and its predecessor in the stream; the key is not in this database.';
comment on column ledger.event.recorded_at is 'The machine''s time, for people; business times stand in the payload.';

create table ledger.instance_snapshot (
    instance_id     text    not null primary key,
    sequence_number bigint  not null,
    transaction_id  xid8    not null,
    digest          bytea,
    state           jsonb   not null
) with (fillfactor = 50);
comment on table ledger.instance_snapshot is 'Projection, written in the transaction of the events: the fold of an instance''s stream, bounded, so that deciding needs no stream. Rebuilt by folding.';
comment on column ledger.instance_snapshot.sequence_number is 'Of the last event of the stream.';
comment on column ledger.instance_snapshot.transaction_id is 'Of the last append: an older transaction may not append any more, or readers would see the stream out of order.';

create table ledger.reader (
    name           text   not null primary key,
    transaction_id xid8   not null default '0',
    position       bigint not null default 0
);
comment on table ledger.reader is 'How far each reader of the events has come; the row is locked while a batch is read. Dropped with what the reader keeps.';
