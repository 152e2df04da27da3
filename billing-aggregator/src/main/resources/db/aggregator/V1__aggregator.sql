-- What the aggregator has counted, and how far. Hours are UTC. Offsets are those of the topic in log_identity.

create table aggregator.log_identity (
    only_row           boolean primary key default true check (only_row),
    topic              text    not null,
    topic_id           text    not null,
    partitions         integer not null,
    id_key_fingerprint text    not null
);
comment on table aggregator.log_identity is
    'Truth: the log that the offsets of this schema belong to, and the key of its ids. Compared at each start.';

create table aggregator.catalogue (
    version        integer     primary key,
    effective_from timestamptz unique,
    content        text        not null,
    published_at   timestamptz,
    published_by   text        not null,
    why            text        not null
);
comment on table aggregator.catalogue is
    'Truth: the versions of the catalogue. A version is added and never changed.';
comment on column aggregator.catalogue.effective_from is
    'The first hour that it rules, up to the next version. Null for the first version, which rules from the beginning.';
comment on column aggregator.catalogue.content is 'Meters and products as the file of a catalogue has them (JSON).';
comment on column aggregator.catalogue.published_at is 'In business time. Null for the first version, which the first start published.';

create table aggregator.hour_cutoff (
    partition        integer     not null,
    hour             timestamptz not null,
    cutoff           bigint      not null,
    recorded_at      timestamptz not null,
    accepts_from     timestamptz not null,
    metered_hour     timestamptz,
    metered_instance text collate "C",
    metered_meter    text collate "C",
    closed_at        timestamptz,
    sealed_at        timestamptz,
    primary key (partition, hour)
);
create index hour_cutoff_open on aggregator.hour_cutoff (partition, hour) where closed_at is null or sealed_at is null;
comment on table aggregator.hour_cutoff is
    'Truth: where an hour ends in the log, recorded once. Every earlier hour without a row of its own ends there too, '
    'and so does the running revision of every hour that still accepts late usage.';
comment on column aggregator.hour_cutoff.accepts_from is
    'The first hour whose late usage still counts behind this cutoff, up to the next one. It never goes back.';
comment on column aggregator.hour_cutoff.metered_hour is
    'With metered_instance and metered_meter: the last bucket that was entered in the ledger, in the order of the closing.';
comment on column aggregator.hour_cutoff.closed_at is 'When all buckets of the hour were entered in the ledger.';
comment on column aggregator.hour_cutoff.sealed_at is 'When all ids of the hour lay in sorted blocks, those of later late events excepted.';

create table aggregator.partition_position (
    partition   integer primary key,
    checkpoint  bigint  not null,
    next_offset bigint  not null,
    leader_epoch integer,
    consumed    bigint  not null,
    counted     bigint  not null,
    duplicates  bigint  not null,
    quarantined bigint  not null,
    filtered_out bigint not null default 0,
    amendments  bigint  not null default 0,
    decided_before bigint not null default 0,
    catalogue   text
);
comment on table aggregator.partition_position is
    'Projection of the log, given the cutoffs: records before next_offset are accounted for in this schema. '
    'It moves only by compare-and-set on checkpoint, next_offset and catalogue.';
comment on column aggregator.partition_position.checkpoint is 'The running number of the checkpoints.';
comment on column aggregator.partition_position.leader_epoch is
    'The epoch of the leader that wrote the record before next_offset, or a later one; null if it is not known.';
comment on column aggregator.partition_position.filtered_out is
    'How many events no meter reads by its filter. They are in no other table, and the log keeps them.';
comment on column aggregator.partition_position.amendments is
    'How many events correct others. Each stands in aggregator.amendment, and as a record without a value in the buckets of its hour.';
comment on column aggregator.partition_position.decided_before is
    'Truth: on all records before it was decided whether their keys may write them (forbidden_record). It never goes back.';
comment on column aggregator.partition_position.catalogue is 'The fingerprint of the versions of the catalogue that the partition is counted with.';

create table aggregator.partition_halt (
    partition integer     primary key,
    halted_at timestamptz not null,
    reason    text        not null,
    detail    text        not null
);
comment on table aggregator.partition_halt is
    'Truth: the partitions that are halted, since when and why. The owner that halts one writes its row, and goes on when a person has taken it away. '
    'An owner that can go on deletes it.';

create table aggregator.partition_resumption (
    number      bigint      primary key generated always as identity,
    partition   integer     not null,
    resumed_at  timestamptz not null,
    reason      text        not null,
    detail      text        not null,
    from_offset bigint      not null,
    to_offset   bigint      not null,
    decided_by  text        not null,
    why         text        not null
);
comment on table aggregator.partition_resumption is
    'Truth: who let a halted partition go on, why, from which position and to which. Nothing deletes it.';

