package io.hourledger.pusher.push;

import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.pusher.push.ClaimStarts.Place;
import io.hourledger.pusher.push.PushOutcome.Grouping;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** A seller account's part of the work table: which records are due, and what is known of those that go again. */
final class PushQueue {

    /** Which records of the work table the marketplace can take now. The others wait, without an end, until their instance is frozen no more. */
    static final String IS_ASKED_FOR = "not_before < 'infinity'";

    /** The others. */
    static final String WAITS_FOR_UNFREEZING = "not_before = 'infinity'";

    private static final String COLUMNS =
            "metering_sn, instance_id, begin_at, end_at, body, arrival, tries, part, suspect_set";

    /** Columns, which records, how the deadline lies to now, how many. The rows of records that were sent may be dead and still in the index. */
    private static final String TAKE =
            """
            select %s, deadline
              from pusher.work
             where account = :account and not backing_off and %s
               and deadline %s :now and (deadline, metering_sn) >= (:from_deadline, :from_sn) and metering_sn <> all (:busy)
               and not exists (select 1 from pusher.sent_by_lost_database before
                                where before.metering_sn = work.metering_sn and before.done is distinct from 'goes-again')
             order by deadline, metering_sn
             limit %d""";

    private static final String UNTRIED = "not part";
    private static final String PART = "part and suspect_set is null";
    private static final String SUSPECT = "suspect_set is not null and suspect_set <> all (:sets)";

    private static final String SUSPECTS_OF_A_SET = "select " + COLUMNS
            + """
               from pusher.work
             where suspect_set = :set and not backing_off and metering_sn <> all (:busy)
               and not exists (select 1 from pusher.sent_by_lost_database before
                                where before.metering_sn = work.metering_sn and before.done is distinct from 'goes-again')
             order by deadline, metering_sn""";

    /** In the order in which their back-off is over; whatever is behind waits for the next claim. */
    private static final String NOTICE_WHOSE_TIME_HAS_COME =
            """
            update pusher.work set backing_off = false
             where metering_sn = any (array(select metering_sn from pusher.work
                                             where account = :account and backing_off and not_before <= statement_timestamp()
                                             order by not_before
                                             limit 2000
                                               for update skip locked))""";

    private static final String TRY_AGAIN =
            """
            update pusher.work
               set arrival = t.arrival,
                   tries = t.tries,
                   part = part or t.goes_with <> 'UNCHANGED',
                   suspect_set = case t.goes_with when 'SUSPECT' then :attempt when 'AMONG_PARTS' then null else suspect_set end,
                   backing_off = t.wait_seconds > 0,
                   not_before = case when t.wait_seconds > 0
                                     then statement_timestamp() + make_interval(secs => t.wait_seconds)
                                     else '-infinity' end
              from unnest(:sns::text[], :arrivals::text[], :tries::int[], :groupings::text[], :waits::float8[])
                   as t (sn, arrival, tries, goes_with, wait_seconds)
             where work.metering_sn = t.sn""";

    /** The record at fault is found, or in a smaller set, so nothing speaks against the others any more. */
    private static final String CLEAR_THE_REST =
            """
            update pusher.work
               set suspect_set = null,
                   tries = case when :at_once then 0 else tries end,
                   backing_off = backing_off and not (:at_once and not_before < 'infinity'),
                   not_before = case when :at_once and not_before < 'infinity' then '-infinity' else not_before end
             where suspect_set is not null and suspect_set = any (:sets)""";

    /** So that no instance is unfrozen beside, and leaves its records behind. */
    private static final String LOCK_TERMS =
            """
            select instance_id from pusher.instance_terms
             where instance_id = any (:instances)
             order by instance_id
               for share""";

    private static final String WAIT_WHILE_FROZEN =
            """
            update pusher.work set backing_off = true, not_before = 'infinity'
              from unnest(:sns::text[], :instances::text[]) as t (sn, instance)
             where work.metering_sn = t.sn
               and exists (select 1 from pusher.instance_terms where instance_id = t.instance and frozen)""";

