-- Ids of hours not sealed yet, for which memory had no room.

create table aggregator.ids_on_disk (
    partition  integer     not null,
    hour       timestamptz not null,
    run        bigint      not null,
    first_high bigint      not null,
    ids        bytea       not null,
    primary key (partition, hour, run, first_high)
);
alter table aggregator.ids_on_disk alter column ids set storage external;
comment on table aggregator.ids_on_disk is
    'Projection of the log, given the cutoffs and the key: ids taken over from counted_ids while their hour is not sealed, in blocks as in sorted_id_block. '
    'The checkpoints up to offset "run" are one run, and an id is looked up in each run of its hour. Empty unless an owner was at its bound on ids.';
