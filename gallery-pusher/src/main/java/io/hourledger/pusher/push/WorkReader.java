package io.hourledger.pusher.push;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.InstanceFrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.InstanceEvent.InstanceReleased;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDisputed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordOutcomeUnknown;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordRefused;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReissued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReported;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordSettled;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordWrittenOff;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.StoredEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Keeps what the ledger says beside the records to report: which records need a person, and what pushing must know of each instance. A record
 * with an outcome leaves the queue, if it did not in the transaction that entered the outcome. Runs in the feed's transaction, a few
 * statements a batch. Reading the same events again changes nothing. Records come onto the queue by {@link QueueIntake}.
 */
final class WorkReader implements LedgerFeed.Reader {

    /** What it wants to hear of. */
    static final Set<Class<? extends InstanceEvent>> EVENTS = Set.of(
            UsageRecordReported.class,
            UsageRecordRefused.class,
            UsageRecordOutcomeUnknown.class,
            UsageRecordDisputed.class,
            UsageRecordSettled.class,
            UsageRecordReissued.class,
            UsageRecordWrittenOff.class,
            InstanceOpened.class,
            InstanceFrozen.class,
            InstanceUnfrozen.class,
            InstanceReleased.class);

    private static final String HOLD =
            """
            insert into pusher.record_needing_review (metering_sn, account, instance_id, amount, state, code, detail, since)
            select sn, account, instance, amount::numeric, state, code, detail, since::timestamptz
              from unnest(:sns::text[], :instances::text[], :amounts::text[], :states::text[], :codes::text[],
                          :details::text[], :sinces::text[])
                   as t (sn, instance, amount, state, code, detail, since)
              left join pusher.instance_terms terms on terms.instance_id = t.instance
            on conflict (metering_sn) do update
                set state = excluded.state, code = excluded.code, detail = excluded.detail, since = excluded.since""";

    private static final String GO_ON =
            """
            update pusher.work
               set backing_off = false, not_before = '-infinity', expected_by = greatest(expected_by, :expected_by)
             where not_before = 'infinity' and instance_id = any (:instances)""";

    private final JdbcClient jdbc;
    private final InstanceTerms terms;
    private final Supplier<Instant> nextCollection;
    private final Runnable newWork;

    /**
     * @param nextCollection when the marketplace collects the present hour
     * @param newWork called when work may go on and its transaction has ended well
     */
    WorkReader(JdbcClient jdbc, InstanceTerms terms, Supplier<Instant> nextCollection, Runnable newWork) {
        this.jdbc = jdbc;
        this.terms = terms;
        this.nextCollection = nextCollection;
        this.newWork = newWork;
    }

    private record Held(
            String meteringSn,
            String instanceId,
            BigDecimal amount,
            String state,
            String code,
            String detail,
            Instant since) {

        static Held of(UsageRecordRefused event) {
            return new Held(
                    event.record().meteringSn(),
                    event.instanceId(),
                    event.amount(),
                    "refused",
                    event.code(),
                    event.detail(),
                    event.refusedAt());
        }

        static Held of(UsageRecordOutcomeUnknown event) {
            return new Held(
                    event.record().meteringSn(),
                    event.instanceId(),
                    event.amount(),
                    "unknown",
                    "",
                    event.why(),
                    event.doubtedAt());
        }

        static Held of(UsageRecordDisputed event) {
            return new Held(
                    event.record().meteringSn(),
                    event.instanceId(),
                    event.amount(),
                    "disputed",
                    event.code(),
                    event.by().who() + ": " + event.by().why(),
                    event.disputedAt());
        }

        /** Settled as not billed: refused, for a person to reissue or write off. */
        static Held of(UsageRecordSettled event) {
            return new Held(
                    event.record().meteringSn(),
                    event.instanceId(),
                    event.amount(),
                    "refused",
                    "",
                    event.by().who() + ": " + event.by().why(),
                    event.decidedAt());
        }
    }