create table aggregator.log_gap (
    partition   integer     not null,
    from_offset bigint      not null,
    to_offset   bigint      not null,
    first_hour  timestamptz,
    last_hour   timestamptz not null,
    decided_at  timestamptz not null,
    decided_by  text        not null,
    why         text        not null,
    primary key (partition, from_offset)
);
comment on table aggregator.log_gap is
    'Truth: records from from_offset to before to_offset were skipped by a person, who could not bring them back. The hours that they may belong '
    'to cannot be proven.';
comment on column aggregator.log_gap.first_hour is 'Null if any hour up to the last may miss usage.';

create table aggregator.bucket (
    partition      integer     not null,
    hour           timestamptz not null,
    instance       text collate "C" not null,
    meter          text collate "C" not null,
    revision       integer     not null default 0,
    ends_with      timestamptz,
    raw_total      numeric     not null,
    events         bigint      not null,
    first_event_at timestamptz not null,
    last_event_at  timestamptz not null,
    first_offset   bigint      not null,
    last_offset    bigint      not null,
    state          text        not null default 'counted' check (state in ('counted', 'unmatched', 'blocked', 'metered', 'refused', 'dropped', 'written-off')),
    detail         text,
    state_at       timestamptz,
    shared_events  bigint      not null default 0 check (shared_events between 0 and events),
    timed_values   jsonb,
    primary key (partition, hour, instance, meter, revision),
    check ((revision = 0) = (ends_with is null))
) with (fillfactor = 70);
create index bucket_late on aggregator.bucket (partition, ends_with, hour, instance, meter) where revision > 0;
create index bucket_unmatched on aggregator.bucket (partition, instance, hour) where state = 'unmatched';
-- another predicate than that of bucket_unmatched, so that no look-up by subject can take this one
create index bucket_unmatched_since on aggregator.bucket (partition, state_at) where state = 'unmatched' and state_at is not null;
create index bucket_refused_since on aggregator.bucket (partition, state_at) where state = 'refused';
create index bucket_blocked on aggregator.bucket (partition, instance, hour) where state = 'blocked';
comment on table aggregator.bucket is
    'Projection of the log, given the cutoffs: what one instance used in one hour, by meter and revision.';
comment on column aggregator.bucket.raw_total is
    'What the meter makes of the events of this revision alone. What the revision adds to its hour follows from the earlier ones, too. '
    'Of a unique count: how many values no earlier event of the hour has.';
comment on column aggregator.bucket.events is
    'Records that count, amendments among them. What an hour with amendments comes to is read from the log when it closes.';
comment on column aggregator.bucket.revision is
    '0 = by the cutoff of its hour; a later one holds what came too late for that, one revision for each hour that ended since.';
comment on column aggregator.bucket.ends_with is
    'Of a later revision: the hour whose cutoff ends it too, or that of the next hour with a row in hour_cutoff.';
comment on column aggregator.bucket.state is
    'counted = not entered yet, and in a closed hour: metered; unmatched = no instance has its subject yet; '
    'blocked = it, or an earlier hour of its instance, fails whenever it is entered; metered = entered after it was unmatched or blocked; '
    'refused = by a rule of the ledger, or the meter of its instance does not read all its events; '
    'dropped = its instance has another meter, which reads its events; or they are free; '
    'written-off = it waited, or was refused, and a person has said that nobody is billed for it.';
comment on column aggregator.bucket.detail is 'Why it is in this state.';
comment on column aggregator.bucket.state_at is 'Since when it is in this state.';
comment on column aggregator.bucket.shared_events is
    'How many of its events are accounted for by the bucket of another meter, which reads them, too.';

comment on column aggregator.bucket.timed_values is
    'Of a percentile: which one it is, and the value of each five minutes. Of a time-weighted sum: for how long a level holds, and the level of '
    'each step. Both of this revision alone. Null of all other meters.';

create table aggregator.bucket_total (
    partition integer not null,
    state     text    not null,
    buckets   bigint  not null,
    events    bigint  not null,
    primary key (partition, state)
);
comment on table aggregator.bucket_total is
    'Projection of the buckets: how many of a partition stand so, with how many events. Buckets that are counted stand in it as metered, from when '
    'their hour is closed. Those that were dropped since stay in it. The first checkpoint of a partition begins with none.';

create table aggregator.usage_write_off (
    partition  integer     not null,
    hour       timestamptz not null,
    instance   text collate "C" not null,
    meter      text collate "C" not null,
    revision   integer     not null,
    was        text        not null check (was in ('unmatched', 'blocked', 'refused')),
    events     bigint      not null,
    raw_total  numeric     not null,
    decided_at timestamptz not null,
    decided_by text        not null,
    why        text        not null,
    primary key (partition, hour, instance, meter, revision)
);
comment on table aggregator.usage_write_off is
    'Truth: usage of closed hours that a person has said nobody is billed for, who and why. A row goes only if '
    'the ledger turns out to have that usage; its bucket then says so.';
