create table push_suspension (
    id         bigint      generated always as identity primary key,
    since      timestamptz not null default clock_timestamp(),
    who        text        not null,
    why        text        not null,
    backup_at  timestamptz,
    lifted_at  timestamptz,
    lifted_by  text,
    lifted_why text,
    check (num_nulls(lifted_at, lifted_by, lifted_why) in (0, 3))
);
create unique index push_suspension_open on push_suspension ((true)) where lifted_at is null;
comment on table push_suspension is
    'Truth. While a row is not lifted nothing is pushed: this database may know less than the marketplace.';
comment on column push_suspension.backup_at is 'when the backup was made that was restored, if one was and somebody knows; machine time';

create table journal_position (
    account     text   primary key,
    next_place  bigint not null
);
comment on table journal_position is
    'Truth. Up to which place of the topic of sent calls this database knows what was sent. Moved by compare-and-set with every attempt.';

create table sent_by_lost_database (
    metering_sn         text        primary key,
    account             text        not null,
    instance_id         text        not null,
    begin_at            timestamptz not null,
    end_at              timestamptz not null,
    amount              numeric     not null,
    package_instance_id text,
    body                bytea       not null,
    sent_place          bigint      not null,
    place_in_call       int         not null,
    sent_at             timestamptz not null,
    outcome             text        not null default 'none' 
        check (outcome in ('none', 'reported', 'reported-as-duplicate', 'refused', 'doubted', 'again')),
    decision            text check (decision in ('billed', 'not-billed', 'set-aside')),
    decided_by          text,
    decided_why         text,
    decided_at          timestamptz,
    done_at             timestamptz,
    done                text,
    check (num_nulls(decision, decided_by, decided_why, decided_at) in (0, 4)),
    check ((done_at is null) = (done is null))
);
create index sent_by_lost_database_of_call on sent_by_lost_database (sent_place);
create index sent_by_lost_database_open on sent_by_lost_database (metering_sn) where done_at is null;
create index sent_before_set_aside on sent_by_lost_database (metering_sn) where done = 'set-aside';
comment on table sent_by_lost_database is
    'Truth. Records that were sent by a later state of this database than the one it went back to, as they stand in the topic of sent calls. '
    'Such a record is sent again only if a person says that it was not billed.';
comment on column sent_by_lost_database.sent_at is 'business time';
comment on column sent_by_lost_database.outcome is 'what came of the last call with it, as far as the topic says; none = no answer is known';
comment on column sent_by_lost_database.done is 'how it was put right: entered, billed, goes-again, set-aside; null = not yet';