    @Override
    public void read(List<StoredEvent> batch) {
        Set<String> done = new LinkedHashSet<>();
        Map<String, Held> held = new LinkedHashMap<>();
        Set<String> released = new LinkedHashSet<>();
        InstanceTerms.Changes changes = new InstanceTerms.Changes();
        for (StoredEvent stored : batch) {
            switch (stored.event()) {
                case UsageRecordReported reported -> {
                    done.add(reported.record().meteringSn());
                    letGo(reported.record().meteringSn(), held, released);
                }
                case UsageRecordRefused refused -> {
                    done.add(refused.record().meteringSn());
                    held.put(refused.record().meteringSn(), Held.of(refused));
                }
                case UsageRecordOutcomeUnknown unknown -> {
                    done.add(unknown.record().meteringSn());
                    held.put(unknown.record().meteringSn(), Held.of(unknown));
                }
                case UsageRecordDisputed disputed -> held.put(disputed.record().meteringSn(), Held.of(disputed));
                case UsageRecordSettled settled
                when !settled.billed() -> held.put(settled.record().meteringSn(), Held.of(settled));
                case UsageRecordSettled settled -> letGo(settled.record().meteringSn(), held, released);
                case UsageRecordReissued reissued -> letGo(reissued.record().meteringSn(), held, released);
                case UsageRecordWrittenOff writtenOff ->
                    letGo(writtenOff.record().meteringSn(), held, released);
                case InstanceOpened opened ->
                    changes.opened(opened.instanceId(), opened.order().account());
                case InstanceFrozen frozen -> changes.frozen(frozen.instanceId());
                case InstanceUnfrozen unfrozen -> changes.notFrozen(unfrozen.instanceId());
                case InstanceReleased over -> changes.notFrozen(over.instanceId());
                case InstanceEvent.HourMetered _,
                        InstanceEvent.UsageRecordIssued _,
                        InstanceEvent.InstanceUpgraded _,
                        InstanceEvent.UsageWithheld _,
                        InstanceEvent.RemainderWrittenOff _,
                        InstanceEvent.InstanceRenewed _,
                        InstanceEvent.InstanceExpired _,
                        InstanceEvent.PackageAdded _,
                        InstanceEvent.PackageFrozen _,
                        InstanceEvent.PackageUnfrozen _,
                        InstanceEvent.PackageExpired _,
                        InstanceEvent.PackageRenewed _,
                        InstanceEvent.PackageWithdrawn _,
                        InstanceEvent.PackageReleased _,
                        InstanceEvent.PackageUseUpNoticed _,
                        InstanceEvent.ThresholdReached _,
                        InstanceEvent.PackageDrawnDown _,
                        InstanceEvent.PackageDrawDownReversed _,
                        InstanceEvent.PackageUsedUp _,
                        InstanceEvent.HourRecounted _,
                        InstanceEvent.WithheldUsageBilled _,
                        InstanceEvent.WithheldUsageWrittenOff _,
                        InstanceEvent.UsageRecordDuplicateListed _ -> {
                    // not of EVENTS: says nothing of the work
                }
            }
        }
        remove("delete from pusher.work where metering_sn = any (:sns)", done);
        remove("delete from pusher.shadow_record where metering_sn = any (:sns)", done);
        remove("delete from pusher.record_needing_review where metering_sn = any (:sns)", released);
        List<String> unfrozen = terms.keep(changes);
        goOn(unfrozen);
        hold(held.values());
        if (!unfrozen.isEmpty()) {
            afterCommit(newWork);
        }
    }

    /** The records of these instances wait no longer. */
    private void goOn(List<String> unfrozen) {
        if (!unfrozen.isEmpty()) {
            jdbc.sql(GO_ON)
                    .param("instances", unfrozen.toArray(String[]::new))
                    .param("expected_by", nextCollection.get().atOffset(ZoneOffset.UTC))
                    .update();
        }
    }

    private static void letGo(String meteringSn, Map<String, Held> held, Set<String> released) {
        held.remove(meteringSn);
        released.add(meteringSn);
    }

    private void remove(String sql, Collection<String> sns) {
        if (!sns.isEmpty()) {
            jdbc.sql(sql).param("sns", sns.toArray(String[]::new)).update();
        }
    }

    private void hold(Collection<Held> records) {
        if (records.isEmpty()) {
            return;
        }
        jdbc.sql(HOLD)
                .param("sns", strings(records, Held::meteringSn))
                .param("instances", strings(records, Held::instanceId))
                .param("amounts", strings(records, held -> held.amount().toPlainString()))
                .param("states", strings(records, Held::state))
                .param("codes", strings(records, Held::code))
                .param("details", strings(records, Held::detail))
                .param("sinces", strings(records, held -> held.since().toString()))
                .update();
    }

    private static <T> String[] strings(Collection<T> of, Function<T, String> text) {
        return of.stream().map(text).toArray(String[]::new);
    }

    private static void afterCommit(Runnable action) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            action.run();
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                action.run();
            }
        });
    }
}
