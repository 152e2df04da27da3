package io.hourledger.ledger.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceCommand.ReissueUsageRecord;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawDownReversed;
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawnDown;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReissued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordWrittenOff;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.ledger.instance.Life.Stretch;
import io.hourledger.ledger.instance.PackagePolicy.Beyond;
import io.hourledger.ledger.instance.PackagePolicy.Coverage;
import io.hourledger.ledger.instance.PackagePolicy.Order;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** Usage is drawn from packages once, never beyond what they hold, and never from one that did not cover it; whatever comes in whatever order. */
@Tag("fast")
class PackageSumsTest {

    private static final int HOURS = 6;
    private static final int MINUTES = 60;
    private static final int METER = 11;

    /** Usage of each minute of each hour, in units of the fifth decimal. */
    record Usage(List<Integer> ofMinutes) {

        BigDecimal in(int hour, Stretch stretch) {
            BigDecimal sum = BigDecimal.ZERO;
            for (int minute = 0; minute < MINUTES; minute++) {
                if (!Given.at(hour, 60 * minute).isBefore(stretch.from())
                        && Given.at(hour, 60 * minute).isBefore(stretch.to())) {
                    sum = sum.add(BigDecimal.valueOf(ofMinutes.get(hour * MINUTES + minute), 5));
                }
            }
            return sum;
        }

        BigDecimal in(int hour) {
            return in(hour, new Stretch(Given.at(hour, 0), Given.at(hour + 1, 0)));
        }
    }

    /**
     * @param kind what happens
     * @param which package, or hour
     */
    record Step(int kind, int which, int hour, int minute) {}

    @Property(tries = 400)
    void drawn_and_billed_beyond_and_withheld_and_carried_are_what_was_metered(
            @ForAll("usages") Usage usage,
            @ForAll("steps") List<Step> steps,
            @ForAll Order order,
            @ForAll Beyond beyond) {
        InstanceDecider decider = new InstanceDecider(SellerPolicy.CAUTIOUS
                .with(LateWindow.SHORTER)
                .with(new PackagePolicy(order, beyond, Coverage.FROM_ITS_OPENING, Set.of())));
        List<InstanceEvent> stream = new ArrayList<>();
        InstanceState state = null;
        int nextHour = 0;
        List<InstanceCommand> told = new ArrayList<>(List.of(Given.open("i")));
        for (Step step : withTheEnd(steps)) {
            InstanceCommand command =
                    switch (step.kind()) {
                        case 0 ->
                            Given.addPackage(
                                    "i",
                                    "p" + step.which(),
                                    BigDecimal.valueOf(1 + step.which(), 3).toPlainString(),
                                    Given.at(step.hour(), 60 * step.minute()));
                        case 1 ->
                            Given.freezePackage("i", "p" + step.which(), Given.at(step.hour(), 60 * step.minute()));
                        case 2 ->
                            Given.unfreezePackage("i", "p" + step.which(), Given.at(step.hour(), 60 * step.minute()));
                        case 3 ->
                            Given.releasePackage("i", "p" + step.which(), Given.at(step.hour(), 60 * step.minute()));
                        case 4 -> told.get(step.which() % told.size());
                        case 5 -> recount(state, usage, step.hour());
                        case 6 -> Given.refuse("i", aRecord(stream, step.which()));
                        case 7 -> Given.reissue("i", aRecord(stream, step.which()));
                        case 8 -> Given.writeOff("i", aRecord(stream, step.which()));
                        case 9 ->
                            Given.expirePackage("i", "p" + step.which(), Given.at(step.hour(), 60 * step.minute()));
                        case 10 ->
                            Given.renewPackage(
                                    "i",
                                    "p" + step.which(),
                                    "CS-" + step.hour(),
                                    Given.at(step.hour(), 60 * step.minute()));
                        default ->
                            Given.meter(
                                    "i", nextHour, usage.in(nextHour++ % HOURS).toPlainString());
                    };
            if (nextHour > HOURS) {
                break;
            }
            told.add(command);
            state = decide(decider, state, told.getFirst(), stream);
            state = decide(decider, state, command, stream);
        }

        BigDecimal drawn = sum(stream, true);
        BigDecimal plain = sum(stream, false);
        assertThat(drawn.add(plain)
                        .add(state.totals().in(Account.WITHHELD))
                        .add(state.totals().in(Account.CARRIED))
                        .subtract(reissued(stream)))
                .isEqualByComparingTo(state.totals().metered());
        drawnByPackage(stream).forEach((packageId, taken) -> assertThat(taken)
                .as("what records that may be billed took from " + packageId)
                .isEqualByComparingTo(takenByRecords(stream, packageId)));
    }

    private static MeteringSn aRecord(List<InstanceEvent> stream, int which) {
        List<MeteringSn> records = stream.stream()
                .filter(UsageRecordIssued.class::isInstance)
                .map(event ->
                        new MeteringSn(((UsageRecordIssued) event).record().meteringSn()))
                .toList();
        return records.isEmpty() ? Given.sn("i", 0) : records.get(which % records.size());
    }

