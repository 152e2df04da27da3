package io.hourledger.pusher.push;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.SettleUsageRecord;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.pusher.marketplace.RecordFormat;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Puts right what the database forgot in a rollback. A record that the marketplace accepted, and that the ledger has issued again with
 * the very same content, is entered as reported, as it was before. All others wait for a person's word, and are done as it says.
 */
final class RestoredRecordReconciler {

    private static final Logger LOG = LoggerFactory.getLogger(RestoredRecordReconciler.class);

    private static final int BATCH = 500;

    private static final String COLUMNS =
            """
            select s.metering_sn, s.instance_id, s.body, s.sent_at, s.decision, s.decided_by, s.decided_why, s.decided_at,
                   work.body as ledger_body
              from pusher.sent_by_lost_database s
              left join (select metering_sn, body from pusher.work
                         union all
                         select metering_sn, body from pusher.shadow_record) work on work.metering_sn = s.metering_sn
            """;

    private static final String PAGE =
            """

               and s.metering_sn > :after
             order by s.metering_sn limit :most for update of s skip locked""";

    private static final String ANYTHING_TO_DO =
            """
            select exists (select 1 from pusher.sent_by_lost_database s where s.done_at is null)
                or exists (select 1 from pusher.sent_by_lost_database s
                            where s.done = 'set-aside' and s.ledger_said is null
                                  and exists (select 1 from pusher.work work where work.metering_sn = s.metering_sn))
                or exists (select 1 from pusher.unsent_after_restore where decision = 'set-aside' and done_at is null)""";

    private static final String NEW_SET_ASIDE =
            """
            select n.metering_sn, work.instance_id, n.decided_by, n.decided_why, n.decided_at
              from pusher.unsent_after_restore n
              join (select metering_sn, instance_id from pusher.work
                    union all
                    select metering_sn, instance_id from pusher.shadow_record) work on work.metering_sn = n.metering_sn
             where n.decision = 'set-aside' and n.done_at is null
             order by n.metering_sn limit :most for update of n skip locked""";

    private static final String REPORTED_AND_ISSUED_AGAIN = COLUMNS
            + """
             where s.done_at is null and s.decision is null and s.ledger_said is null
               and s.outcome like 'reported%' and work.body is not null"""
            + PAGE;

    private static final String DECIDED =
            COLUMNS + """
             where s.done_at is null and s.decision is not null""" + PAGE;

    /** What was set aside while the ledger had no such record, and is issued now. */
    private static final String SET_ASIDE_AND_ISSUED = COLUMNS
            + """
             where s.done = 'set-aside' and s.ledger_said is null and work.body is not null"""
            + PAGE;

    /** The ledger may know it after all: the backup was made just when it was reported. */
    private static final String KNOWN_AS_REPORTED =
            """
            update pusher.sent_by_lost_database s set done = 'entered', done_at = clock_timestamp()
              from ledger.usage_record r
             where r.metering_sn = s.metering_sn and r.state = 'reported' and r.amount = s.amount
               and r.begin_at = s.begin_at and r.end_at = s.end_at
               and r.package_instance_id is not distinct from s.package_instance_id
               and s.outcome like 'reported%' and s.done_at is null and s.decision is null""";

    /** A person's word that it goes again stands above the shadow: this database reported before it was restored. */
    private static final String OUT_OF_SHADOW =
            """
            with moved as (
                delete from pusher.shadow_record where metering_sn = :sn
                returning account, metering_sn, instance_id, begin_at, end_at, deadline, expected_by, body)
            insert into pusher.work (account, metering_sn, instance_id, begin_at, end_at, deadline, expected_by, body)
            select account, metering_sn, instance_id, begin_at, end_at, deadline, expected_by, body from moved""";

    private static final String IS_IN_FLIGHT =
            """
            select exists (select 1 from ledger.usage_record where metering_sn = :sn and state = 'in-flight')
                or exists (select 1 from ledger.outbox where metering_sn = :sn)""";

    private final Ledger ledger;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final RecordFormat format;
    private final int batch;

    RestoredRecordReconciler(Ledger ledger, JdbcClient jdbc, TransactionTemplate transaction, RecordFormat format) {
        this(ledger, jdbc, transaction, format, BATCH);
    }

