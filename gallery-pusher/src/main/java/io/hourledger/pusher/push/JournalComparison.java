package io.hourledger.pusher.push;

import io.hourledger.pusher.marketplace.RecordFormat;
import io.hourledger.pusher.marketplace.SentRecord;
import io.hourledger.pusher.push.SentCallJournal.SentCall;
import io.hourledger.pusher.push.SentCallJournal.SentPage;
import io.hourledger.pusher.push.SentCallJournal.SettledCall;
import io.hourledger.pusher.push.SentCallJournal.SettledPage;
import io.hourledger.pusher.push.SentCallJournal.SuspensionDecision;
import io.hourledger.pusher.push.SentCallJournal.SuspensionPage;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Compares pages of the journal with the account's attempts, in the caller's transaction. What the database lacks suspends pushing, and is
 * kept for a person with the records that were sent.
 */
final class JournalComparison {

    private static final String IS_KNOWN =
            """
            select exists (select 1 from pusher.attempt
                            where id = :attempt and account = :account and epoch = :epoch and body_digest = :digest)""";

    private static final String WAS_SENT =
            """
            insert into pusher.sent_by_lost_database (metering_sn, account, instance_id, begin_at, end_at, amount, package_instance_id, body,
                                            sent_place, place_in_call, sent_at)
            select sn, :account, instance, begin_at::timestamptz, end_at::timestamptz, amount::numeric, package, body,
                   :place, n - 1, :at
              from unnest(:sns::text[], :instances::text[], :begins::text[], :ends::text[], :amounts::text[], :packages::text[],
                          :bodies::bytea[]) with ordinality
                   as t (sn, instance, begin_at, end_at, amount, package, body, n)
            on conflict (metering_sn) do update
                set body = excluded.body, amount = excluded.amount, sent_place = excluded.sent_place,
                    place_in_call = excluded.place_in_call, sent_at = excluded.sent_at,
                    outcome = case when sent_by_lost_database.outcome like 'reported%' then sent_by_lost_database.outcome else 'none' end,
                    decision = null, decided_by = null, decided_why = null, decided_at = null, done_at = null, done = null
              where sent_by_lost_database.sent_place < excluded.sent_place""";

    /** Each account has a journal of its own, so a place says nothing without its account. */
    private static final String CAME_OF_IT =
            """
            update pusher.sent_by_lost_database
               set outcome = case when outcome like 'reported%' then outcome else (:outcomes::text[])[place_in_call + 1] end
             where account = :account and sent_place = :place""";

    /** Attempts that the database has without their outcome, though it was written down after the ledger had been told. */
    private static final String FORGOTTEN_OUTCOME =
            """
            select t.sn, t.n - 1 as place_in_call, work.body, attempt.business_at
              from pusher.attempt, unnest(attempt.metering_sns) with ordinality as t (sn, n), pusher.work
             where attempt.id = :attempt and attempt.account = :account and attempt.epoch = :epoch
               and attempt.settled_at is null and work.metering_sn = t.sn
             order by t.n""";

    private final JdbcClient jdbc;
    private final String account;
    private final RecordFormat format;
    private final PushSuspension suspension;

    JournalComparison(JdbcClient jdbc, String account, RecordFormat format, PushSuspension suspension) {
        this.jdbc = jdbc;
        this.account = account;
        this.format = format;
        this.suspension = suspension;
    }

    /** A call that was sent must be an attempt of the database; else it is kept for a person. */
    void compare(SentPage page) {
        SentCall call = page.call();
        if (!call.account().equals(account) || isKnown(call)) {
            return;
        }
        suspension.suspend("attempt " + call.attempt() + " of " + call.at()
                + " was sent, and this database does not know it: it went back to an earlier state");
        keep(page.place(), call.at(), format.read(call.body()));
    }

    private boolean isKnown(SentCall call) {
        return jdbc.sql(IS_KNOWN)
                .param("attempt", call.attempt())
                .param("account", call.account())
                .param("epoch", call.epoch())
                .param("digest", BodyDigest.of(call.body()))
                .query(Boolean.class)
                .single();
    }

    /** What came of a call must be settled in the database; else its records are kept for a person. */
    void compare(SettledPage page) {
        SettledCall call = page.call();
        if (!call.account().equals(account) || cameOfIt(call) > 0) {
            return;
        }
        List<SentRecord> records = new ArrayList<>();
        Map<String, Integer> places = new HashMap<>();
        Instant at = Instant.EPOCH;
        for (Map<String, Object> row : jdbc.sql(FORGOTTEN_OUTCOME)
                .param("attempt", call.attempt())
                .param("account", account)
                .param("epoch", call.epoch())
                .query()
                .listOfRows()) {
            SentRecord record = format.readOne((byte[]) Objects.requireNonNull(row.get("body")));
            records.add(record);
            places.put(record.meteringSn(), ((Number) Objects.requireNonNull(row.get("place_in_call"))).intValue());
            at = ((Timestamp) Objects.requireNonNull(row.get("business_at"))).toInstant();
        }
        if (records.isEmpty()) {
            return;
        }
        suspension.suspend("what came of attempt " + call.attempt()
                + " was told to the ledger, and this database does not know it: it went back to an earlier state");
        keep(call.sentPlace(), at, records);
        places.forEach((sn, place) -> jdbc.sql(
                        "update pusher.sent_by_lost_database set place_in_call = :place where metering_sn = :sn")
                .param("place", place)
                .param("sn", sn)
                .update());
        cameOfIt(call);
    }

    /** What a person decided of the account must be known; else it is entered again, and the database went back. */
    void compare(SuspensionPage page) {
        SuspensionDecision decision = page.decision();
        if (decision.account().equals(account) && suspension.enter(decision)) {
            suspension.suspend(decision.who() + " decided at " + decision.at() + " that account " + account + " is "
                    + decision.verb().name().toLowerCase(Locale.ROOT)
                    + ", and this database did not know it: it went back to an earlier state");
        }
    }

    private int cameOfIt(SettledCall call) {
        return jdbc.sql(CAME_OF_IT)
                .param("account", account)
                .param("outcomes", call.outcomes().toArray(String[]::new))
                .param("place", call.sentPlace())
                .update();
    }

    private void keep(long place, Instant at, List<SentRecord> records) {
        jdbc.sql(WAS_SENT)
                .param("account", account)
                .param("place", place)
                .param("at", at.atOffset(ZoneOffset.UTC))
                .param("sns", strings(records, SentRecord::meteringSn))
                .param("instances", strings(records, SentRecord::instanceId))
                .param(
                        "begins",
                        strings(records, record -> record.window().begin().toString()))
                .param("ends", strings(records, record -> record.window().end().toString()))
                .param("amounts", strings(records, record -> record.amount().toPlainString()))
                .param("packages", strings(records, SentRecord::packageInstanceId))
                .param("bodies", records.stream().map(SentRecord::bytes).toArray(byte[][]::new))
                .update();
    }

    private static String[] strings(List<SentRecord> records, Function<SentRecord, @Nullable String> text) {
        return records.stream().map(text).toArray(String[]::new);
    }
}
