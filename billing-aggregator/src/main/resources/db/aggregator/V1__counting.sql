-- What the aggregator has counted, and how far. Hours are UTC, offsets are those of the topic in log_identity.

create table aggregator.log_identity (
    only_row           boolean primary key default true check (only_row),
    topic              text    not null,
    topic_id           text    not null,
    partitions         integer not null,
    id_key_fingerprint text    not null
);
comment on table aggregator.log_identity is
    'Truth: the log that the offsets of this schema belong to, and the key of its ids. Compared at each start.';

create table aggregator.partition_position (
    partition   integer primary key,
    checkpoint  bigint  not null,
    next_offset bigint  not null,
    consumed    bigint  not null,
    counted     bigint  not null,
    duplicates  bigint  not null,
    quarantined   bigint  not null,
    catalogue   text
);
comment on table aggregator.partition_position is
    'Projection of the log, given the cutoffs: records before next_offset are accounted for in this schema. Advanced by compare-and-set on checkpoint (their running number), next_offset and catalogue only: the fingerprint of the meters that it is counted with.';

create table aggregator.catalogue (
    version     integer primary key,
    fingerprint text    not null
);
comment on table aggregator.catalogue is
    'Truth: the versions of the catalogue that were counted with, and the fingerprint of their meters. Kept at each start, compared at each start.';

create table aggregator.catalogue_meter (
    version    integer not null,
    meter      text    not null,
    definition text    not null,
    primary key (version, meter)
);
comment on table aggregator.catalogue_meter is
    'Truth: how each meter of such a version makes an amount of events, as JSON with its members in a fixed order.';

create table aggregator.hour_cutoff (
    partition        integer     not null,
    hour             timestamptz not null,
    cutoff           bigint      not null,
    recorded_at      timestamptz not null,
    metered_hour     timestamptz,
    metered_instance text collate "C",
    metered_meter    text collate "C",
    closed_at        timestamptz,
    sealed_at        timestamptz,
    primary key (partition, hour)
);
create index hour_cutoff_open on aggregator.hour_cutoff (partition, hour) where closed_at is null or sealed_at is null;
comment on table aggregator.hour_cutoff is
    'Truth: where an hour (and every earlier one without a row of its own) ends in the log, recorded once. metered_* says up to which bucket '
    'it was entered in the ledger, closed_at that all were, sealed_at that its ids lie in sorted blocks.';

create table aggregator.bucket (
    partition      integer     not null,
    hour           timestamptz not null,
    instance       text collate "C" not null,
    meter          text collate "C" not null,
    raw_total      numeric     not null,
    events         bigint      not null,
    first_event_at timestamptz not null,
    last_event_at  timestamptz not null,
    first_offset   bigint      not null,
    last_offset    bigint      not null,
    state          text        not null default 'counted' check (state in ('counted', 'waiting', 'blocked', 'metered', 'refused')),
    detail         text,
    state_at       timestamptz,
    primary key (partition, hour, instance, meter)
) with (fillfactor = 70);
create index bucket_waiting on aggregator.bucket (partition, instance, hour) where state = 'waiting';
create index bucket_blocked on aggregator.bucket (partition, instance, hour) where state = 'blocked';
comment on table aggregator.bucket is
    'Projection of the log, given the cutoffs: what one instance used in one hour. Still "counted" in a closed hour means metered; "waiting" for '
    'an instance that nobody knows yet, "blocked" because it, or an earlier hour of its instance, fails whenever it is entered (detail says why, state_at since when), "metered" '
    'after it had waited or was blocked, "refused" by a rule of the ledger.';

create table aggregator.counted_ids (
    partition   integer     not null,
    hour        timestamptz not null,
    next_offset bigint      not null,
    ids         bytea       not null,
    primary key (partition, hour, next_offset)
);
alter table aggregator.counted_ids alter column ids set storage external;
comment on table aggregator.counted_ids is
    'Projection of the log, given the cutoffs and the key: the ids that one checkpoint counted in an hour not sealed yet, 16 bytes each: 12 of '
    'subject, source and id, 4 of the content.';

create table aggregator.sorted_id_block (
    partition  integer     not null,
    hour       timestamptz not null,
    first_high bigint      not null,
    ids        bytea       not null,
    primary key (partition, hour, first_high)
);
alter table aggregator.sorted_id_block alter column ids set storage external;
comment on table aggregator.sorted_id_block is
    'Projection of the log, given the cutoffs and the key: the ids of a sealed hour in blocks sorted by their first 8 bytes as a signed number; '
    'first_high is the first of the block, so one read finds an id.';

create table aggregator.quarantine (
    partition   integer      not null,
    log_offset  bigint       not null,
    recorded_at timestamptz  not null,
    reason      text         not null,
    detail      text         not null,
    record_key  bytea,
    record_value bytea,
    primary key (partition, log_offset)
);
create index quarantine_reason on aggregator.quarantine (reason, recorded_at);
comment on table aggregator.quarantine is
    'Projection of the log, given the cutoffs and the catalogue: records that were not counted, kept whole, and why.';
