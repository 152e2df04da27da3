package io.hourledger.pusher.push;

import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.RecordToReport;
import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.ledger.store.Outbox;
import io.hourledger.ledger.store.RangeBisection;
import io.hourledger.pusher.marketplace.Marketplace;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes what the ledger has to report for a seller account onto the queue: a record leaves the ledger's outbox and enters the work table in one transaction. It
 * waits for no reader of the ledger, so nothing that holds readers back delays a record. The record's bytes are made here, once.
 *
 * <p>The newest hours come first: they can still be in time, and a backlog of a day can not.
 */
final class QueueIntake {

    private static final Logger LOG = LoggerFactory.getLogger(QueueIntake.class);

    private static final int MOST_AT_ONCE = 5000;

    /** Steps through a backlog after which the newest are asked for again: an hour may have closed, and its records may still be in time. */
    private static final int NEWEST_AGAIN_AFTER = 10;

    /** Usage that another system reports is kept beside the queue; {@link ShadowRecords} tells what becomes of it. */
    private static final String ADD =
            """
            with taken as (
                select :account as account, * from unnest(:sns::text[], :instances::text[], (:hours::text[])::timestamptz[],
                                     (:begins::text[])::timestamptz[], (:ends::text[])::timestamptz[],
                                     (:deadlines::text[])::timestamptz[], :bodies::bytea[])
                    as t (metering_sn, instance_id, hour, begin_at, end_at, deadline, body)),
            ours as (
                insert into pusher.work (account, metering_sn, instance_id, begin_at, end_at, deadline, body)
                select account, metering_sn, instance_id, begin_at, end_at, deadline, body from taken where hour >= :reports_from
                on conflict (metering_sn) do nothing)
            insert into pusher.shadow_record (account, metering_sn, instance_id, hour, begin_at, end_at, deadline, body)
            select account, metering_sn, instance_id, hour, begin_at, end_at, deadline, body from taken where hour < :reports_from
            on conflict (metering_sn) do nothing""";

    private final String account;
    private final Ledger ledger;
    private final Clock businessTime;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Marketplace marketplace;
    private final Outbox outbox;
    private final ShadowRecords shadow;
    private volatile boolean tookWhatCanBeInTime;

    QueueIntake(
            Ledger ledger,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Marketplace marketplace,
            Clock businessTime,
            String account) {
        this.account = account;
        this.ledger = ledger;
        this.businessTime = businessTime;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.marketplace = marketplace;
        this.outbox = new Outbox(jdbc);
        this.shadow = new ShadowRecords(jdbc, account);
    }

    /** Takes all there is, the newest first, also those of an hour that closes meanwhile. True if there was anything. */
    boolean takeAll() {
        boolean any = false;
        int batches = 0;
        List<RecordToReport> taken;
        RecordToReport last = null;
        do {
            RecordToReport before = last;
            taken = takeOrHalve(before, MOST_AT_ONCE);
            if (!taken.isEmpty()) {
                any = true;
                last = ++batches % NEWEST_AGAIN_AFTER == 0 ? null : taken.getLast();
            }
            if (taken.size() < MOST_AT_ONCE || isLate(taken.getLast())) {
                tookWhatCanBeInTime = true;
            }
        } while (taken.size() == MOST_AT_ONCE);
        return any;
    }

    private boolean isLate(RecordToReport record) {
        return !marketplace
                .deadlines()
                .collection(record.hour(), record.billingCycle())
                .isAfter(businessTime.instant());
    }

    /** Whether all that was issued before our start and can still be in time is on the queue. */
    boolean tookWhatCanBeInTime() {
        return tookWhatCanBeInTime;
    }

