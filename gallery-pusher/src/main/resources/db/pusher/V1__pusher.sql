-- What is to be sent to the marketplace, what was sent, what came back, and what the marketplace called for.

create table pusher.account_suspension (
    id                      uuid        primary key default gen_random_uuid(),
    account                 text        not null,
    since                   timestamptz not null default clock_timestamp(),
    who                     text        not null,
    why                     text        not null,
    journaled_at            timestamptz,
    resumed_at              timestamptz,
    resumed_by              text,
    resumed_why             text,
    resumption_journaled_at timestamptz,
    check (num_nulls(resumed_at, resumed_by, resumed_why) in (0, 3))
);
create unique index account_suspension_open on pusher.account_suspension (account) where resumed_at is null;
comment on table pusher.account_suspension is
    'Truth: since when a person has suspended a seller account, and why. Nothing of that account is sent while a row has no resumed_at; '
    'the others go on.';
comment on column pusher.account_suspension.id is 'The same in every state of the database, since the journal names it.';
comment on column pusher.account_suspension.journaled_at is
    'When the journal of sent calls had it, so that it is entered again in a database that goes back to before it.';

create table pusher.shadow_record (
    metering_sn text        primary key,
    account     text        not null,
    instance_id text        not null,
    hour        timestamptz not null,
    begin_at    timestamptz not null,
    end_at      timestamptz not null,
    deadline    timestamptz not null,
    expected_by timestamptz not null,
    body        bytea       not null
);
create index shadow_record_by_hour on pusher.shadow_record (account, hour, metering_sn);
comment on table pusher.shadow_record is
    'Truth: issued usage records of hours that another system reports, taken from ledger.outbox and never sent. They leave it when '
    'the account goes live: to pusher.work, or written off.';
comment on column pusher.shadow_record.hour is 'Business time: the start of the hour whose usage it is, also of a late revision.';
comment on column pusher.shadow_record.body is 'The record''s canonical JSON, as it would be sent.';

create table pusher.lease (
    account text        primary key,
    owner   text        not null,
    epoch   bigint      not null,
    until   timestamptz not null
);
comment on table pusher.lease is
    'Truth: who may push for a seller account, and until when by this database''s clock. Every stored attempt compares the epoch.';

create table pusher.work (
    metering_sn text        primary key,
    account     text        not null,
    instance_id text        not null,
    begin_at    timestamptz not null,
    end_at      timestamptz not null,
    deadline    timestamptz not null,
    expected_by timestamptz not null,
    body        bytea       not null,
    arrival     text        not null default 'never' check (arrival in ('never', 'as-part', 'unclear')),
    tries       int         not null default 0,
    part        boolean     not null default false,
    suspect_set bigint,
    not_before  timestamptz not null default '-infinity',
    backing_off boolean     not null default false,
    check (suspect_set is null or part)
);
create index work_by_deadline on pusher.work (account, deadline) where not_before < 'infinity';
create index work_by_expected on pusher.work (account, expected_by, begin_at) where not_before < 'infinity';
create index work_untried on pusher.work (account, deadline, metering_sn) where not backing_off and not part;
create index work_parts on pusher.work (account, deadline, metering_sn) where not backing_off and part and suspect_set is null;
create index work_suspects on pusher.work (account, deadline, metering_sn) where not backing_off and suspect_set is not null;
create index work_suspect_sets on pusher.work (suspect_set, deadline, metering_sn) where suspect_set is not null;
create index work_backing_off on pusher.work (account, not_before) where backing_off;
create index work_of_frozen on pusher.work (instance_id) where not_before = 'infinity';
create index work_by_begin on pusher.work (account, begin_at) where not_before < 'infinity';
create index work_frozen_by_begin on pusher.work (account, begin_at) where not_before = 'infinity';
comment on table pusher.work is
    'Truth: issued usage records that were taken from ledger.outbox and have no outcome yet, and what was tried.';
comment on column pusher.work.account is 'The seller account of the instance''s opening. No attempt of another can list the record.';
comment on column pusher.work.begin_at is 'Business time, as end_at, deadline and expected_by.';
comment on column pusher.work.deadline is 'When the record''s own hour is collected. Claims go by it.';
comment on column pusher.work.expected_by is
    'By when the marketplace can have it: as deadline, but of late usage, of what a person decided and of an instance that was frozen '
    'the collection of the hour in which the record could first be sent. Alarms go by it.';
comment on column pusher.work.body is
    'The record''s canonical JSON, made once. Every call that carries the record carries these bytes.';
