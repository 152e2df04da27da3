package io.hourledger.ledger.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDisputed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDuplicateListed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReissued;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** Invariants 2, 3, 5 and 6 after any commands in any order, with any repeats. */
@Tag("fast")
class NothingVanishesTest {

    /** A command that may need to know what was issued so far. */
    record Step(int kind, int hour, int revision, BigDecimal amount, int choice) {}

    @Property(tries = 500)
    void every_amount_is_in_one_place_and_every_window_is_used_once(
            @ForAll("histories") List<Step> history, @ForAll LateWindow lateWindow) {
        InstanceDecider decider = new InstanceDecider(SellerPolicy.CAUTIOUS.with(lateWindow));
        InstanceState bounded = null;
        InstanceState unbounded = null;
        List<InstanceEvent> stream = new ArrayList<>();
        for (Step step : history) {
            InstanceCommand command = command(step, stream);
            Decision decision = decider.decide(InstanceHistory.remembering(bounded, stream, command), command);

            assertThat(decider.decide(unbounded, command))
                    .as("an instance that forgets decides like one that never does")
                    .isEqualTo(decision);
            if (decision instanceof Decision.Done done) {
                for (InstanceEvent event : done.events()) {
                    stream.add(event);
                    bounded = InstanceState.after(bounded, event);
                    unbounded = event instanceof InstanceOpened opened
                            ? InstanceState.opened(opened, Integer.MAX_VALUE)
                            : unbounded.evolve(event);
                }
                assertThat(bounded.totals().balanced()).isTrue();
                assertThat(withheldInHours(unbounded))
                        .as("whatever is withheld is withheld in some hour, so that it can be billed or written off")
                        .isEqualByComparingTo(unbounded.totals().in(Account.WITHHELD));
                assertThat(bounded.recent().hours().values().stream().filter(hour -> !hour.hasRecordInFlight()))
                        .as("nothing is remembered but the latest hours and those with a record on its way")
                        .hasSizeLessThanOrEqualTo(RecentHours.STORED);
                assertThat(decider.decide(InstanceHistory.remembering(bounded, stream, command), command))
                        .as("a command that is repeated does nothing")
                        .isNotInstanceOf(Decision.Done.class);
            }
        }
        assertThat(metered(stream)).isEqualByComparingTo(expected(bounded));
        assertThat(windowsUsedTwice(stream)).isEmpty();
        assertThat(issuedAgainThoughListedAsDuplicate(stream)).isEmpty();
    }

    private static InstanceCommand command(Step step, List<InstanceEvent> stream) {
        List<UsageRecordIssued> records = stream.stream()
                .filter(UsageRecordIssued.class::isInstance)
                .map(UsageRecordIssued.class::cast)
                .toList();
        MeteringSn sn = records.isEmpty()
                ? Given.sn("i", step.hour())
                : new MeteringSn(
                        records.get(step.choice() % records.size()).record().meteringSn());
        Instant moment = Given.at(step.hour(), step.choice() * 7);
        String packageId = "package-" + step.choice() % 12;
        return switch (step.kind()) {
            case 0 -> Given.open("i");
            case 1 -> Given.report("i", sn);
            case 2 -> Given.refuse("i", sn);
            case 3 -> step.choice() % 6 == 0 ? upgrade(step, moment) : Given.doubt("i", sn);
            case 4 ->
                switch (step.choice() % 10) {
                    case 0 -> Given.release("i", moment);
                    case 1, 2, 3 -> Given.listDuplicate("i", sn, "010");
                    default -> Given.dispute("i", sn);
                };
            case 5 -> Given.freeze("i", moment);
            case 6 -> Given.unfreeze("i", moment);
            case 7 -> step.choice() % 2 == 0 ? Given.expire("i", moment) : Given.renew("i", "o" + step.hour(), moment);
            case 8 ->
                step.choice() % 4 != 0
                        ? Given.reissue("i", sn)
                        : Given.addPackage(
                                "i",
                                packageId,
                                step.amount()
                                        .abs()
                                        .add(BigDecimal.ONE)
                                        .setScale(2, RoundingMode.UP)
                                        .toPlainString());
            case 9 -> step.choice() % 2 == 0 ? Given.writeOff("i", sn) : Given.writeOffRemainder("i");
            case 10 -> Given.settle("i", sn, step.choice() % 2 == 0);
            case 11 -> Given.billWithheld("i", step.hour(), step.revision());
            case 12 -> Given.writeOffWithheld("i", step.hour(), step.revision());
            case 13 ->
                Given.recount(
                        "i",
                        step.hour(),
                        Given.part(
                                Given.at(step.hour(), 0),
                                Given.at(step.hour(), 7 * step.choice() + 1),
                                halfOf(withheldIn(step.hour(), stream)).toPlainString()),
                        Given.part(
                                Given.at(step.hour(), 7 * step.choice() + 1),
                                Given.at(step.hour(), 3600),
                                halfOf(withheldIn(step.hour(), stream)).toPlainString()));
            default ->
                Given.meter("i", step.hour(), step.revision(), step.amount().toPlainString());
        };
    }

