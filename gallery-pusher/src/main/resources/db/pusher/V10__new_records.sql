create table unsent_after_restore (
    metering_sn text        primary key,
    decision    text        not null check (decision in ('send', 'set-aside')),
    decided_by  text        not null,
    decided_why text        not null,
    decided_at  timestamptz not null,
    done_at     timestamptz
);
create index new_record_open on unsent_after_restore (metering_sn) where decision = 'set-aside' and done_at is null;
comment on table unsent_after_restore is
    'Truth. What a person said, after the database went back, of records that it issued for hours from before the last call and that its later state never sent.';
comment on column unsent_after_restore.done_at is 'when a record to be set aside was put to unknown in the ledger; one to be sent just stays on the queue';