comment on column pusher.work.arrival is
    'Whether an earlier attempt may have arrived: never; as-part = in a call that was refused as a whole; unclear = no readable answer.';
comment on column pusher.work.tries is 'Attempts without an outcome, for back-off.';
comment on column pusher.work.part is
    'Whether a call that carried it was refused, or should be sent in smaller calls. Parts travel only among themselves.';
comment on column pusher.work.suspect_set is
    'The smallest refused call that carried it, as long as the record at fault is among those that carry this number; null = none.';
comment on column pusher.work.not_before is
    'Machine time of this database. It counts while the record backs off. infinity = until its instance is frozen no more.';
comment on column pusher.work.backing_off is
    'True until not_before has come and a pusher has noticed. Such records are in no index that a claim reads.';

create table pusher.notice (
    position    bigint      generated always as identity primary key,
    id          text        not null unique,
    instance_id text        not null,
    type        text        not null,
    body        text        not null,
    told_once   text        unique,
    recorded_at timestamptz not null default clock_timestamp()
);
create index notice_of_instance on pusher.notice (instance_id, position);
create index notice_by_age on pusher.notice (recorded_at);
comment on table pusher.notice is
    'Projection of the ledger: what apps are told of their instances, in the order of the ledger''s feed. Dropped when it is old and was delivered.';
comment on column pusher.notice.id is
    'Follows from all that the notice says, so a notice that is made again is the same, and another one has another id.';
comment on column pusher.notice.told_once is 'Of all notices with this text only the first is told; null if each is.';
comment on column pusher.notice.body is 'The CloudEvent. The topic and every call of an endpoint carry these bytes.';

create table pusher.notice_topic (
    only_row  boolean primary key default true check (only_row),
    published bigint  not null default 0,
    owner     text,
    until     timestamptz
);
insert into pusher.notice_topic default values;
comment on table pusher.notice_topic is
    'Position: notices up to published are on the Kafka topic. owner publishes until that moment of this database''s clock.';

create table pusher.notice_queue (
    endpoint       text        not null,
    instance_id    text        not null,
    resend_of      bigint      not null default 0,
    position       bigint      not null,
    tries          int         not null default 0,
    due_at         timestamptz not null default clock_timestamp(),
    claimed_until  timestamptz,
    first_tried_at timestamptz,
    last_error     text,
    primary key (endpoint, instance_id, resend_of)
);
create index notice_queue_due on pusher.notice_queue (endpoint, due_at);
create index notice_queue_oldest on pusher.notice_queue (endpoint, position) where resend_of = 0;
create index notice_queue_tried on pusher.notice_queue (endpoint, first_tried_at) where first_tried_at is not null;
create index notice_queue_of_instance on pusher.notice_queue (instance_id);
comment on table pusher.notice_queue is
    'Truth: for each webhook endpoint and instance, the first notice that was not delivered. Its later notices wait behind it.';
comment on column pusher.notice_queue.resend_of is 'The notice that a person sends again, beside the instance''s queue; 0 for the queue itself.';
comment on column pusher.notice_queue.due_at is 'When it may be tried next. Whoever tries it moves this beyond the end of the try.';
comment on column pusher.notice_queue.claimed_until is 'It is being tried until then at the latest; null = nobody tries it. Nothing is given up meanwhile.';

create table pusher.notice_endpoint (
    endpoint      text        primary key,
    failing_since timestamptz not null
);
comment on table pusher.notice_endpoint is 'Truth: webhook endpoints that take nothing, since when.';

create table pusher.notice_dead_letter (
    endpoint    text        not null,
    position    bigint      not null,
    given_up_at timestamptz not null default clock_timestamp(),
    tries       int         not null,
    last_error  text        not null,
    resent_at   timestamptz,
    resent_by   text,
    why         text,
    primary key (endpoint, position)
);
create index notice_dead_letter_open on pusher.notice_dead_letter (endpoint, position) where resent_at is null;
comment on table pusher.notice_dead_letter is
    'Truth: notices that an endpoint did not take in time, and who sent them again. Open while resent_at is null.';

create table pusher.instance_terms (
    instance_id text    primary key,
    account     text,
    frozen      boolean not null default false
);
comment on table pusher.instance_terms is
    'Projection of the ledger: what pushing needs to know of an instance: whose it is, and whether it is frozen.';
comment on column pusher.instance_terms.account is 'Null if it was opened without a marketplace.';

