package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand.DisputeUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReissueUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.SettleUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffUsageRecord;
import io.hourledger.contracts.instance.InstanceEvent;
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
        return move(
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

    /** The amount goes into another window, within the life as it is now; if none is left, nothing happens. */
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
        if (record.packageInstanceId() != null) {
            return new Decision.Refused(
                    "drawn-from-a-package", "its amount was drawn from package " + record.packageInstanceId());
        }
        if (command.decidedAt().isBefore(entry.hour().end())) {
            return new Decision.Refused(
                    "hour-not-over", "hour " + entry.hour() + " is not over at " + command.decidedAt());
        }
        // only what held when it was used: no package of later pays for it
        SellerPolicy again = policy.forAPerson().with(policy.packages());
        boolean prepaid = state.packages().prepaidAt(record.window().begin());
        List<Charge> choice = state.stretches(entry.hour()).stream()
                .flatMap(stretch -> stretch.window().stream())
                .filter(window -> window.begin().isBefore(record.window().end())
                        && record.window().begin().isBefore(window.end()))
                .filter(window -> state.packages().prepaidAt(window.begin()) == prepaid)
                .map(window -> new Charge(entry.hour(), record.revision(), window, command.decidedAt(), again))
                .toList();
        if (choice.isEmpty()) {
            return new Decision.Refused(
                    "no-billable-window", "no second of its window is billable any more: " + record.window());
        }
        Charge.Outcome outcome = Charge.inFirstOf(choice, state, record.amount());
        if (outcome.withheldBecause() != null) {
            return new Decision.Refused("no-window", "it cannot be issued again: " + outcome.withheldBecause());
        }
        if (outcome.withholdsUsage()) {
            return new Decision.Refused("no-window", "it would be withheld: no package holds it any more");
        }
        List<InstanceEvent> events = new ArrayList<>(moved.events());
        events.addAll(outcome.events());
        return new Decision.Done(events);
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
