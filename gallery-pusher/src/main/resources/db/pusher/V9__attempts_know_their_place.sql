alter table attempt add column sent_place bigint;
comment on column attempt.sent_place is 'where the call stands on the topic of sent calls; kept with the answer, so that what came of it can be written there later';
alter table attempt drop constraint attempt_answer_check;
alter table attempt add constraint attempt_answer_check
    check (answer in ('http', 'silence', 'not-sent', 'not-written', 'abandoned'));
comment on column attempt.answer is
    'null until something is known: http, silence (unclear), not-sent, not-written (nor sent: the topic did not take it), abandoned (its pusher stopped)';
