alter table sent_by_lost_database drop constraint sent_by_lost_database_decision_check;
alter table sent_by_lost_database add constraint sent_by_lost_database_decision_check
    check (decision in ('billed', 'not-billed', 'refused', 'set-aside'));
alter table sent_by_lost_database add column ledger_said text;
comment on column sent_by_lost_database.ledger_said is
    'why what was to be done by itself or by a person''s word could not be done; it is not tried again until a person decides anew';
comment on column sent_by_lost_database.done is 'how it was put right: entered, billed, goes-again, refused, set-aside; null = not yet';
