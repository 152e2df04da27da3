package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand.DisputeUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReissueUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.SettleUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffUsageRecord;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawDownReversed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDisputed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDuplicateListed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordOutcomeUnknown;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordRefused;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReissued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReported;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordSettled;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordWrittenOff;
import io.hourledger.contracts.instance.RecordRef;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.RecordCode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** What the marketplace said of a usage record moves it on, and each answer is taken once. */
final class UsageRecordRules {

    private UsageRecordRules() {}

    static Decision decide(InstanceState state, ReportUsageRecord command) {
        return move(
                state,
                command.meteringSn(),
                EnumSet.of(Account.IN_FLIGHT, Account.UNKNOWN),
                Account.REPORTED,
                (ref, record) -> new UsageRecordReported(
                        state.instanceId(), ref, record.amount(), record.state().label(), command.reportedAt()));
    }

    /** "I have this already" refuses nothing: it says that a copy stands, and only a person can tell whose. */
    static Decision decide(InstanceState state, RefuseUsageRecord command) {
        if (RecordCode.meansDuplicate(command.code())) {
            return decide(
                    state,
                    new MarkUsageRecordUnknown(
                            command.instanceId(),
                            command.meteringSn(),
                            "refused as a duplicate (" + command.code() + ")",
                            command.refusedAt()));
        }
        return move(
                state,
                command.meteringSn(),
                EnumSet.of(Account.IN_FLIGHT, Account.UNKNOWN),
                Account.REFUSED,
                (ref, record) -> new UsageRecordRefused(
                        state.instanceId(),
                        ref,
                        record.amount(),
                        record.state().label(),
                        command.code(),
                        command.detail(),
                        command.refusedAt()));
    }

    static Decision decide(InstanceState state, MarkUsageRecordUnknown command) {
        return move(
                state,
                command.meteringSn(),
                EnumSet.of(Account.IN_FLIGHT),
                Account.UNKNOWN,
                (ref, record) -> new UsageRecordOutcomeUnknown(
                        state.instanceId(),
                        ref,
                        record.amount(),
                        record.state().label(),
                        command.why(),
                        command.doubtedAt()));
    }

    /** What the marketplace rejected is open again, but a duplicate that it lists is only noted: the first copy stands. */
    static Decision decide(InstanceState state, DisputeUsageRecord command) {
        if (RecordCode.meansDuplicate(command.code())) {
            return listDuplicate(state, command);
        }
        return move(
                state,
                command.meteringSn(),
                orIfDuplicateListed(
                        state,
                        command.meteringSn(),
                        EnumSet.of(Account.REPORTED),
                        EnumSet.of(Account.REFUSED, Account.DISPUTED)),
                Account.DISPUTED,
                (ref, record) -> new UsageRecordDisputed(
                        state.instanceId(),
                        ref,
                        record.amount(),
                        record.state().label(),
                        command.code(),
                        command.by(),
                        command.disputedAt()));
    }

    private static Decision listDuplicate(InstanceState state, DisputeUsageRecord command) {
        Optional<HourEntry> hour = state.recent().hourOfRecord(command.meteringSn());
        if (hour.isEmpty()) {
            return noSuchRecord(state, command.meteringSn());
        }
        RecordEntry record = hour.get().record(command.meteringSn());
        if (record.duplicateListed()) {
            return new Decision.AlreadyDone();
        }
        return new Decision.Done(List.of(new UsageRecordDuplicateListed(
                state.instanceId(),
                new RecordRef(record.meteringSn().value(), hour.get().hour().start(), record.revision()),
                command.code(),
                command.by(),
                command.disputedAt())));
    }

    /** A listed duplicate opens more ways, so that a person who entered something wrong before can put it right. */
    private static Set<Account> orIfDuplicateListed(
            InstanceState state, MeteringSn meteringSn, Set<Account> always, Set<Account> more) {
        Set<Account> from = EnumSet.copyOf(always);
        if (duplicateListed(state, meteringSn)) {
            from.addAll(more);
        }
        return from;
    }

    private static boolean duplicateListed(InstanceState state, MeteringSn meteringSn) {
        return state.recent()
                .hourOfRecord(meteringSn)
                .filter(hour -> hour.record(meteringSn).duplicateListed())
                .isPresent();
    }

    static Decision decide(InstanceState state, WriteOffUsageRecord command) {
        Decision moved = move(
                state,
                command.meteringSn(),
                EnumSet.of(Account.REFUSED, Account.UNKNOWN, Account.DISPUTED),
                Account.WRITTEN_OFF,
                (ref, record) -> new UsageRecordWrittenOff(
                        state.instanceId(),
                        ref,
                        record.amount(),
                        record.state().label(),
                        command.by(),
                        command.decidedAt()));
        return moved.events().isEmpty() ? moved : andPackage(state, command, moved);
    }

    /** What was never billed was never taken from its package. */
    private static Decision andPackage(InstanceState state, WriteOffUsageRecord command, Decision moved) {
        RecordEntry record =
                state.recent().hourOfRecord(command.meteringSn()).orElseThrow().record(command.meteringSn());
        List<InstanceEvent> events = new ArrayList<>(moved.events());
        if (record.isVoid()) {
            PackageRules.reversal(state, record, command.decidedAt()).ifPresent(events::add);
        }
        return new Decision.Done(events);
    }

    static Decision decide(InstanceState state, SettleUsageRecord command) {
        return move(
                state,
                command.meteringSn(),
                command.billed()
                        ? orIfDuplicateListed(
                                state,
                                command.meteringSn(),
                                EnumSet.of(Account.UNKNOWN),
                                EnumSet.of(Account.REFUSED, Account.DISPUTED))
                        : EnumSet.of(Account.UNKNOWN),
                command.billed() ? Account.REPORTED : Account.REFUSED,
                (ref, record) -> new UsageRecordSettled(
                        state.instanceId(),
                        ref,
                        record.amount(),
                        record.state().label(),
                        command.billed(),
                        command.by(),
                        command.decidedAt()));
    }

