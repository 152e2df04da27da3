package io.hourledger.pusher.push;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffUsageRecord;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.pusher.push.ShadowRecords.Standing;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Carries out what a person said when the account went live, and tells how long it is in shadow. While pushing is suspended it does nothing:
 * the database may have been restored, and what a later state of it sent is not another system's.
 */
final class ShadowSettlement {

    /** The code under which the ledger keeps that a record was not for us to send. */
    static final String REPORTED_ELSEWHERE = "reported-elsewhere";

    private static final Logger LOG = LoggerFactory.getLogger(ShadowSettlement.class);

    private static final int MOST_AT_ONCE = 500;

    private static final String MOVE_OURS =
            """
            with ours as (
                delete from pusher.shadow_record
                 where metering_sn = any (array(select metering_sn from pusher.shadow_record
                                                 where account = :account and hour >= :from
                                                 order by hour, metering_sn
                                                 limit :most
                                                   for update skip locked))
                returning account, metering_sn, instance_id, begin_at, end_at, deadline, expected_by, body)
            insert into pusher.work (account, metering_sn, instance_id, begin_at, end_at, deadline, expected_by, body)
            select account, metering_sn, instance_id, begin_at, end_at, deadline, expected_by, body from ours
            on conflict (metering_sn) do nothing""";

    private static final String EARLIER =
            """
            select metering_sn, instance_id
              from pusher.shadow_record
             where account = :account and hour < :from
               and not exists (select from pusher.sent_by_lost_database before
                                where before.metering_sn = shadow_record.metering_sn)
             order by hour, metering_sn
             limit :most
               for update skip locked""";

    private final String account;
    private final Ledger ledger;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final ShadowRecords records;
    private final PushSuspension suspension;
    private final Runnable newWork;
    private volatile double inShadow = Double.NaN;

    /**
     * @param newWork called when records came onto the queue
     */
    ShadowSettlement(
            Ledger ledger,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            String account,
            MeterRegistry registry,
            Runnable newWork) {
        this.account = account;
        this.ledger = ledger;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.records = new ShadowRecords(jdbc, account);
        this.suspension = new PushSuspension(jdbc);
        this.newWork = newWork;
        Gauge.builder(PushMetrics.IN_SHADOW, this, settlement -> settlement.inShadow)
                .description(
                        "1 while nothing is reported, since the account is in shadow until a person says from when")
                .register(registry);
    }

    boolean isInShadow() {
        return inShadow == 1;
    }

    /** Does what can be done now. */
    void settle() {
        Standing standing = records.standing().orElse(null);
        inShadow = standing == null ? Double.NaN : standing.reportsAt(businessTime.instant()) ? 0 : 1;
        if (standing == null || standing.liveBy() == null || suspension.open().isPresent()) {
            return;
        }
        Instant from = Objects.requireNonNull(standing.from());
        DecidedBy by = standing.liveBy();
        int moved;
        do {
            moved = inTransaction(() -> moveOurs(from));
            if (moved > 0) {
                LOG.atInfo().addKeyValue("records", moved).log("records of the shadow are ours to report");
                newWork.run();
            }
        } while (moved == MOST_AT_ONCE);
        int writtenOff;
        do {
            writtenOff = inTransaction(() -> writeOffEarlier(from, by));
            if (writtenOff > 0) {
                LOG.atInfo()
                        .addKeyValue("records", writtenOff)
                        .addKeyValue("who", by.who())
                        .log("records of the shadow are written off: another system reports their hours");
            }
        } while (writtenOff == MOST_AT_ONCE);
    }

    @FunctionalInterface
    private interface Step {
        int done();
    }

    private int inTransaction(Step step) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            return step.done();
        }));
    }

    private int moveOurs(Instant from) {
        return jdbc.sql(MOVE_OURS)
                .param("account", account)
                .param("from", from.atOffset(java.time.ZoneOffset.UTC))
                .param("most", MOST_AT_ONCE)
                .update();
    }

    private record Earlier(InstanceId instance, MeteringSn sn) {}

    /** What the ledger does not take has an outcome already, so there is nothing to write off. */
    private int writeOffEarlier(Instant from, DecidedBy by) {
        List<Earlier> earlier = jdbc.sql(EARLIER)
                .param("account", account)
                .param("from", from.atOffset(java.time.ZoneOffset.UTC))
                .param("most", MOST_AT_ONCE)
                .query((row, number) -> new Earlier(
                        new InstanceId(row.getString("instance_id")), new MeteringSn(row.getString("metering_sn"))))
                .list();
        if (earlier.isEmpty()) {
            return 0;
        }
        Instant now = businessTime.instant();
        String detail = by.who() + ": " + by.why();
        tellRefusals(ledger.handleAll(earlier.stream()
                .map(record -> new RefuseUsageRecord(record.instance, record.sn, REPORTED_ELSEWHERE, detail, now))
                .toList()));
        tellRefusals(ledger.handleAll(earlier.stream()
                .map(record -> new WriteOffUsageRecord(record.instance, record.sn, by, now))
                .toList()));
        records.remove(earlier.stream().map(record -> record.sn.value()).toList());
        return earlier.size();
    }

    private static void tellRefusals(List<Decision> decisions) {
        for (Decision decision : decisions) {
            if (decision instanceof Decision.Refused || decision instanceof Decision.UnknownInstance) {
                LOG.atWarn()
                        .addKeyValue("decision", decision)
                        .log("a record of the shadow has an outcome already and is left as it is");
            }
        }
    }
}