    private static InstanceCommand upgrade(Step step, Instant at) {
        Product product = new Product(
                "P-" + step.choice() % 3,
                "egress",
                step.choice() % 4 == 0 ? ChargingMode.PERIOD : ChargingMode.ON_DEMAND,
                step.hour() % 2 == 0 ? PricingMode.VOLUME : PricingMode.FIXED,
                BillingCycle.HOURLY);
        return new UpgradeInstance(new InstanceId("i"), "up-" + step.hour(), product, at);
    }

    private static BigDecimal withheldIn(int hour, List<InstanceEvent> stream) {
        return stream.stream()
                .filter(event -> event instanceof UsageWithheld withheld
                        && withheld.revision() == 0
                        && withheld.hour().equals(Given.hour(hour).start()))
                .map(event -> ((UsageWithheld) event).amount())
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal halfOf(BigDecimal amount) {
        return amount.multiply(new BigDecimal("0.5"));
    }

    /** What a person or a recount can still reach. */
    private static BigDecimal withheldInHours(InstanceState state) {
        return state.recent().hours().values().stream()
                .flatMap(hour -> hour.withheld().values().stream())
                .map(WithheldEntry::amount)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal metered(List<InstanceEvent> stream) {
        return stream.stream()
                .filter(HourMetered.class::isInstance)
                .map(event -> ((HourMetered) event).amount())
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal expected(InstanceState state) {
        return state == null
                ? BigDecimal.ZERO
                : state.totals().metered().add(state.totals().credits());
    }

    private static List<InstanceEvent> windowsUsedTwice(List<InstanceEvent> stream) {
        Set<String> windows = new HashSet<>();
        return stream.stream()
                .filter(event -> event instanceof UsageRecordIssued issued
                        && !windows.add(
                                issued.window().begin() + "/" + issued.window().end()))
                .toList();
    }

    /** Records whose last word before the reissue was that the marketplace has a second copy. */
    private static Set<String> issuedAgainThoughListedAsDuplicate(List<InstanceEvent> stream) {
        Set<String> listed = new HashSet<>();
        Set<String> again = new HashSet<>();
        for (InstanceEvent event : stream) {
            if (event instanceof UsageRecordDuplicateListed duplicate) {
                listed.add(duplicate.record().meteringSn());
            } else if (event instanceof UsageRecordDisputed disputed) {
                listed.remove(disputed.record().meteringSn());
            } else if (event instanceof UsageRecordReissued reissued
                    && listed.contains(reissued.record().meteringSn())) {
                again.add(reissued.record().meteringSn());
            }
        }
        return again;
    }

    @Provide
    Arbitrary<List<Step>> histories() {
        Arbitrary<BigDecimal> amounts = Arbitraries.oneOf(
                Arbitraries.bigDecimals()
                        .between(BigDecimal.ZERO, new BigDecimal("3"))
                        .ofScale(6),
                Arbitraries.bigDecimals()
                        .between(new BigDecimal("-2"), new BigDecimal("0.0002"))
                        .ofScale(7),
                Arbitraries.bigDecimals()
                        .between(BigDecimal.ZERO, new BigDecimal("400000000"))
                        .ofScale(5));
        Arbitrary<Step> steps = Combinators.combine(
                        Arbitraries.integers().between(0, 28),
                        Arbitraries.integers().between(0, 34),
                        Arbitraries.integers().between(0, 3),
                        amounts,
                        Arbitraries.integers().between(0, 500))
                .as(Step::new);
        return steps.list().ofMinSize(1).ofMaxSize(80).map(list -> {
            List<Step> opened = new ArrayList<>(list);
            opened.add(0, new Step(0, 0, 0, BigDecimal.ZERO, 0));
            return opened;
        });
    }
}