create table pusher.attempt (
    id           bigint generated always as identity primary key,
    account      text        not null,
    epoch        bigint      not null,
    stored_at    timestamptz not null default clock_timestamp(),
    business_at  timestamptz not null,
    metering_sns text[]      not null,
    body_digest  bytea       not null,
    sent_place   bigint,
    answer       text check (answer in ('http', 'key-refused', 'silence', 'not-sent', 'not-made', 'abandoned')),
    status       int,
    retry_after  text,
    answer_body  bytea,
    answered_at  timestamptz,
    settled_at   timestamptz
);
create index attempt_unsettled on pusher.attempt (account, id) where settled_at is null;
create function pusher.refuse_records_of_other_accounts() returns trigger
    language plpgsql set enable_seqscan = off as
$$
begin
    if exists (select from pusher.work where metering_sn = any (new.metering_sns) and account <> new.account) then
        raise exception 'an attempt of seller account % lists a record of another account', new.account
            using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger attempt_of_its_account before insert on pusher.attempt
    for each row execute function pusher.refuse_records_of_other_accounts();
comment on table pusher.attempt is
    'Truth: one row per call, stored before the call is sent, with what came back and when its outcomes went to the ledger.';
comment on column pusher.attempt.body_digest is 'SHA-256 of the bytes that were sent.';
comment on column pusher.attempt.sent_place is
    'The offset of the call in the journal of sent calls. Stored with the answer, so that the outcome can be journaled later.';
comment on column pusher.attempt.answer is
    'Null until something is known: http; key-refused = http, and the next call is signed with the account''s other key; silence = unclear; not-sent; not-made = not journaled, or too late to be sent; abandoned = its pusher stopped.';

create table pusher.record_needing_review (
    metering_sn text        primary key,
    account     text,
    instance_id text        not null,
    begin_at    timestamptz,
    end_at      timestamptz,
    amount      numeric,
    state       text        not null check (state in ('refused', 'unknown', 'disputed', 'contradicted')),
    code        text        not null,
    detail      text        not null,
    since       timestamptz not null
);
create index record_needing_review_of_account on pusher.record_needing_review (account, metering_sn);
comment on table pusher.record_needing_review is
    'Projection of the ledger: its refused, unknown and disputed usage records, for a person. '
    'Rows of state contradicted are truth: the ledger refused the outcome, and only this row knows of it.';

create table pusher.callback (
    id          bigint generated always as identity primary key,
    account     text        not null,
    generation  smallint    not null check (generation in (1, 2)),
    nonce       text        not null,
    activity    text        not null,
    test        boolean     not null,
    body        bytea       not null,
    digest      bytea       not null,
    received_at timestamptz not null default clock_timestamp(),
    business_at timestamptz not null,
    result_code text,
    answer      bytea,
    answered_at timestamptz,
    unique (account, nonce, generation)
);
create index callback_by_age on pusher.callback (received_at);
comment on table pusher.callback is
    'Truth: every verified call of the marketplace, stored before it is answered. The identical call gets the stored answer again. '
    'Calls are deleted after hourledger.pusher.callback-retention.';
comment on column pusher.callback.account is 'The seller account whose path was called, and whose key signed the call.';
comment on column pusher.callback.account is 'The seller account whose path was called, and whose key signed the call.';
comment on column pusher.callback.generation is '2 = V2.0, a POST; 1 = V1.0, a GET.';
comment on column pusher.callback.nonce is
    'Of V2.0 the nonce, of V1.0 the authToken: another call with the same one is not believed.';
comment on column pusher.callback.body is
    'Of V2.0 the body as it came; of V1.0 the query without what the buyer says of himself.';
comment on column pusher.callback.digest is 'SHA-256 of the whole body or query as it came: the identical call has the same.';
comment on column pusher.callback.received_at is 'Machine time.';

create table pusher.requested_instance (
    account         text        not null references ledger.seller_account,
    order_id        text        not null,
    order_line_id   text        not null,
    product_hint    text        not null,
    instance_id     text        not null,
    test            boolean     not null,
    first_called_at timestamptz not null,
    state           text        not null default 'waiting' check (state in ('waiting', 'needs-review', 'open', 'released')),
    reason          text        not null default '',
    is_package      boolean     not null default false,
    tried_at        timestamptz not null default clock_timestamp(),
    primary key (account, order_id, order_line_id, product_hint)
);
create index requested_instance_by_id on pusher.requested_instance (instance_id);
create index requested_instance_not_open on pusher.requested_instance (state, tried_at)
    where state in ('waiting', 'needs-review');