    /**
     * Takes the next of them; one that cannot be put onto the queue keeps no other waiting.
     *
     * @throws RuntimeException if the database is away; then nothing more is taken now
     */
    private List<RecordToReport> takeOrHalve(@Nullable RecordToReport behind, int most) {
        RuntimeException failure;
        try {
            return take(behind, most);
        } catch (DataAccessException failed) {
            if (!RangeBisection.isOfEvents(failed)) {
                throw failed;
            }
            failure = failed;
        }
        if (most == 1) {
            return putAside(behind, failure);
        }
        int half = most / 2;
        List<RecordToReport> taken = new ArrayList<>(takeOrHalve(behind, half));
        if (taken.size() == half) {
            taken.addAll(takeOrHalve(taken.getLast(), most - half));
        }
        return taken;
    }

    private List<RecordToReport> take(@Nullable RecordToReport behind, int most) {
        return Objects.requireNonNull(transaction.execute(tx -> takeSome(behind, most)));
    }

    /** Was never sent, so a person settles it; the ledger takes it off the outbox with that. */
    private List<RecordToReport> putAside(@Nullable RecordToReport behind, RuntimeException failure) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            List<RecordToReport> one = outbox.next(account, behind, 1);
            for (RecordToReport record : one) {
                LOG.atError()
                        .addKeyValue("record", record.meteringSn())
                        .addKeyValue("instance", record.instanceId())
                        .setCause(failure)
                        .log("a record that was issued cannot be put onto the queue; a person must settle it");
                ledger.handleAll(
                        List.of(neverSent(record, "it cannot be put onto the queue: " + failure.getMessage())));
            }
            return one;
        }));
    }

    /** The rows of those that were taken before are dead. Whoever went past them again would pay more with each step. */
    private List<RecordToReport> takeSome(@Nullable RecordToReport behind, int most) {
        jdbc.sql(IndexScansOnly.SET).query().listOfRows();
        Map<RecordToReport, byte[]> bodies = new LinkedHashMap<>();
        List<MarkUsageRecordUnknown> formless = new ArrayList<>();
        List<RecordToReport> next = outbox.next(account, behind, most);
        next.forEach(record -> put(record, bodies, formless));
        if (!formless.isEmpty()) {
            ledger.handleAll(formless);
        }
        if (!bodies.isEmpty()) {
            add(bodies);
        }
        outbox.takenOver(next.stream().map(RecordToReport::meteringSn).toList());
        return next;
    }

    private void add(Map<RecordToReport, byte[]> bodies) {
        List<RecordToReport> records = new ArrayList<>(bodies.keySet());
        jdbc.sql(ADD)
                .param("account", account)
                .param("sns", texts(records, RecordToReport::meteringSn))
                .param("instances", texts(records, RecordToReport::instanceId))
                .param("reports_from", shadow.lockedStart())
                .param("hours", texts(records, record -> record.hour().start().toString()))
                .param(
                        "begins",
                        texts(records, record -> record.window().begin().toString()))
                .param("ends", texts(records, record -> record.window().end().toString()))
                .param("deadlines", texts(records, record -> marketplace
                        .deadlines()
                        .collection(record.hour(), record.billingCycle())
                        .toString()))
                .param("bodies", bodies.values().toArray(byte[][]::new))
                .update();
    }

    /** One that the marketplace has no form for keeps no other waiting: a person must see to it. */
    private void put(RecordToReport record, Map<RecordToReport, byte[]> bodies, List<MarkUsageRecordUnknown> formless) {
        try {
            bodies.put(record, marketplace.records().bytes(record.record()));
        } catch (RuntimeException notARecord) {
            formless.add(neverSent(record, "the marketplace takes no such record: " + notARecord.getMessage()));
            LOG.atError()
                    .addKeyValue("record", record.meteringSn())
                    .addKeyValue("instance", record.instanceId())
                    .setCause(notARecord)
                    .log("a record that was issued is none that the marketplace takes; a person must settle it");
        }
    }

    private MarkUsageRecordUnknown neverSent(RecordToReport record, String why) {
        return new MarkUsageRecordUnknown(
                new InstanceId(record.instanceId()),
                new MeteringSn(record.meteringSn()),
                "never sent, since " + why,
                businessTime.instant());
    }

    private static String[] texts(List<RecordToReport> of, Function<RecordToReport, String> text) {
        return of.stream().map(text).toArray(String[]::new);
    }
}
