package io.hourledger.pusher.push;

import io.hourledger.contracts.instance.DecidedBy;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The hold on pushing, and what a person sees and decides of the records that were sent by a later state of the database. */
public final class Reconciliation {

    private static final String HOLD =
            """
            insert into pusher.push_suspension (who, why, backup_at) values (:who, :why, :backupAt)
            on conflict ((true)) where resumed_at is null do nothing""";

    private static final String RESTORED =
            """
            insert into pusher.push_suspension (who, why, backup_at) values (:who, :why, :backupAt)
            on conflict ((true)) where resumed_at is null do update
                set who = excluded.who, backup_at = excluded.backup_at, since = excluded.since,
                    why = excluded.why || ' (held before, since ' || push_suspension.since || ' by ' || push_suspension.who || ': ' || push_suspension.why || ')'""";

    private static final String OPEN =
            "select since, who, why, backup_at from pusher.push_suspension where resumed_at is null";

    /** The ledger's own events are looked at only through its projection, which follows within moments; of an instance that waits, its events tell. */
    private static final String COMPARED =
            """
            select s.metering_sn, s.instance_id, s.begin_at, s.end_at, s.amount, s.sent_at, s.outcome, s.decision, s.done,
                   s.done_at, s.ledger_said, r.amount as ledger_amount, r.state as ledger_state,
                   case when r.metering_sn is null then 'missing'
                        when r.instance_id <> s.instance_id or r.amount <> s.amount
                             or r.begin_at <> s.begin_at or r.end_at <> s.end_at
                             or r.package_instance_id is distinct from s.package_instance_id then 'differs'
                        else 'same' end as ledger_has
              from pusher.sent_by_lost_database s
              left join lateral (
                  select metering_sn, instance_id, begin_at, end_at, amount, package_instance_id, state
                    from ledger.usage_record where metering_sn = s.metering_sn
                  union all
                  select payload ->> 'meteringSn', instance_id, (payload ->> 'begin')::timestamptz,
                         (payload ->> 'end')::timestamptz, (payload ->> 'amount')::numeric,
                         payload ->> 'packageInstanceId', 'not-shown'
                    from ledger.event
                   where instance_id = s.instance_id and event_type = 'usage-record-issued'
                     and payload ->> 'meteringSn' = s.metering_sn
                     and exists (select from ledger.dead_letter waits
                                  where waits.reader = 'projections' and waits.instance_id = s.instance_id)
                     and not exists (select from ledger.usage_record shown where shown.metering_sn = s.metering_sn)
              ) r on true""";

    private static final String LINES =
            """
            select c.*,
                   case when done is not null then done
                        when decision is not null then 'decided'
                        when ledger_said is not null then 'cannot-be-done'
                        when ledger_has <> 'same' then ledger_has
                        when outcome like 'reported%' then 'equal'
                        when outcome in ('refused', 'unknown') then outcome
                        else 'no-answer' end as status
              from ("""
                    + COMPARED + ") c";

    private static final String DECIDE =
            """
            update pusher.sent_by_lost_database s
               set decision = :decision, decided_by = :who, decided_why = :why, decided_at = :at, ledger_said = null
              from ("""
                    + COMPARED
                    + """
                   ) c
             where s.metering_sn = any (:sns) and s.done_at is null and c.metering_sn = s.metering_sn
               and c.ledger_has = any (string_to_array(:forThose, ' '))""";

    /** Accounts that were ever pushed for, also if nobody does now; names that an account had once are nobody's. */
    private static final String NOT_COMPARED =
            """
            select l.account, h.since
              from pusher.push_suspension h
             cross join pusher.lease l
              join ledger.seller_account a on a.account = l.account
              left join pusher.journal_position p on p.account = l.account
             where h.resumed_at is null
               and (p.compared_at is null or p.compared_at < h.since)""";

    /**
     * Records of hours from before the last call of the later state, which that state never sent: their instance may have been frozen,
     * released or written off there.
     */
    private static final String NEW =
            """
            select w.metering_sn, w.instance_id, w.begin_at, w.end_at
              from (select metering_sn, instance_id, begin_at, end_at from pusher.work
                    union all
                    select metering_sn, instance_id, begin_at, end_at from pusher.shadow_record
                    union all
                    select metering_sn, instance_id, begin_at, end_at from ledger.outbox) w
             where w.end_at <= (select max(sent_at) from pusher.sent_by_lost_database)
               and exists (select 1 from pusher.push_suspension where resumed_at is null)
               and not exists (select 1 from pusher.sent_by_lost_database s where s.metering_sn = w.metering_sn)
               and not exists (select 1 from pusher.unsent_after_restore n where n.metering_sn = w.metering_sn)""";