comment on table pusher.requested_instance is 'Truth: what newInstance asked for, from its first call on.';
comment on column pusher.requested_instance.account is
    'The seller account that was called. Two may have orders of one name, and none sees what is another''s.';
comment on column pusher.requested_instance.product_hint is 'The product that the call named; empty if it named none.';
comment on column pusher.requested_instance.instance_id is
    'The businessId of the first call, or the instance that the order and product have already.';
comment on column pusher.requested_instance.first_called_at is 'Business time. The instance is opened as of then.';
comment on column pusher.requested_instance.state is
    'waiting = the order could not be looked up yet; needs-review = a person must look; open; released.';
comment on column pusher.requested_instance.is_package is
    'Whether it is known to be a package: while one waits, usage of its buyer is billed by the unit price.';
comment on column pusher.requested_instance.tried_at is 'Machine time of the last try to open it.';

create table pusher.order_in_call (
    account       text        not null,
    order_id      text        not null,
    test          boolean     not null,
    product_id    text        not null,
    buyer_id      text,
    charging_mode text,
    size          text,
    called_at     timestamptz not null,
    primary key (account, order_id, test, product_id)
);
comment on table pusher.order_in_call is
    'Truth: what a V1.0 call said of its order, by its first call. V1.0 has no query order and no order lines.';
comment on column pusher.order_in_call.test is 'Whether debugging calls say it: what they say binds no real call.';
comment on column pusher.order_in_call.buyer_id is 'Null for the order of an upgrade, whose call names no buyer.';
comment on column pusher.order_in_call.charging_mode is 'As query order would say it; null if the call did not tell.';
comment on column pusher.order_in_call.size is 'How much was ordered, as the call says it; null if it does not.';
comment on column pusher.order_in_call.called_at is 'Business time.';

create table pusher.deferred_change (
    id            bigint      generated always as identity primary key,
    instance_id   text        not null,
    kind          text        not null check (kind in ('freeze', 'unfreeze', 'expire', 'renew', 'upgrade')),
    order_id      text,
    order_line_id text,
    product_id    text,
    expires_at    timestamptz,
    may_end_freeze boolean    not null,
    arrived_at    timestamptz not null,
    applied_at    timestamptz,
    dismissed_at  timestamptz,
    dismissed_by  text,
    dismissed_because text
);
create index deferred_change_open on pusher.deferred_change (instance_id, id)
    where applied_at is null and dismissed_at is null;
comment on table pusher.deferred_change is
    'Truth: what the marketplace said of an instance before it was open. The opening applies it in this order, as of these times.';
comment on column pusher.deferred_change.may_end_freeze is
    'Whether a renewal may end a freeze: V2.0 has no other call for that after an expiry, V1.0 has.';
comment on column pusher.deferred_change.arrived_at is 'Business time.';
comment on column pusher.deferred_change.applied_at is 'Machine time of the opening that applied it; null = not yet.';
comment on column pusher.deferred_change.dismissed_at is
    'Machine time at which a person said that it will not be done; null = nobody did.';

create table pusher.undone_change (
    instance_id     text        not null,
    order_id        text        not null,
    order_line_id   text        not null,
    kind            text        not null check (kind in ('renew', 'upgrade')),
    reason          text        not null,
    first_called_at timestamptz not null,
    primary key (instance_id, order_id, kind)
);
comment on table pusher.undone_change is
    'Truth: a renewal or upgrade of an open instance that could not be done, until a later call does it.';
comment on column pusher.undone_change.order_line_id is 'Empty if the order is not what says the product.';
comment on column pusher.undone_change.first_called_at is 'Business time.';

create table pusher.dismissed_change (
    id                bigint      generated always as identity primary key,
    instance_id       text        not null,
    order_id          text        not null,
    kind              text        not null,
    dismissed_at      timestamptz not null default clock_timestamp(),
    dismissed_by      text        not null,
    dismissed_because text        not null
);
comment on table pusher.dismissed_change is
    'Truth: who said of a change that could not be done that it will not be, and why. Nothing deletes it.';
comment on column pusher.dismissed_change.dismissed_at is 'Machine time.';

create table pusher.named_product (
    instance_id     text        not null,
    order_id        text        not null,
    order_line_id   text        not null,
    product_id      text        not null,
    decided_by      text        not null,
    decided_because text        not null,
    decided_at      timestamptz not null,
    primary key (instance_id, order_id, order_line_id)
);
comment on table pusher.named_product is
    'Truth: which product of an order line a person says is meant for an instance, where order and catalogue do not tell.';
