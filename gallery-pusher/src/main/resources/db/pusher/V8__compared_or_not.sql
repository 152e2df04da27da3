alter table journal_position alter column compared_at drop not null;
alter table journal_position alter column compared_at drop default;
comment on column journal_position.compared_at is
    'when the topic of sent calls was last compared with this database, by its clock; null = never. A hold is lifted only if that was after it was put in';
comment on column sent_by_lost_database.done is 'how it was put right: entered, billed, goes-again, stays-refused, set-aside; null = not yet';
