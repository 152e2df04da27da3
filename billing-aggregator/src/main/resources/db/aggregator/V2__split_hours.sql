create table aggregator.split_hour (
    partition integer     not null,
    hour      timestamptz not null,
    instance  text collate "C" not null,
    revision  integer     not null,
    state     text        not null default 'to-recount' check (state in ('to-recount', 'log-gone', 'differs', 'refused')),
    detail    text,
    primary key (partition, hour, instance, revision)
);
create index split_hour_to_recount on aggregator.split_hour (partition, hour, instance) where state = 'to-recount';
comment on table aggregator.split_hour is
    'Projection of the ledger: hours it withholds because a boundary of the instance''s life lies in them. "to-recount" until the log was read '
    'again; in any other state a person decides, and detail says why. A row goes when the ledger says what became of its hour.';