comment on column pusher.named_product.decided_at is 'Business time.';

create table pusher.instance_key (
    account     text not null,
    order_id    text not null,
    item        text not null,
    instance_id text not null unique,
    test        boolean not null,
    primary key (account, order_id, item)
);
comment on table pusher.instance_key is
    'Truth: one instance for one item of an order. The item is the product for pay per use, else the order line.';

create table pusher.buyer_instance (
    instance_id text    primary key,
    account     text    not null,
    buyer_id    text    not null,
    meter       text    not null,
    test        boolean not null
);
create index buyer_instance_of_buyer on pusher.buyer_instance (account, buyer_id, meter);
comment on table pusher.buyer_instance is
    'Truth: whose every opened instance is, and what measures it. A package looks for the instance that it is for here.';

create table pusher.package_instance (
    account             text        not null,
    order_id            text        not null,
    order_line_id       text        not null,
    product_id          text        not null,
    package_instance_id text        not null,
    instance_id         text        not null,
    test                boolean     not null,
    added_at            timestamptz not null,
    decided_by          text,
    decided_because     text,
    primary key (account, order_id, order_line_id, product_id)
);
create index package_instance_by_id on pusher.package_instance (package_instance_id);
comment on table pusher.package_instance is
    'Truth: the packages that stop when they are used up, each with the pay-per-use instance that it is for. '
    'The package of a line with several items has a row for each.';
comment on column pusher.package_instance.added_at is 'Business time. The package is drawn from as of then.';
comment on column pusher.package_instance.decided_by is 'Who named the instance last, and why; null if only one fitted. The ledger has the instance before.';

create table pusher.app_info (
    instance_id   text        primary key,
    front_end_url text        not null,
    admin_url     text,
    user_name     bytea,
    password      bytea,
    memo          text,
    put_at        timestamptz not null,
    put_by        text        not null,
    check (password is null or user_name is not null)
);
comment on table pusher.app_info is
    'Truth: what an app has said of an instance to its buyer: where to log in, and as whom. The newest word alone.';
comment on column pusher.app_info.user_name is 'Encrypted, as password, under a key that follows from the seller key.';
comment on column pusher.app_info.put_at is 'Business time.';
comment on column pusher.app_info.put_by is 'The name of the app''s key.';

create table pusher.awaited_app_info (
    instance_id text        primary key,
    product_id  text        not null,
    since       timestamptz not null,
    ended_at    timestamptz,
    ended_by    text check (ended_by in ('app', 'template')),
    check ((ended_at is null) = (ended_by is null))
);
create index awaited_app_info_open on pusher.awaited_app_info (product_id, instance_id) where ended_at is null;
create index awaited_app_info_since on pusher.awaited_app_info (since) where ended_at is null;
comment on table pusher.awaited_app_info is
    'Truth: new instances of which the marketplace was told to ask again, until the app has said where its buyer logs in.';
comment on column pusher.awaited_app_info.since is 'When the marketplace called first. Business time, as ended_at.';

create table pusher.journal_position (
    account        text        primary key,
    next_place     bigint      not null,
    moves          bigint      not null default 0,
    compared_at    timestamptz,
    compared_epoch bigint
);
comment on table pusher.journal_position is
    'Truth: the offset in the journal of sent calls up to which this database knows every call. '
    'It moves by compare-and-set with every attempt.';
comment on column pusher.journal_position.moves is
    'Counts the transactions that stored an attempt or an outcome. A pusher compares it, so it notices a rollback by only one of them.';
comment on column pusher.journal_position.compared_at is
    'When this database was last compared with the journal of sent calls, by its clock; null = never. '
    'Pushing resumes only if that was after its suspension.';
comment on column pusher.journal_position.compared_epoch is
    'The lease''s epoch at that comparison. As long as it is another than the lease''s, this may be a restored database: '
    'nobody withdraws a record.';

create table pusher.push_suspension (
    id          bigint      generated always as identity primary key,
    since       timestamptz not null default clock_timestamp(),
    who         text        not null,
    why         text        not null,
    backup_at   timestamptz,
    resumed_at  timestamptz,
    resumed_by  text,
    resumed_why text,
    check (num_nulls(resumed_at, resumed_by, resumed_why) in (0, 3))
);
create unique index push_suspension_open on pusher.push_suspension ((true)) where resumed_at is null;
comment on table pusher.push_suspension is
    'Truth: since when pushing is suspended, and why. Nothing is pushed while a row has no resumed_at: '
    'this database may know less than the marketplace.';
