package io.hourledger.ledger.instance;

import io.hourledger.contracts.gallery.MeteringSn;
import io.hourledger.contracts.instance.InstanceCommand.DoubtUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDoubted;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordRefused;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReported;
import io.hourledger.ledger.Decision;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** What the marketplace said of a usage record moves it on, and each answer is taken once. */
final class Settling {

    private Settling() {}

    static Decision decide(InstanceState state, ReportUsageRecord command) {
        return move(
                state,
                command.meteringSn(),
                EnumSet.of(Account.IN_FLIGHT, Account.UNKNOWN),
                Account.REPORTED,
                (hour, record) -> new UsageRecordReported(
                        state.instanceId(),
                        record.meteringSn().value(),
                        hour,
                        record.revision(),
                        record.amount(),
                        record.state().label(),
                        command.reportedAt()));
    }

    static Decision decide(InstanceState state, RefuseUsageRecord command) {
        return move(
                state,
                command.meteringSn(),
                EnumSet.of(Account.IN_FLIGHT, Account.UNKNOWN),
                Account.REFUSED,
                (hour, record) -> new UsageRecordRefused(
                        state.instanceId(),
                        record.meteringSn().value(),
                        hour,
                        record.revision(),
                        record.amount(),
                        record.state().label(),
                        command.code(),
                        command.detail(),
                        command.refusedAt()));
    }

    static Decision decide(InstanceState state, DoubtUsageRecord command) {
        return move(
                state,
                command.meteringSn(),
                EnumSet.of(Account.IN_FLIGHT),
                Account.UNKNOWN,
                (hour, record) -> new UsageRecordDoubted(
                        state.instanceId(),
                        record.meteringSn().value(),
                        hour,
                        record.revision(),
                        record.amount(),
                        record.state().label(),
                        command.why(),
                        command.doubtedAt()));
    }

    /** Moves a record to {@code to} if it is in one of {@code from}; a record that is there already is left alone. */
    static Decision move(
            InstanceState state,
            MeteringSn meteringSn,
            Set<Account> from,
            Account to,
            BiFunction<Instant, RecordEntry, InstanceEvent> event) {
        Optional<HourEntry> hour = state.recent().hourOfRecord(meteringSn);
        if (hour.isEmpty()) {
            return new Decision.Refused(
                    "no-such-record", "instance " + state.instanceId() + " has issued no record " + meteringSn);
        }
        RecordEntry record = hour.get().record(meteringSn);
        if (record.state() == to) {
            return new Decision.AlreadyDone();
        }
        if (!from.contains(record.state())) {
            return new Decision.Refused(
                    "record-settled-otherwise",
                    "record " + meteringSn + " is " + record.state().label() + " and cannot become " + to.label());
        }
        return new Decision.Done(List.of(event.apply(hour.get().hour().start(), record)));
    }
}
