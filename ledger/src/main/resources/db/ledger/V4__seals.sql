create table ledger.seal_chain (
    only_row       boolean     not null primary key default true check (only_row),
    event_count    bigint      not null default 0,
    transaction_id xid8        not null default '0',
    position       bigint      not null default 0,
    head           bytea       not null default ''
);
insert into ledger.seal_chain default values;
comment on table ledger.seal_chain is 'Projection: how many events are chained in feed order, up to which place, and the head of the chain. What is truth of it lies outside this database: the seals.';