    /**
     * @param batch how many records a transaction has at most
     */
    RestoredRecordReconciler(
            Ledger ledger, JdbcClient jdbc, TransactionTemplate transaction, RecordFormat format, int batch) {
        this.ledger = ledger;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.format = format;
        this.batch = batch;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    private record Sent(
            String meteringSn,
            String instanceId,
            byte[] body,
            Instant sentAt,
            byte @Nullable [] ledgerBody,
            @Nullable String decision,
            @Nullable DecidedBy by,
            @Nullable Instant decidedAt) {

        static Sent of(ResultSet row) throws SQLException {
            String who = row.getString("decided_by");
            OffsetDateTime decidedAt = row.getObject("decided_at", OffsetDateTime.class);
            return new Sent(
                    row.getString("metering_sn"),
                    row.getString("instance_id"),
                    row.getBytes("body"),
                    row.getObject("sent_at", OffsetDateTime.class).toInstant(),
                    row.getBytes("ledger_body"),
                    row.getString("decision"),
                    who == null ? null : new DecidedBy(who, row.getString("decided_why")),
                    decidedAt == null ? null : decidedAt.toInstant());
        }

        InstanceId instance() {
            return new InstanceId(instanceId);
        }

        MeteringSn sn() {
            return new MeteringSn(meteringSn);
        }
    }

    private boolean sameInLedger(Sent sent) {
        return sent.ledgerBody() != null
                && format.readOne(sent.body()).saysTheSameAs(format.readOne(sent.ledgerBody()));
    }

    /** Does what can be done now. */
    void enter() {
        if (!anythingToDo()) {
            return;
        }
        jdbc.sql(KNOWN_AS_REPORTED).update();
        eachPage(REPORTED_AND_ISSUED_AGAIN, this::enterReported);
        eachPage(DECIDED, page -> page.forEach(this::carryOut));
        eachPage(SET_ASIDE_AND_ISSUED, page -> page.forEach(this::markUnknown));
        while (Boolean.TRUE.equals(transaction.execute(tx -> setAsideNewOnes()))) {
            LOG.atInfo().log("records that were never sent before are set aside");
        }
    }

    private boolean anythingToDo() {
        return Boolean.TRUE.equals(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            return jdbc.sql(ANYTHING_TO_DO).query(Boolean.class).single();
        }));
    }

    /** Page by page, each in its own transaction: records that stay as they are must not keep those behind them. */
    private void eachPage(String sql, Consumer<List<Sent>> todo) {
        String last = "";
        boolean more = true;
        while (more) {
            String after = last;
            List<Sent> page = Objects.requireNonNull(transaction.execute(tx -> {
                List<Sent> records = jdbc.sql(sql)
                        .param("most", batch)
                        .param("after", after)
                        .query((row, n) -> Sent.of(row))
                        .list();
                todo.accept(records);
                return records;
            }));
            more = page.size() == batch;
            last = page.isEmpty() ? after : page.get(page.size() - 1).meteringSn();
        }
    }

    private void enterReported(List<Sent> page) {
        List<Sent> same = page.stream().filter(this::sameInLedger).toList();
        if (same.isEmpty()) {
            return;
        }
        List<Decision> decisions = ledger.handleAll(same.stream()
                .map(sent -> (InstanceCommand) new ReportUsageRecord(sent.instance(), sent.sn(), sent.sentAt()))
                .toList());
        List<String> entered = new ArrayList<>();
        for (int i = 0; i < same.size(); i++) {
            if (taken(decisions.get(i), same.get(i))) {
                entered.add(same.get(i).meteringSn());
            }
        }
        takeOff(entered);
        done(entered, "entered");
        LOG.atInfo()
                .addKeyValue("records", entered.size())
                .log("records entered as reported: they were, before the database was rolled back");
    }

    /** Whether there may be more. What the ledger does not take is not on its way any more. */
    private boolean setAsideNewOnes() {
        List<MarkUsageRecordUnknown> unknowns = jdbc.sql(NEW_SET_ASIDE)
                .param("most", batch)
                .query((row, n) -> new MarkUsageRecordUnknown(
                        new InstanceId(row.getString("instance_id")),
                        new MeteringSn(row.getString("metering_sn")),
                        "it was not sent before the database was rolled back; set aside by "
                                + row.getString("decided_by") + ": " + row.getString("decided_why"),
                        row.getObject("decided_at", OffsetDateTime.class).toInstant()))
                .list();
        if (unknowns.isEmpty()) {
            return false;
        }
        ledger.handleAll(unknowns);
        List<String> sns =
                unknowns.stream().map(unknown -> unknown.meteringSn().value()).toList();
        takeOff(sns);
        jdbc.sql("update pusher.unsent_after_restore set done_at = clock_timestamp() where metering_sn = any (:sns)")
                .param("sns", sns.toArray(String[]::new))
                .update();
        return true;
    }

    /** From the queue, and from what waits in shadow. */
    private void takeOff(List<String> meteringSns) {
        String[] sns = meteringSns.toArray(String[]::new);
        jdbc.sql("delete from pusher.work where metering_sn = any (:sns)")
                .param("sns", sns)
                .update();
        jdbc.sql("delete from pusher.shadow_record where metering_sn = any (:sns)")
                .param("sns", sns)
                .update();
    }

    private void carryOut(Sent sent) {
        switch (Objects.requireNonNull(sent.decision())) {
            case "billed" -> settle(sent, true, "billed");
            case "refused" -> settle(sent, false, "stays-refused");
            case "not-billed" -> goAgain(sent);
            case "set-aside" -> {
                if (sent.ledgerBody() == null || markUnknown(sent)) {
                    done(List.of(sent.meteringSn()), "set-aside");
                }
            }
            default -> throw new IllegalStateException("not a decision: " + sent.decision());
        }
    }

    private void settle(Sent sent, boolean billed, String how) {
        if (markUnknown(sent)
                && taken(
                        ledger.handle(new SettleUsageRecord(
                                sent.instance(),
                                sent.sn(),
                                billed,
                                Objects.requireNonNull(sent.by()),
                                Objects.requireNonNull(sent.decidedAt()))),
                        sent)) {
            done(List.of(sent.meteringSn()), how);
        }
    }

    /** The identical record; it may have arrived, so "duplicate" will be success. */
    private void goAgain(Sent sent) {
        if (sent.ledgerBody() == null) {
            if (!jdbc.sql(IS_IN_FLIGHT)
                    .param("sn", sent.meteringSn())
                    .query(Boolean.class)
                    .single()) {
                saidNo(sent, "the ledger has no such record on its way, so it cannot go again");
            }
            return; // else it will be on the queue in a moment
        }
        if (!sameInLedger(sent)) {
            saidNo(sent, "the ledger has it differently, so it cannot go again as it was sent");
            return;
        }
        jdbc.sql(OUT_OF_SHADOW).param("sn", sent.meteringSn()).update();
        int queued = jdbc.sql("update pusher.work set body = :body, arrival = 'unclear' where metering_sn = :sn")
                .param("body", sent.body())
                .param("sn", sent.meteringSn())
                .update();
        if (queued == 1) {
            done(List.of(sent.meteringSn()), "goes-again");
        }
    }

    /** Whether the ledger has it as unknown now. */
    private boolean markUnknown(Sent sent) {
        Decision decision = ledger.handle(new MarkUsageRecordUnknown(
                sent.instance(),
                sent.sn(),
                "it was sent before the database was rolled back; the marketplace was told "
                        + format.readOne(sent.body()).amount().toPlainString(),
                Objects.requireNonNull(sent.decidedAt())));
        boolean taken = taken(decision, sent);
        if (taken) {
            takeOff(List.of(sent.meteringSn()));
        }
        return taken;
    }

    private boolean taken(Decision decision, Sent sent) {
        return switch (decision) {
            case Decision.Done _, Decision.AlreadyDone _ -> true;
            case Decision.Refused _, Decision.UnknownInstance _ -> {
                saidNo(sent, decision.toString());
                yield false;
            }
        };
    }

    /** It is not tried again; a person must say otherwise. */
    private void saidNo(Sent sent, String why) {
        LOG.atWarn()
                .addKeyValue("instance", sent.instanceId())
                .addKeyValue("meteringSn", sent.meteringSn())
                .addKeyValue("why", why)
                .log("what was said of a record that was sent before cannot be done; a person must say otherwise");
        jdbc.sql(
                        """
                        update pusher.sent_by_lost_database
                           set ledger_said = :why, decision = null, decided_by = null, decided_why = null, decided_at = null
                         where metering_sn = :sn""")
                .param("why", why)
                .param("sn", sent.meteringSn())
                .update();
    }

    private void done(List<String> meteringSns, String how) {
        jdbc.sql(
                        "update pusher.sent_by_lost_database set done = :how, done_at = clock_timestamp() where metering_sn = any (:sns)")
                .param("how", how)
                .param("sns", meteringSns.toArray(String[]::new))
                .update();
    }
}