comment on column aggregator.usage_write_off.was is 'The state of its bucket before.';
comment on column aggregator.usage_write_off.events is 'Those that its bucket accounted for.';

create table aggregator.opened_instance (
    partition integer not null,
    instance  text collate "C" not null,
    primary key (partition, instance)
);
comment on table aggregator.opened_instance is
    'Projection of the ledger: instances that were opened while usage of them was unmatched. A row goes when that usage was entered.';

create table aggregator.counted_ids (
    partition   integer     not null,
    hour        timestamptz not null,
    next_offset bigint      not null,
    ids         bytea       not null,
    primary key (partition, hour, next_offset)
);
alter table aggregator.counted_ids alter column ids set storage external;
comment on table aggregator.counted_ids is
    'Projection of the log, given the cutoffs and the key: the ids that one checkpoint counted in an hour. They stay until that hour is '
    'sealed; those of late events of a sealed hour until the next hour is. '
    'An id has 16 bytes: 12 of subject, source and id, 4 of the content.';

create table aggregator.ids_on_disk (
    partition  integer     not null,
    hour       timestamptz not null,
    run        bigint      not null,
    first_high bigint      not null,
    ids        bytea       not null,
    primary key (partition, hour, run, first_high)
);
create index ids_on_disk_by_hash on aggregator.ids_on_disk (partition, hour, first_high, run);
alter table aggregator.ids_on_disk alter column ids set storage external;
comment on table aggregator.ids_on_disk is
    'Projection of the log, given the cutoffs and the key: ids on their way from counted_ids to sorted_id_block, sorted in blocks as there. '
    'They stay here while their hour is open, if memory has no room for them. An id lies in one of the three tables.';
comment on column aggregator.ids_on_disk.run is
    'A random number. What was sorted at once is one run, and an id is looked up in each run of its hour.';

create table aggregator.sorted_id_block (
    partition  integer     not null,
    hour       timestamptz not null,
    first_high bigint      not null,
    ids        bytea       not null,
    primary key (partition, hour, first_high)
);
alter table aggregator.sorted_id_block alter column ids set storage external;
comment on table aggregator.sorted_id_block is
    'Projection of the log, given the cutoffs and the key: the ids of a sealed hour, in blocks sorted by their first 8 bytes as a signed number. '
    'Of an hour that is being sealed some lie here already.';
comment on column aggregator.sorted_id_block.first_high is 'The first 8 bytes of the first id of the block, so that one read finds an id.';

create table aggregator.quarantine (
    partition    integer     not null,
    log_offset   bigint      not null,
    recorded_at  timestamptz not null,
    reason       text        not null,
    detail       text        not null,
    record_key   bytea,
    record_value bytea,
    is_open      boolean     not null default true,
    primary key (partition, log_offset)
);
create index quarantine_open on aggregator.quarantine (partition, reason, recorded_at) where is_open;
comment on table aggregator.quarantine is
    'Projection of the log, given the cutoffs and the catalogue: records that were not counted, stored whole, and why.';
comment on column aggregator.quarantine.is_open is
    'Projection of quarantine_decision: it was neither written off nor sent again. A resend that was only begun leaves it open.';

create index quarantine_decided on aggregator.quarantine (partition, recorded_at) where not is_open;

create table aggregator.forbidden_record (
    partition  integer not null,
    log_offset bigint  not null,
    detail     text    not null,
    primary key (partition, log_offset)
);
comment on table aggregator.forbidden_record is
    'Truth: records that were not counted since their key was bound to products that their instance did not have then. '
    'An instance may have another product later, so nobody could decide the same again.';

create table aggregator.quarantine_total (
    partition integer not null,
    reason    text    not null,
    records   bigint  not null,
    primary key (partition, reason)
);
comment on table aggregator.quarantine_total is
    'Projection of the log, given the cutoffs and the catalogue: how many records were quarantined, those included whose rows were dropped since.';

create table aggregator.amendment (
    partition    integer     not null,
    log_offset   bigint      not null,
    hour         timestamptz not null,
    instance     text collate "C" not null,
    revision     integer     not null,
    kind         text        not null check (kind in ('amended', 'voided')),
    source       text        not null,
    event_id     text        not null,
    event_type   text        not null,
    amendment_id text        not null,
    event_at     timestamptz not null,
    recorded_at  timestamptz not null,
    decided_by   text        not null,
    why          text        not null,
    primary key (partition, log_offset)
);
create index amendment_of_hour on aggregator.amendment (partition, hour, instance);
comment on table aggregator.amendment is
    'Projection of the log, given the cutoffs: events that correct others, and who decided it. A bucket of their instance and hour is counted again '
    'from the log before it is entered, from the revision of the first of them on.';
