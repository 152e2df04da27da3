create table aggregator.meter_hour (
    partition integer     not null,
    hour      timestamptz not null,
    meter     text        not null,
    events    bigint      not null,
    primary key (partition, hour, meter)
);
create index meter_hour_of_meter on aggregator.meter_hour (meter, hour);
comment on table aggregator.meter_hour is
    'Projection of the buckets: how many events each meter had in a closed hour, over all instances; none for an hour without usage. Kept for 400 days. '
    'A meter that is usually busy and has none is an alarm.';