comment on column pusher.push_suspension.backup_at is
    'When the restored backup was made, if one was restored and somebody knows. Machine time.';

create table pusher.sent_by_lost_database (
    metering_sn         text        primary key,
    account             text        not null,
    instance_id         text        not null,
    begin_at            timestamptz not null,
    end_at              timestamptz not null,
    amount              numeric     not null,
    package_instance_id text,
    body                bytea       not null,
    sent_place          bigint      not null,
    place_in_call       int         not null,
    sent_at             timestamptz not null,
    outcome             text        not null default 'none'
        check (outcome in ('none', 'reported', 'reported-as-duplicate', 'refused', 'unknown', 'again')),
    decision            text check (decision in ('billed', 'not-billed', 'refused', 'set-aside')),
    decided_by          text,
    decided_why         text,
    decided_at          timestamptz,
    ledger_said         text,
    done                text,
    done_at             timestamptz,
    check (num_nulls(decision, decided_by, decided_why, decided_at) in (0, 4)),
    check ((done_at is null) = (done is null))
);
create index sent_by_lost_database_of_call on pusher.sent_by_lost_database (account, sent_place);
create index sent_by_lost_database_open on pusher.sent_by_lost_database (metering_sn) where done_at is null;
create index sent_by_lost_database_set_aside on pusher.sent_by_lost_database (metering_sn) where done = 'set-aside';
comment on table pusher.sent_by_lost_database is
    'Truth: records that a later state of this database sent before the rollback, as they stand in the journal of sent calls. '
    'Such a record is sent again only if a person says that it was not billed.';
comment on column pusher.sent_by_lost_database.sent_place is 'The offset of its last call in the account''s journal of sent calls.';
comment on column pusher.sent_by_lost_database.sent_at is 'Business time.';
comment on column pusher.sent_by_lost_database.outcome is
    'What came of its last call, as far as the journal says; none = no answer is known.';
comment on column pusher.sent_by_lost_database.ledger_said is
    'Why the ledger refused what the pusher or a person''s decision was to enter. It is not tried again until a person decides anew.';
comment on column pusher.sent_by_lost_database.done is
    'How it was reconciled: entered, billed, goes-again, stays-refused, set-aside; null = not yet.';

create table pusher.unsent_after_restore (
    metering_sn text        primary key,
    decision    text        not null check (decision in ('send', 'set-aside')),
    decided_by  text        not null,
    decided_why text        not null,
    decided_at  timestamptz not null,
    done_at     timestamptz
);
create index unsent_after_restore_open on pusher.unsent_after_restore (metering_sn) where decision = 'set-aside' and done_at is null;
comment on table pusher.unsent_after_restore is
    'Truth: what a person decided, after a rollback, of records that the later state never sent though their hour was over before its last call.';
comment on column pusher.unsent_after_restore.done_at is
    'When a record set aside was marked unknown in the ledger. One to be sent just stays on the queue.';

create table pusher.marketplace_file (
    id                bigint      generated always as identity primary key,
    kind              text        not null check (kind in ('rejected', 'bill')),
    digest            bytea       not null,
    month             date,
    account           text,
    listed            bigint      not null,
    same              bigint      not null,
    decided           bigint      not null,
    differing         bigint      not null,
    amount_difference numeric     not null,
    imported_at       timestamptz not null,
    who               text        not null,
    why               text        not null,
    accepted_at       timestamptz,
    accepted_by       text,
    accepted_why      text,
    check (num_nulls(accepted_at, accepted_by, accepted_why) in (0, 3)),
    check ((kind = 'bill') = (month is not null))
);
comment on table pusher.marketplace_file is
    'Truth: which files of the marketplace''s seller console a person held against the ledger, and what was left to look at.';
comment on column pusher.marketplace_file.digest is 'SHA-256 of the file. The file itself is not kept.';
comment on column pusher.marketplace_file.month is 'The first day of the settlement month of a bill.';
comment on column pusher.marketplace_file.account is 'The seller account of a bill; null if there was one account alone.';
comment on column pusher.marketplace_file.imported_at is 'Business time.';
comment on column pusher.marketplace_file.accepted_at is
    'When a person took what differs as it is, so that it is no alarm any more. Business time.';