    private static final String HOLD =
            """
            insert into pusher.record_needing_review (metering_sn, account, instance_id, begin_at, end_at, amount, state, code, detail, since)
            select metering_sn, account, instance_id, begin_at, end_at, null, 'contradicted', :rule, :detail, :now
              from pusher.work where metering_sn = :sn
            on conflict (metering_sn) do nothing""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final String account;
    private final ClaimStarts starts;

    PushQueue(JdbcClient jdbc, TransactionTemplate transaction, Clock businessTime, String account) {
        this(jdbc, transaction, businessTime, account, System::nanoTime);
    }

    /**
     * @param nanoTime elapsed time, such as {@link System#nanoTime()}
     */
    PushQueue(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            String account,
            LongSupplier nanoTime) {
        this.account = account;
        this.starts = new ClaimStarts(nanoTime);
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
    }

    /** The two queues for the road: hours that can still be in time, and hours that are late already. */
    enum Lane {
        IN_TIME(">"),
        LATE("<=");

        private final String deadlineToNow;

        Lane(String deadlineToNow) {
            this.deadlineToNow = deadlineToNow;
        }

        Lane other() {
            return this == IN_TIME ? LATE : IN_TIME;
        }
    }

    /** Which records have the first claim to the next call. */
    enum Turn {
        /** Records that no refused call has carried yet: one bad record must not keep others from being tried at all. */
        UNTRIED,
        /** Parts of refused calls. */
        PARTS
    }

    /**
     * The records for the next call: the earliest deadlines of the lane, and of the other lane if there is room. Parts of refused calls
     * travel only among themselves: first half of a set that holds a record at fault, then those that nothing speaks against, so that they
     * are many when their turn comes.
     *
     * @param turn whose turn it is, if both wait
     * @param busy what calls under way carry
     */
    List<PendingRecord> due(Lane first, Turn turn, Most most, Busy busy) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            jdbc.sql(NOTICE_WHOSE_TIME_HAS_COME).param("account", account).update();
            Claim claim = new Claim(first, most, utc(businessTime.instant()), busy);
            List<PendingRecord> due = turn == Turn.UNTRIED ? untried(claim) : parts(claim);
            return !due.isEmpty() ? due : turn == Turn.UNTRIED ? parts(claim) : untried(claim);
        }));
    }

    /** How many records a call may carry, and how many if they are parts. */
    record Most(int records, int parts) {

        static final Most ONE = new Most(1, 1);
    }

    /**
     * What calls under way carry.
     *
     * @param records their ids
     * @param sets of which a half is asked: until its answer is there, a call with some of the other half would teach nothing
     */
    record Busy(Collection<String> records, Collection<Long> sets) {

        /** The same, with these records, too. */
        Busy and(Collection<String> more) {
            Set<String> all = new HashSet<>(records);
            all.addAll(more);
            return new Busy(all, sets);
        }
    }

    private record Claim(Lane first, Most most, OffsetDateTime now, Busy busy) {}

    private List<PendingRecord> untried(Claim claim) {
        int most = claim.most.records();
        List<PendingRecord> due = new ArrayList<>(untried(claim, claim.first, most));
        if (due.size() < most) {
            due.addAll(untried(claim, claim.first.other(), most - due.size()));
        }
        return due;
    }

    private List<PendingRecord> untried(Claim claim, Lane lane, int most) {
        Place start = starts.of(lane);
        List<Taken> taken = start.equals(Place.FIRST) ? List.of() : take(claim, lane, UNTRIED, most, start);
        if (taken.size() < most) {
            taken = starts.timed(lane, () -> take(claim, lane, UNTRIED, most, Place.FIRST));
        }
        if (!taken.isEmpty()) {
            starts.beginAt(lane, taken.getFirst().place());
        }
        return records(taken);
    }

    private List<PendingRecord> parts(Claim claim) {
        for (Lane lane : List.of(claim.first, claim.first.other())) {
            List<PendingRecord> suspect = records(take(claim, lane, SUSPECT, 1, Place.FIRST));
            if (!suspect.isEmpty()) {
                return halfOfTheSet(claim, suspect.get(0));
            }
            List<PendingRecord> parts = records(take(claim, lane, PART, claim.most.parts(), Place.FIRST));
            if (!parts.isEmpty()) {
                return parts;
            }
        }
        return List.of();
    }

    /** If it is refused, the other half is cleared; if it is accepted, the record at fault is in the other half. */
    private List<PendingRecord> halfOfTheSet(Claim claim, PendingRecord suspect) {
        List<PendingRecord> set = jdbc.sql(SUSPECTS_OF_A_SET)
                .param("set", suspect.suspectSet())
                .param("busy", claim.busy.records().toArray(String[]::new))
                .query((row, n) -> pending(row))
                .list();
        return set.subList(0, Math.min(claim.most.records(), (set.size() + 1) / 2));
    }

    private record Taken(PendingRecord record, OffsetDateTime deadline) {

        Place place() {
            return new Place(deadline, record.meteringSn());
        }
    }

    private static List<PendingRecord> records(List<Taken> taken) {
        return taken.stream().map(Taken::record).toList();
    }

    private List<Taken> take(Claim claim, Lane lane, String which, int most, Place from) {
        JdbcClient.StatementSpec taking = jdbc.sql(TAKE.formatted(COLUMNS, which, lane.deadlineToNow, most))
                .param("account", account)
                .param("now", claim.now)
                .param("from_deadline", from.deadline())
                .param("from_sn", from.meteringSn())
                .param("busy", claim.busy.records().toArray(String[]::new));
        if (which.equals(SUSPECT)) {
            taking.param("sets", claim.busy.sets().toArray(Long[]::new));
        }
        return taking.query((row, n) -> new Taken(pending(row), row.getObject("deadline", OffsetDateTime.class)))
                .list();
    }

    /** What becomes of the records that a found fault clears. */
    enum RestOfSet {
        DUE_AT_ONCE,
        /** They wait on: all calls are refused now, so nothing says that the fault is found. */
        BACKS_OFF
    }

    /** Takes records with an outcome off the queue. */
    void remove(Collection<String> meteringSns) {
        if (!meteringSns.isEmpty()) {
            jdbc.sql("delete from pusher.work where metering_sn = any (:sns)")
                    .param("sns", meteringSns.toArray(String[]::new))
                    .update();
        }
    }

    /**
     * Keeps what was learned of records that go again.
     *
     * @param attempt the call that taught it
     */
    void tryAgain(long attempt, List<NextTry> tries) {
        if (tries.isEmpty()) {
            return;
        }
        jdbc.sql(TRY_AGAIN)
                .param("attempt", attempt)
                .param("sns", tries.stream().map(NextTry::meteringSn).toArray(String[]::new))
                .param(
                        "arrivals",
                        tries.stream().map(next -> next.arrival().stored()).toArray(String[]::new))
                .param("tries", tries.stream().map(NextTry::tries).toArray(Integer[]::new))
                .param(
                        "groupings",
                        tries.stream().map(next -> next.grouping().name()).toArray(String[]::new))
                .param(
                        "waits",
                        tries.stream()
                                .map(next -> next.pause().toMillis() / 1000.0)
                                .toArray(Double[]::new))
                .update();
    }

    /**
     * @param sets whose record at fault is found, or in a smaller set now
     * @param rest what becomes of the others
     */
    void clearTheRestOf(Collection<Long> sets, RestOfSet rest) {
        if (!sets.isEmpty()) {
            jdbc.sql(CLEAR_THE_REST)
                    .param("sets", sets.toArray(Long[]::new))
                    .param("at_once", rest == RestOfSet.DUE_AT_ONCE)
                    .update();
        }
    }

    /** Lets those of these records wait whose instance is frozen; the others only back off. */
    void waitWhileFrozen(List<PendingRecord> records) {
        if (records.isEmpty()) {
            return;
        }
        String[] instances = records.stream().map(PendingRecord::instanceId).toArray(String[]::new);
        jdbc.sql(LOCK_TERMS).param("instances", instances).query().listOfRows();
        jdbc.sql(WAIT_WHILE_FROZEN)
                .param("sns", records.stream().map(PendingRecord::meteringSn).toArray(String[]::new))
                .param("instances", instances)
                .update();
    }

    record NextTry(String meteringSn, DeliveryCertainty arrival, int tries, Grouping grouping, Duration pause) {}

    /** Sets a record aside whose outcome the ledger would not take; it must not be sent again. */
    void hold(String meteringSn, String rule, String detail) {
        jdbc.sql(HOLD)
                .param("sn", meteringSn)
                .param("rule", rule)
                .param("detail", detail)
                .param("now", utc(businessTime.instant()))
                .update();
    }

    /** Those of these records that have no outcome yet, in the same order. */
    List<PendingRecord> stillPending(List<String> sns) {
        Map<String, PendingRecord> bySn = new HashMap<>();
        jdbc.sql("select " + COLUMNS + " from pusher.work where metering_sn = any (:sns)")
                .param("sns", sns.toArray(String[]::new))
                .query((row, n) -> pending(row))
                .list()
                .forEach(record -> bySn.put(record.meteringSn(), record));
        List<PendingRecord> inOrder = new ArrayList<>();
        for (String sn : sns) {
            PendingRecord record = bySn.get(sn);
            if (record != null) {
                inOrder.add(record);
            }
        }
        return inOrder;
    }

    private static PendingRecord pending(ResultSet row) throws SQLException {
        return new PendingRecord(
                row.getString("metering_sn"),
                row.getString("instance_id"),
                new UsageWindow(instant(row, "begin_at"), instant(row, "end_at")),
                row.getBytes("body"),
                DeliveryCertainty.ofStored(row.getString("arrival")),
                row.getInt("tries"),
                row.getBoolean("part"),
                (Long) row.getObject("suspect_set"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }
}
