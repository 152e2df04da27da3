package io.hourledger.ledger.instance;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.hourledger.contracts.gallery.BillableAmount;
import io.hourledger.contracts.gallery.MeteringSn;
import io.hourledger.contracts.gallery.UsageWindow;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceEvent.RemainderWrittenOff;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.ledger.Decision;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * An hour is metered once per revision, and what becomes of it is decided in the same moment: usage records are issued, or the reason is kept
 * why not.
 */
final class Metering {

    private static final BigInteger SECONDS_OF_AN_HOUR = BigInteger.valueOf(3600);

    private static final List<Rule<MeterHour>> RULES = List.of(
            new Rule<>(
                    "wrong-meter",
                    "an instance has one meter, and the hour was counted by another",
                    (state, command) -> !command.meter().equals(state.origin().meter())),
            new Rule<>("hour-not-over", "an hour is metered after its end", (state, command) -> command.closedAt()
                    .isBefore(command.hour().end())),
            new Rule<>(
                    "credit-without-charge",
                    "only a later revision of an hour can be below zero",
                    (state, command) ->
                            command.revision() == 0 && command.amount().signum() < 0),
            new Rule<>(
                    "hours-in-order",
                    "the first revisions of an instance's hours come in the order of the hours",
                    (state, command) -> command.revision() == 0
                            && state.recent()
                                    .latest()
                                    .filter(latest -> command.hour().compareTo(latest) < 0)
                                    .isPresent()),
            new Rule<>("revisions-in-order", "the revisions of an hour come in their order", (state, command) -> {
                SortedMap<Integer, BigDecimal> metered =
                        state.recent().entry(command.hour()).metered();
                return !metered.isEmpty() && command.revision() < metered.lastKey();
            }));

    private Metering() {}

    static Decision decide(InstanceState state, MeterHour command, SellerPolicy policy) {
        BigDecimal before = state.recent().entry(command.hour()).metered().get(command.revision());
        if (before != null) {
            return before.compareTo(command.amount()) == 0
                    ? new Decision.AlreadyDone()
                    : new Decision.Refused(
                            "hour-metered-otherwise",
                            "hour " + command.hour() + " revision " + command.revision() + " was metered with "
                                    + before.toPlainString());
        }
        Optional<Decision.Refused> refusal = Rule.firstBroken(RULES, state, command);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        List<InstanceEvent> events = new ArrayList<>();
        events.add(metered(command));
        if (command.amount().signum() != 0) {
            events.addAll(fate(state, command, policy));
        }
        return new Decision.Done(events);
    }

    /** What becomes of an amount that was just metered. */
    private static List<InstanceEvent> fate(InstanceState state, MeterHour command, SellerPolicy policy) {
        Optional<String> always = Withholding.always(state.origin());
        if (always.isPresent()) {
            return List.of(withheld(command, always.get()));
        }
        Life.Verdict verdict = state.life().judge(command.hour(), command.firstEventAt(), command.lastEventAt());
        if (verdict instanceof Life.Verdict.Bill bill) {
            return billed(state, command, bill.stretch(), policy);
        }
        return List.of(withheld(command, ((Life.Verdict.Withhold) verdict).reason()));
    }

    private static List<InstanceEvent> billed(
            InstanceState state, MeterHour command, UsageWindow stretch, SellerPolicy policy) {
        BigDecimal due = state.totals().in(Account.CARRIED).add(command.amount());
        if (due.signum() < 0) {
            return List.of();
        }
        BillableAmount billable = BillableAmount.of(due);
        if (!billable.reportable()) {
            return writeOffRemainder(state, command, due);
        }
        BigInteger count = AmountCut.count(billable.billed());
        if (count.compareTo(SECONDS_OF_AN_HOUR) > 0) {
            return List.of(withheld(command, Withholding.NO_WINDOW_LEFT));
        }
        List<UsageWindow> used = state.recent().entry(command.hour()).usedWindows();
        Optional<List<UsageWindow>> windows =
                WindowAllotment.allot(stretch, used, count.intValueExact(), policy.lateWindow());
        if (windows.isEmpty()) {
            boolean held = !used.isEmpty() && policy.lateWindow() == SellerPolicy.LateWindow.HOLD;
            return List.of(withheld(command, held ? Withholding.LATE_WINDOW : Withholding.NO_WINDOW_LEFT));
        }
        List<InstanceEvent> events = new ArrayList<>(issued(command, due, billable, windows.get()));
        events.addAll(writeOffRemainder(state, command, billable.carried()));
        return events;
    }

    private static List<UsageRecordIssued> issued(
            MeterHour command, BigDecimal due, BillableAmount billable, List<UsageWindow> windows) {
        List<UsageRecordIssued> records = new ArrayList<>(windows.size());
        List<BigDecimal> pieces = AmountCut.pieces(billable.billed());
        BigDecimal left = due;
        for (int i = 0; i < windows.size(); i++) {
            UsageWindow window = windows.get(i);
            left = left.subtract(pieces.get(i));
            records.add(new UsageRecordIssued(
                    command.instanceId().value(),
                    MeteringSn.of(command.instanceId().value(), window).value(),
                    command.hour().start(),
                    command.revision(),
                    window.begin(),
                    window.end(),
                    pieces.get(i),
                    BillableAmount.canonical(left),
                    command.closedAt().truncatedTo(SECONDS),
                    null));
        }
        return records;
    }

    /** An instance that has ended has no next record to carry anything to. */
    private static List<InstanceEvent> writeOffRemainder(InstanceState state, MeterHour command, BigDecimal remainder) {
        Instant releasedAt = state.life().releasedAt();
        boolean last = releasedAt != null && releasedAt.isBefore(command.hour().end());
        return last && remainder.signum() != 0
                ? List.of(new RemainderWrittenOff(
                        command.instanceId().value(), remainder, "released", command.closedAt()))
                : List.of();
    }

    private static HourMetered metered(MeterHour command) {
        return new HourMetered(
                command.instanceId().value(),
                command.hour().start(),
                command.revision(),
                command.meter(),
                command.amount(),
                command.eventCount(),
                command.firstEventAt(),
                command.lastEventAt(),
                command.partition(),
                command.firstOffset(),
                command.lastOffset(),
                command.catalogueVersion(),
                command.closedAt());
    }

    private static UsageWithheld withheld(MeterHour command, String reason) {
        return new UsageWithheld(
                command.instanceId().value(),
                command.hour().start(),
                command.revision(),
                command.amount(),
                reason,
                command.closedAt());
    }
}
