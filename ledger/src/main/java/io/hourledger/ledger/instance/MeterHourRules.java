package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.marketplace.UsageWindow;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * An hour is metered once per revision, and what becomes of it is decided in the same moment: usage records are issued, or the reason is kept
 * why not.
 */
final class MeterHourRules {

    /** Asked before anything else: an hour of another meter is never a repeat, even with an equal amount. */
    private static final List<Rule<MeterHour>> METER = List.of(new Rule<>(
            "wrong-meter",
            "an instance has one meter, and the hour was counted by another",
            (state, command) ->
                    !command.countedBy().meter().equals(state.origin().product().meter())));

    private static final List<Rule<MeterHour>> RULES = List.of(
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

    private MeterHourRules() {}

    static Decision decide(InstanceState state, MeterHour command, SellerPolicy policy) {
        Optional<Decision.Refused> wrongMeter = Rule.firstBroken(METER, state, command);
        if (wrongMeter.isPresent()) {
            return wrongMeter.get();
        }
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
        events.addAll(fate(state, command, policy));
        return new Decision.Done(events);
    }

    /** What becomes of an amount that was just metered. Of nothing, nothing becomes, but for an hour that has two sides. */
    private static List<InstanceEvent> fate(InstanceState state, MeterHour command, SellerPolicy policy) {
        boolean isNothing = command.amount().signum() == 0;
        Optional<String> always = WithholdReason.always(state, command.hour());
        if (always.isPresent()) {
            return isNothing ? List.of() : List.of(withheld(command, always.get()));
        }
        List<Life.Stretch> billable = state.stretches(command.hour());
        Life.Verdict verdict = command.revision() > 0 && state.life().splits(command.hour(), billable, policy)
                ? new Life.Verdict.Withhold(WithholdReason.MIXED_HOUR)
                : state.life().assess(command.hour(), command.events(), billable, policy);
        // a reading of 0 outside the life may hide what lies within: only the log can tell
        if (isNothing && !verdict.equals(new Life.Verdict.Withhold(WithholdReason.MIXED_HOUR))) {
            return List.of();
        }
        return switch (verdict) {
            case Life.Verdict.Withhold(String reason) -> List.of(withheld(command, reason));
            case Life.Verdict.Bill(UsageWindow stretch) -> {
                Charge charge = new Charge(
                        command.hour(), command.revision(), stretch, command.closedAt(), command.enteredAt(), policy);
                Charge.Outcome outcome = charge.of(state, command.amount());
                String reason = outcome.withheldBecause();
                yield reason == null ? outcome.events() : List.of(withheld(command, reason));
            }
        };
    }

    private static HourMetered metered(MeterHour command) {
        return new HourMetered(
                command.instanceId().value(),
                command.hour().start(),
                command.revision(),
                command.countedBy(),
                command.amount(),
                command.events(),
                command.log(),
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