comment on column aggregator.amendment.revision is 'Of its hour, from which on it holds.';
comment on column aggregator.amendment.event_id is 'Of the event that is corrected, which has the same source, subject and time.';

create table aggregator.retention (
    partition          integer primary key,
    closed_for_good    timestamptz,
    buckets_dropped    timestamptz,
    quarantine_dropped bigint
);
comment on table aggregator.retention is
    'Truth: how far old rows were dropped, recorded before they are. Nothing of an hour up to closed_for_good is ever counted again.';
comment on column aggregator.retention.closed_for_good is 'The last hour whose ids are dropped; its cutoff and those before follow 8 days later.';
comment on column aggregator.retention.buckets_dropped is 'The last hour whose metered buckets were dropped.';
comment on column aggregator.retention.quarantine_dropped is 'The last offset whose decided record in quarantine was dropped.';

create table aggregator.quarantine_decision (
    partition      integer     not null,
    log_offset     bigint      not null,
    decision       text        not null check (decision in ('resent', 'written-off')),
    decided_at     timestamptz not null,
    decided_by     text        not null,
    why            text        not null,
    sent_partition integer,
    sent_offset    bigint,
    primary key (partition, log_offset)
);
comment on table aggregator.quarantine_decision is
    'Truth: what a person decided about a record in quarantine, one decision a record. A record without one is open, and one '
    'that was begun to be resent until it was sent. '
    'Rebuilding the quarantine from the log does not touch it.';
comment on column aggregator.quarantine_decision.sent_offset is
    'With sent_partition: where the record lies that was appended again. Null while that is not acknowledged.';

create table aggregator.meter_hour (
    partition integer     not null,
    hour      timestamptz not null,
    meter     text        not null,
    events    bigint      not null,
    primary key (partition, hour, meter)
);
create index meter_hour_of_meter on aggregator.meter_hour (meter, hour);
comment on table aggregator.meter_hour is
    'Projection of the buckets: how many events each meter had in a closed hour, over all instances. An hour without usage has no row. '
    'Rows stay for 400 days. A meter that is usually busy and has no row raises an alarm.';

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
    'Projection of the ledger: hours that it withholds because a boundary of the instance''s life lies in them. '
    'A row goes when the ledger says what became of its hour.';
comment on column aggregator.split_hour.state is 'to-recount until the log was read again. In any other state a person decides.';
comment on column aggregator.split_hour.detail is 'Why a person must decide.';

create table aggregator.period_usage (
    instance    text collate "C" not null,
    sums        text        not null,
    period_from timestamptz not null,
    amount      numeric     not null,
    last_hour   timestamptz not null,
    unseen      boolean     not null default false,
    primary key (instance, sums, period_from)
);
create index period_usage_old on aggregator.period_usage (period_from);
create index period_usage_unseen on aggregator.period_usage (instance) where unseen;
comment on table aggregator.period_usage is
    'Projection of the ledger: what the closed hours of a day or month come to, for the thresholds of the settings. Kept for two months.';
comment on column aggregator.period_usage.sums is 'Day or month, and the zone whose midnight begins it.';
comment on column aggregator.period_usage.last_hour is 'The last hour that is in the amount. Later ones are in buckets.';
comment on column aggregator.period_usage.unseen is
    'Whether late usage of a closed hour has changed it since it was compared with the thresholds.';

create table aggregator.instance_product (
    instance text collate "C" primary key,
    product  text   not null,
    change   bigint not null generated by default as identity
);
create index instance_product_change on aggregator.instance_product (product, change);
comment on table aggregator.instance_product is
    'Projection of the ledger: which product an instance has, so that those with a threshold are found.';
comment on column aggregator.instance_product.change is 'Rises whenever the instance gets a product, so that new ones are found by it.';

create table aggregator.prepaid_instance (
    instance text collate "C" primary key,
    change   bigint not null generated by default as identity
);
create unique index prepaid_instance_change on aggregator.prepaid_instance (change);
comment on table aggregator.prepaid_instance is 'Projection of the ledger: instances that draw their usage from packages.';
comment on column aggregator.prepaid_instance.change is 'Rises whenever an instance gets a package, so that new packages are found by it.';

create table aggregator.usage_at_boundary (
    instance  text collate "C" not null,
    at        timestamptz not null,
    meter     text collate "C" not null,
    raw_total numeric not null,
    primary key (instance, at, meter)
);
comment on table aggregator.usage_at_boundary is
    'Projection of the ledger and the buckets: what the hour of a boundary had come to when it was heard of. '
    'At a boundary another package begins to pay for the usage of the instance.';
comment on column aggregator.usage_at_boundary.meter is 'Empty in the row that says that the boundary is known.';
