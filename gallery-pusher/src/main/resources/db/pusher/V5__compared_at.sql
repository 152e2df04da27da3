alter table journal_position add column compared_at timestamptz not null default clock_timestamp();
comment on column journal_position.compared_at is
    'when the topic of sent calls was last compared with this database, by its clock; a hold is lifted only if that was after it was put in';