    private static final String DECIDE_NEW =
            """
            insert into pusher.unsent_after_restore (metering_sn, decision, decided_by, decided_why, decided_at)
            select metering_sn, :decision, :who, :why, :at from ("""
                    + NEW + ") n where metering_sn = any (:sns)";

    private static final String RESUME =
            """
            update pusher.push_suspension set resumed_at = clock_timestamp(), resumed_by = :who, resumed_why = :why
             where resumed_at is null
               and not exists (select 1 from pusher.sent_by_lost_database where done_at is null)
               and not exists (select 1 from pusher.unsent_after_restore where decision = 'set-aside' and done_at is null)
               and not exists ("""
                    + NEW
                    + """
                   )
               and exists (select 1 from pusher.journal_position where compared_at >= push_suspension.since)
               and not exists (select 1 from ("""
                    + NOT_COMPARED + ") n where n.since = push_suspension.since)";

    private final JdbcClient jdbc;
    private final Clock businessTime;

    public Reconciliation(JdbcClient jdbc, Clock businessTime) {
        this.jdbc = jdbc;
        this.businessTime = businessTime;
    }

    /**
     * A hold that is not lifted.
     *
     * @param since machine time
     * @param backupAt when the backup was made that was restored, if that is known
     */
    public record Hold(Instant since, String who, String why, @Nullable Instant backupAt) {}

    /** What a person can say of a record that was sent by a later state of the database. */
    public enum Verdict {
        /** The marketplace has it as it was sent: it counts as reported in the ledger, with the ledger's amount. */
        BILLED("billed", "same differs"),
        /** The marketplace does not have it: the identical record is sent again. */
        NOT_BILLED("not-billed", "same"),
        /** The marketplace refused it, and it is not sent again: it is refused in the ledger, to be reissued or written off. */
        REFUSED("refused", "same differs"),
        /** It is never sent again, and left to a person in the ledger if it stands there. */
        SET_ASIDE("set-aside", "same differs missing");

        private final String word;
        private final String forThose;

        /**
         * @param forThose what the ledger may have for this to be said, with spaces between
         */
        Verdict(String word, String forThose) {
            this.word = word;
            this.forThose = forThose;
        }

        public String word() {
            return word;
        }
    }

    /** A record as the later state of the database sent it. */
    public record Sent(
            String meteringSn, String instanceId, Instant begin, Instant end, BigDecimal amount, Instant at) {}

    /** The record of the same serial number as the ledger has it now. */
    public record InLedger(BigDecimal amount, String state) {}

    /**
     * One record and how it stands.
     *
     * @param ledger null if the ledger has no such record
     * @param status equal = reported, and the ledger has the same; differs = the ledger has another amount, window or package; missing =
     *     the ledger has no such record (yet); no-answer, refused, unknown = what came of the call; decided = by a person, not carried out
     *     yet; cannot-be-done = the ledger would not take it, see {@code ledgerSaid}; or how it was put right
     * @param outcome what came of the call that sent it
     * @param ledgerSaid why the ledger would not take a person's decision
     */
    public record Line(
            Sent sent, @Nullable InLedger ledger, String status, String outcome, @Nullable String ledgerSaid) {}

    public Optional<Hold> open() {
        return jdbc.sql(OPEN)
                .query((row, n) -> new Hold(
                        row.getObject("since", OffsetDateTime.class).toInstant(),
                        row.getString("who"),
                        row.getString("why"),
                        Optional.ofNullable(row.getObject("backup_at", OffsetDateTime.class))
                                .map(OffsetDateTime::toInstant)
                                .orElse(null)))
                .optional();
    }

