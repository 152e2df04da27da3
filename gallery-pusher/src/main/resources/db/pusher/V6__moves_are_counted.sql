alter table journal_position add column moves bigint not null default 0;
comment on column journal_position.moves is
    'Counts the transactions in which an attempt or an outcome was kept. Who pushes compares it, so that a database that goes back by only one of them is noticed.';