    /**
     * The amount goes into another window, within the life as it is now; if none is left, nothing happens. What was drawn from a package goes
     * back into it, and is drawn anew from those that can be drawn from now.
     */
    static Decision decide(InstanceState state, ReissueUsageRecord command, SellerPolicy policy) {
        Decision moved = move(
                state,
                command.meteringSn(),
                EnumSet.of(Account.REFUSED, Account.DISPUTED),
                Account.CARRIED,
                (ref, record) -> new UsageRecordReissued(
                        state.instanceId(),
                        ref,
                        record.amount(),
                        record.state().label(),
                        command.by(),
                        command.decidedAt()));
        if (!(moved instanceof Decision.AlreadyDone) && duplicateListed(state, command.meteringSn())) {
            return new Decision.Refused(
                    "duplicate-listed",
                    "the marketplace lists a second copy of record " + command.meteringSn()
                            + " as a duplicate, so the first copy stands and is billed");
        }
        if (moved.events().isEmpty()) {
            return moved;
        }
        HourEntry entry = state.recent().hourOfRecord(command.meteringSn()).orElseThrow();
        RecordEntry record = entry.record(command.meteringSn());
        if (command.decidedAt().isBefore(entry.hour().end())) {
            return new Decision.Refused(
                    "hour-not-over", "hour " + entry.hour() + " is not over at " + command.decidedAt());
        }
        Optional<PackageDrawDownReversed> reversal = PackageRules.reversal(state, record, command.decidedAt());
        if (record.packageInstanceId() != null && reversal.isEmpty()) {
            return new Decision.Refused(
                    "package-forgotten",
                    "its amount was drawn from package " + record.packageInstanceId()
                            + ", which was used up too long ago; settle it with the buyer, and write it off here");
        }
        InstanceState before = reversal.isPresent() ? state.evolve(reversal.get()) : state;
        return reissued(before, command, entry, moved, reversal, policy);
    }

    /**
     * @param before with the amount back in its package
     */
    private static Decision reissued(
            InstanceState before,
            ReissueUsageRecord command,
            HourEntry entry,
            Decision moved,
            Optional<PackageDrawDownReversed> reversal,
            SellerPolicy policy) {
        RecordEntry record = entry.record(command.meteringSn());
        // of a plain record only what held when it was used: no package of later pays for it
        PackagePolicy packages = reversal.isPresent() ? policy.packages().forPrepaidUsage() : policy.packages();
        boolean prepaid = before.packages().prepaidAt(record.window().begin());
        List<Charge> choice = before.stretches(entry.hour()).stream()
                .flatMap(stretch -> stretch.window().stream())
                .filter(window -> window.begin().isBefore(record.window().end())
                        && record.window().begin().isBefore(window.end()))
                .filter(window -> before.packages().prepaidAt(window.begin()) == prepaid)
                .map(window -> new Charge(
                        entry.hour(),
                        record.revision(),
                        window,
                        command.decidedAt(),
                        policy.forAPerson().with(packages)))
                .toList();
        if (choice.isEmpty()) {
            return new Decision.Refused(
                    "no-billable-window", "no second of its window is billable any more: " + record.window());
        }
        Charge.Outcome outcome = Charge.inFirstOf(choice, before, record.amount());
        if (outcome.withheldBecause() != null) {
            return new Decision.Refused("no-window", "it cannot be issued again: " + outcome.withheldBecause());
        }
        if (outcome.withholdsUsage()) {
            return reversal.map(UsageRecordRules::noPackagePays)
                    .orElseGet(() ->
                            new Decision.Refused("no-window", "it would be withheld: no package holds it any more"));
        }
        List<InstanceEvent> events = new ArrayList<>(moved.events());
        reversal.ifPresent(events::add);
        events.addAll(outcome.events());
        return new Decision.Done(events);
    }

    private static Decision noPackagePays(PackageDrawDownReversed reversal) {
        return new Decision.Refused(
                "no-package-pays",
                "it was drawn from package " + reversal.packageInstanceId()
                        + ", and the packages that can be drawn from now do not hold all of it;"
                        + " issue it again once one is unfrozen or bought, or write it off");
    }

    /** Moves a record to {@code to} if it is in one of {@code from}; a record that is there already is left alone. */
    static Decision move(
            InstanceState state,
            MeteringSn meteringSn,
            Set<Account> from,
            Account to,
            BiFunction<RecordRef, RecordEntry, InstanceEvent> event) {
        Optional<HourEntry> hour = state.recent().hourOfRecord(meteringSn);
        if (hour.isEmpty()) {
            return noSuchRecord(state, meteringSn);
        }
        RecordEntry record = hour.get().record(meteringSn);
        if (record.state() == to && !from.contains(to)) {
            return new Decision.AlreadyDone();
        }
        if (!from.contains(record.state())) {
            return new Decision.Refused(
                    "record-settled-otherwise",
                    "record " + meteringSn + " is " + record.state().label() + " and cannot become " + to.label());
        }
        RecordRef ref = new RecordRef(meteringSn.value(), hour.get().hour().start(), record.revision());
        return new Decision.Done(List.of(event.apply(ref, record)));
    }

    private static Decision noSuchRecord(InstanceState state, MeteringSn meteringSn) {
        return new Decision.Refused(
                "no-such-record", "instance " + state.instanceId() + " has issued no record " + meteringSn);
    }
}