    /**
     * Stops all pushing until the hold is lifted.
     *
     * @return false if it was held before; then nothing was changed
     */
    public boolean hold(DecidedBy by, @Nullable Instant backupAt) {
        return jdbc.sql(HOLD)
                        .param("who", by.who())
                        .param("why", by.why())
                        .param(
                                "backupAt",
                                backupAt == null ? null : backupAt.atOffset(ZoneOffset.UTC),
                                java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
                        .update()
                == 1;
    }

    /**
     * Stops all pushing because the database was restored. A hold that stood in the backup goes on as this one, and says what it was for.
     *
     * @param backupAt when the backup was made
     */
    public void restored(DecidedBy by, Instant backupAt) {
        jdbc.sql(RESTORED)
                .param("who", by.who())
                .param("why", by.why())
                .param("backupAt", backupAt.atOffset(ZoneOffset.UTC))
                .update();
    }

    /** All records sent by a later state of the database, those that are not put right first. */
    public void lines(Consumer<Line> to) {
        jdbc.sql(LINES + " order by done_at is not null, metering_sn").query(row -> {
            BigDecimal ledgerAmount = row.getBigDecimal("ledger_amount");
            to.accept(new Line(
                    new Sent(
                            row.getString("metering_sn"),
                            row.getString("instance_id"),
                            row.getObject("begin_at", OffsetDateTime.class).toInstant(),
                            row.getObject("end_at", OffsetDateTime.class).toInstant(),
                            row.getBigDecimal("amount"),
                            row.getObject("sent_at", OffsetDateTime.class).toInstant()),
                    ledgerAmount == null ? null : new InLedger(ledgerAmount, row.getString("ledger_state")),
                    row.getString("status"),
                    row.getString("outcome"),
                    row.getString("ledger_said")));
        });
    }

    /** Serial numbers of the records that are not put right and have this status. */
    public List<String> status(String status) {
        return jdbc.sql("select metering_sn from (" + LINES + ") lines where status = :status and done is null")
                .param("status", status)
                .query(String.class)
                .list();
    }

    /**
     * Keeps what a person says of records; the pusher carries it out.
     *
     * @return of how many: not of those for which it cannot be, since the ledger has no such record, or another than was sent
     */
    public int decide(Collection<String> meteringSns, Verdict verdict, DecidedBy by) {
        return jdbc.sql(DECIDE)
                .param("sns", meteringSns.toArray(String[]::new))
                .param("decision", verdict.word())
                .param("forThose", verdict.forThose)
                .param("who", by.who())
                .param("why", by.why())
                .param("at", businessTime.instant().atOffset(ZoneOffset.UTC))
                .update();
    }

    /**
     * A record that is on the queue for an hour from before the last call, and was never sent by the later state.
     */
    public record NewRecord(String meteringSn, String instanceId, Instant begin, Instant end) {}

    /** Records that the later state never sent though it could have, and that no person has decided about. */
    public void newRecords(Consumer<NewRecord> to) {
        jdbc.sql(NEW + " order by w.instance_id, w.begin_at").query(row -> {
            to.accept(new NewRecord(
                    row.getString("metering_sn"),
                    row.getString("instance_id"),
                    row.getObject("begin_at", OffsetDateTime.class).toInstant(),
                    row.getObject("end_at", OffsetDateTime.class).toInstant()));
        });
    }

    /**
     * Keeps what a person says of new records: that they are sent, or set aside. Those that are not new are left out.
     *
     * @return of how many
     */
    public int decideNew(Collection<String> meteringSns, boolean send, DecidedBy by) {
        return jdbc.sql(DECIDE_NEW)
                .param("sns", meteringSns.toArray(String[]::new))
                .param("decision", send ? "send" : "set-aside")
                .param("who", by.who())
                .param("why", by.why())
                .param("at", businessTime.instant().atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Whether the pusher has compared what was sent with this database since pushing is suspended. Only then it is known what is left. */
    public boolean isCompared() {
        return jdbc.sql(
                                """
                        select not exists (select 1 from pusher.push_suspension h where h.resumed_at is null
                                              and not exists (select 1 from pusher.journal_position p
                                                               where p.compared_at >= h.since))""")
                        .query(Boolean.class)
                        .single()
                && accountsNotCompared().isEmpty();
    }

    /** Accounts whose calls no pusher has compared since pushing is suspended. */
    public List<String> accountsNotCompared() {
        return jdbc.sql("select account from (" + NOT_COMPARED + ") n order by account")
                .query(String.class)
                .list();
    }

    /** How many records are not put right yet. */
    public long left() {
        return jdbc.sql("select (select count(*) from pusher.sent_by_lost_database where done_at is null)"
                        + " + (select count(*) from pusher.unsent_after_restore where decision = 'set-aside' and done_at is null)"
                        + " + (select count(*) from (" + NEW + ") n)")
                .query(Long.class)
                .single();
    }

    /**
     * Lets pushing go on.
     *
     * @return false if it is not held, or records are left that are not put right, or the pusher has not compared yet what was sent
     */
    public boolean resume(DecidedBy by) {
        return jdbc.sql(RESUME).param("who", by.who()).param("why", by.why()).update() == 1;
    }
}