    private static BigDecimal reissued(List<InstanceEvent> stream) {
        return stream.stream()
                .filter(UsageRecordReissued.class::isInstance)
                .map(event -> ((UsageRecordReissued) event).amount())
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** All but those that were issued again or written off. */
    private static BigDecimal takenByRecords(List<InstanceEvent> stream, String packageId) {
        Set<String> gone = new HashSet<>();
        for (InstanceEvent event : stream) {
            if (event instanceof UsageRecordReissued reissued) {
                gone.add(reissued.record().meteringSn());
            } else if (event instanceof UsageRecordWrittenOff written) {
                gone.add(written.record().meteringSn());
            }
        }
        return stream.stream()
                .filter(UsageRecordIssued.class::isInstance)
                .map(UsageRecordIssued.class::cast)
                .filter(record -> packageId.equals(record.packageInstanceId())
                        && !gone.contains(record.record().meteringSn()))
                .map(UsageRecordIssued::amount)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** All hours are metered at the end, and all that can be told apart is. */
    private static List<Step> withTheEnd(List<Step> steps) {
        List<Step> all = new ArrayList<>(steps);
        for (int hour = 0; hour < HOURS; hour++) {
            all.add(new Step(METER, 0, hour, 0));
            all.add(new Step(5, 0, hour, 0));
        }
        return all;
    }

    private static InstanceState decide(
            InstanceDecider decider, InstanceState state, InstanceCommand command, List<InstanceEvent> stream) {
        Decision decision = decider.decide(InstanceHistory.remembering(state, stream, command), command);
        InstanceState after = state;
        for (InstanceEvent event : decision.events()) {
            if (event instanceof UsageRecordIssued issued
                    && issued.packageInstanceId() != null
                    && !(command instanceof ReissueUsageRecord)) {
                assertThat(after.packages()
                                .find(issued.packageInstanceId())
                                .orElseThrow()
                                .life()
                                .covers(issued.window().begin()))
                        .isTrue();
            }
            stream.add(event);
            after = InstanceState.after(after, event);
            assertThat(after.totals().balanced()).isTrue();
            after.packages().balances().forEach(balance -> assertThat(balance.left())
                    .isNotNegative());
        }
        assertThat(decider.decide(InstanceHistory.remembering(after, stream, command), command))
                .as("a command that is repeated does nothing")
                .isNotInstanceOf(Decision.Done.class);
        drawnByPackage(stream)
                .forEach((packageId, drawn) -> assertThat(drawn).isLessThanOrEqualTo(contained(stream, packageId)));
        return after;
    }

    /** As the aggregator does it: by the boundaries as they are now. */
    private static InstanceCommand recount(InstanceState state, Usage usage, int hour) {
        List<RecountedPart> parts = new ArrayList<>();
        if (state != null) {
            for (Stretch stretch : state.stretches(Given.hour(hour))) {
                parts.add(new RecountedPart(stretch.from(), stretch.to(), usage.in(hour, stretch)));
            }
        }
        return Given.recount("i", hour, parts.toArray(RecountedPart[]::new));
    }

    private static BigDecimal sum(List<InstanceEvent> stream, boolean fromPackages) {
        return stream.stream()
                .filter(UsageRecordIssued.class::isInstance)
                .map(UsageRecordIssued.class::cast)
                .filter(record -> (record.packageInstanceId() != null) == fromPackages)
                .map(UsageRecordIssued::amount)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static Map<String, BigDecimal> drawnByPackage(List<InstanceEvent> stream) {
        Map<String, BigDecimal> drawn = new HashMap<>();
        for (InstanceEvent event : stream) {
            if (event instanceof PackageDrawnDown down) {
                drawn.merge(down.packageInstanceId(), down.amount(), BigDecimal::add);
            } else if (event instanceof PackageDrawDownReversed reversed) {
                drawn.merge(reversed.packageInstanceId(), reversed.amount().negate(), BigDecimal::add);
            }
        }
        return drawn;
    }

    private static BigDecimal contained(List<InstanceEvent> stream, String packageId) {
        List<PackageAdded> added = stream.stream()
                .filter(event -> event instanceof PackageAdded one
                        && one.packageInstanceId().equals(packageId))
                .map(PackageAdded.class::cast)
                .toList();
        assertThat(added).as("a package is added once").hasSize(1);
        return added.getFirst().amount();
    }

    @Provide
    Arbitrary<Usage> usages() {
        return Arbitraries.integers()
                .between(0, 40)
                .list()
                .ofSize(HOURS * MINUTES)
                .map(Usage::new);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, METER),
                        Arbitraries.integers().between(0, 7),
                        Arbitraries.integers().between(0, HOURS - 1),
                        Arbitraries.integers().between(0, MINUTES - 1))
                .as(Step::new)
                .list()
                .ofMaxSize(40);
    }
}
