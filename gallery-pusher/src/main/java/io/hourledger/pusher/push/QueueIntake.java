package io.hourledger.pusher.push;

import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.RecordToReport;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.ledger.store.Outbox;
import io.hourledger.ledger.store.Outbox.Place;
import io.hourledger.ledger.store.RangeBisection;
import io.hourledger.pusher.marketplace.Marketplace;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

    /** Of an account, until the process ends: who finds more has another fault than that of a record. */
    private static final int MOST_PUT_ASIDE = 20;

    /** Until records that cannot be put onto the queue are tried again. */
    private static final Duration STANDS = Duration.ofSeconds(10);

    /** Usage that another system reports is kept beside the queue; {@link ShadowRecords} tells what becomes of it. */
    private static final String ADD =
            """
            with taken as (
                select :account as account, * from unnest(:sns::text[], :instances::text[], (:hours::text[])::timestamptz[],
                                     (:begins::text[])::timestamptz[], (:ends::text[])::timestamptz[],
                                     (:deadlines::text[])::timestamptz[], (:expected::text[])::timestamptz[], :bodies::bytea[])
                    as t (metering_sn, instance_id, hour, begin_at, end_at, deadline, expected_by, body)),
            ours as (
                insert into pusher.work (account, metering_sn, instance_id, begin_at, end_at, deadline, expected_by, body)
                select account, metering_sn, instance_id, begin_at, end_at, deadline, expected_by, body from taken where hour >= :reports_from
                on conflict (metering_sn) do nothing)
            insert into pusher.shadow_record (account, metering_sn, instance_id, hour, begin_at, end_at, deadline, expected_by, body)
            select account, metering_sn, instance_id, hour, begin_at, end_at, deadline, expected_by, body from taken where hour < :reports_from
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
    private int putAside;

    /** Elapsed time, never business time. */
    private long standsUntilNanos = System.nanoTime();

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
        if (System.nanoTime() - standsUntilNanos < 0) {
            return false;
        }
        IntakePass pass = new IntakePass();
        int batches = 0;
        Step step;
        Place last = null;
        do {
            step = takeOrHalve(last, MOST_AT_ONCE, pass);
            if (step.passed > 0) {
                last = ++batches % NEWEST_AGAIN_AFTER == 0 ? null : step.last;
            }
            if (!pass.isOver() && (step.passed < MOST_AT_ONCE || isLate(step.lastRead))) {
                tookWhatCanBeInTime = true;
            }
        } while (step.passed == MOST_AT_ONCE && !pass.isOver());
        settle(pass);
        return pass.hasQueued();
    }

    /**
     * So many records were looked at.
     *
     * @param last null if there was none
     * @param lastRead null if the last one cannot be read
     */
    private record Step(int passed, @Nullable Place last, @Nullable RecordToReport lastRead) {

        static Step over(List<RecordToReport> records) {
            return records.isEmpty()
                    ? new Step(0, null, null)
                    : new Step(records.size(), Place.of(records.getLast()), records.getLast());
        }

        Step and(Step next) {
            return next.passed == 0 ? this : new Step(passed + next.passed, next.last, next.lastRead);
        }
    }

    private boolean isLate(@Nullable RecordToReport record) {
        return record != null
                && !marketplace
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
    private Step takeOrHalve(@Nullable Place behind, int most, IntakePass pass) {
        if (most == 1) {
            return takeAlone(behind, pass);
        }
        try {
            return Step.over(take(() -> outbox.next(account, behind, most), pass));
        } catch (RuntimeException failed) {
            if (!RangeBisection.isOfEvents(failed)) {
                throw failed;
            }
        }
        int half = most / 2;
        Step first = takeOrHalve(behind, half, pass);
        return first.passed < half || pass.isOver() ? first : first.and(takeOrHalve(first.last, most - half, pass));
    }

    /** Which one it is is asked first: once it has failed, the next of the outbox may be another. */
    private Step takeAlone(@Nullable Place behind, IntakePass pass) {
        Optional<Place> next = Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            return outbox.nextPlace(account, behind);
        }));
        if (next.isEmpty()) {
            return Step.over(List.of());
        }
        Place place = next.get();
        List<RecordToReport> taken = List.of();
        try {
            taken = take(() -> outbox.at(place).stream().toList(), pass);
        } catch (RuntimeException failed) {
            if (!RangeBisection.isOfEvents(failed)) {
                throw failed;
            }
            pass.failed(place, failed);
        }
        return new Step(1, place, taken.isEmpty() ? null : taken.getLast());
    }

    /** The rows of those that were taken before are dead. Whoever went past them again would pay more with each step. */
    private List<RecordToReport> take(Supplier<List<RecordToReport>> which, IntakePass pass) {
        Map<RecordToReport, byte[]> bodies = new LinkedHashMap<>();
        Map<RecordToReport, RuntimeException> formless = new LinkedHashMap<>();
        List<RecordToReport> next = Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            List<RecordToReport> locked = which.get();
            locked.forEach(record -> put(record, bodies, formless));
            if (!bodies.isEmpty()) {
                add(bodies);
                outbox.takenOver(
                        bodies.keySet().stream().map(RecordToReport::meteringSn).toList());
            }
            return locked;
        }));
        pass.queued(bodies.size());
        formless.forEach((record, why) -> pass.failed(Place.of(record), why));
        return next;
    }

    /**
     * What cannot be put onto the queue was never sent, so a person settles it. That spends the record, so it is done only to a few, and only beside
     * others that were put onto the queue: else the queue or this build may be at fault, and all stay on the outbox.
     */
    private void settle(IntakePass pass) {
        Map<Place, RuntimeException> faulty = pass.faulty();
        if (faulty.isEmpty()) {
            return;
        }
        if (pass.hasQueued() && putAside + faulty.size() <= MOST_PUT_ASIDE) {
            faulty.forEach(this::putAside);
            return;
        }
        standsUntilNanos = System.nanoTime() + STANDS.toNanos();
        Map.Entry<Place, RuntimeException> first = faulty.entrySet().iterator().next();
        LOG.atError()
                .addKeyValue("account", account)
                .addKeyValue("records", faulty.size())
                .addKeyValue("record", first.getKey().meteringSn())
                .addKeyValue("instance", first.getKey().instanceId())
                .setCause(first.getValue())
                .log("records cannot be put onto the queue; they stay on the outbox, and are tried again");
    }

    /** This very record, if it is still there; the ledger takes it off the outbox with that. */
    private void putAside(Place record, RuntimeException failure) {
        try {
            transaction.executeWithoutResult(tx -> {
                jdbc.sql(IndexScansOnly.SET).query().listOfRows();
                if (outbox.lock(record)) {
                    settled(record, failure, ledger.handle(neverSent(record, failure)));
                }
            });
        } catch (RuntimeException failed) {
            if (!RangeBisection.isOfEvents(failed)) {
                throw failed;
            }
            failed.addSuppressed(failure);
            stays(record, failed, "the ledger cannot note it");
        }
    }

    private void settled(Place record, RuntimeException failure, Decision decision) {
        switch (decision) {
            case Decision.Done _ -> {
                putAside++;
                LOG.atError()
                        .addKeyValue("record", record.meteringSn())
                        .addKeyValue("instance", record.instanceId())
                        .setCause(failure)
                        .log("a record that was issued cannot be put onto the queue; a person must settle it");
            }
            case Decision.AlreadyDone _ -> outbox.takenOver(List.of(record.meteringSn()));
            case Decision.UnknownInstance _ -> stays(record, failure, "the ledger has no such instance");
            case Decision.Refused refused -> stays(record, failure, refused.rule() + ": " + refused.detail());
        }
    }

    /** It has no outcome, so it is not taken off the outbox. */
    private void stays(Place record, RuntimeException failure, String why) {
        standsUntilNanos = System.nanoTime() + STANDS.toNanos();
        LOG.atError()
                .addKeyValue("record", record.meteringSn())
                .addKeyValue("instance", record.instanceId())
                .addKeyValue("why", why)
                .setCause(failure)
                .log("a record can neither be put onto the queue nor aside; it stays on the outbox");
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
                .param("expected", texts(records, record -> marketplace
                        .deadlines()
                        .collection(record.collected().hour(), record.billingCycle())
                        .toString()))
                .param("bodies", bodies.values().toArray(byte[][]::new))
                .update();
    }

    /** One that the marketplace has no form for keeps no other waiting. */
    private void put(
            RecordToReport record, Map<RecordToReport, byte[]> bodies, Map<RecordToReport, RuntimeException> formless) {
        try {
            bodies.put(record, marketplace.records().bytes(record.record()));
        } catch (RuntimeException notARecord) {
            formless.put(record, notARecord);
        }
    }

    private MarkUsageRecordUnknown neverSent(Place record, RuntimeException failure) {
        return new MarkUsageRecordUnknown(
                new InstanceId(record.instanceId()),
                new MeteringSn(record.meteringSn()),
                "never sent, since it cannot be put onto the queue: " + failure.getMessage(),
                businessTime.instant());
    }

    private static String[] texts(List<RecordToReport> of, Function<RecordToReport, String> text) {
        return of.stream().map(text).toArray(String[]::new);
    }
}
