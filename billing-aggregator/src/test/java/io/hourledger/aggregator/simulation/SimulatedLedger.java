package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.closing.HourLedger;
import io.hourledger.aggregator.simulation.Model.BucketName;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.ledger.instance.Decision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A ledger that believes nothing: an hour entered again must be the same, and the hours of an instance must come in order. */
final class SimulatedLedger implements HourLedger {

    final Map<BucketName, MeterHour> entered = new HashMap<>();
    private final Map<String, List<MeterHour>> enteredOf = new HashMap<>();
    private final Set<String> open = new HashSet<>();
    private final Set<String> broken = new HashSet<>();
    private final Consumer<MeterHour> check;

    SimulatedLedger(Consumer<MeterHour> check) {
        this.check = check;
    }

    void open(String instance) {
        open.add(instance);
    }

    /** From here on every batch with this instance fails, or no longer does. */
    void breakOrMend(String instance) {
        if (!broken.remove(instance)) {
            broken.add(instance);
        }
    }

    void mendAll() {
        broken.clear();
    }

    @Override
    public List<Decision> enter(List<MeterHour> hours) {
        for (MeterHour hour : hours) {
            if (broken.contains(hour.instanceId().value())) {
                throw new BrokenInstance(hour.instanceId().value());
            }
        }
        List<Decision> decisions = new ArrayList<>();
        for (MeterHour hour : hours) {
            decisions.add(enter(hour));
        }
        return decisions;
    }

    /** A bug that comes with one instance. */
    private static final class BrokenInstance extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenInstance(String instance) {
            super("instance " + instance + " fails, and so does its batch", null, false, false);
        }
    }

    private Decision enter(MeterHour command) {
        check.accept(command);
        String instance = command.instanceId().value();
        if (!open.contains(instance)) {
            return new Decision.UnknownInstance();
        }
        if (instance.equals("refused")) {
            return new Decision.Refused("test", "never");
        }
        BucketName name = new BucketName(
                command.hour(),
                command.revision(),
                instance,
                command.countedBy().meter());
        MeterHour before = entered.get(name);
        if (before != null) {
            if (!before.equals(enteredThen(command, before))) {
                throw new AssertionError("entered twice, but not alike: " + before + " and " + command);
            }
            return new Decision.AlreadyDone();
        }
        List<MeterHour> others = enteredOf.computeIfAbsent(instance, none -> new ArrayList<>());
        for (MeterHour other : others) {
            if (comesBefore(command, other)) {
                throw new AssertionError(command + " comes after " + other);
            }
        }
        others.add(command);
        entered.put(name, command);
        return new Decision.Done(List.of());
    }

    /** The same as if it had been entered when the other was: only the time of the entry may differ. */
    private static MeterHour enteredThen(MeterHour command, MeterHour other) {
        return new MeterHour(
                command.instanceId(),
                command.hour(),
                command.revision(),
                command.countedBy(),
                command.amount(),
                command.events(),
                command.log(),
                new MeterHour.Times(command.closedAt(), other.enteredAt()));
    }

    /** First revisions come by hour, the revisions of one hour by number. */
    private static boolean comesBefore(MeterHour one, MeterHour other) {
        boolean areFirst = one.revision() == 0 && other.revision() == 0;
        return (areFirst && one.hour().compareTo(other.hour()) < 0)
                || (one.hour().equals(other.hour()) && one.revision() < other.revision());
    }

    @Override
    public Map<String, String> meters(Collection<String> instances) {
        Map<String, String> meters = new HashMap<>();
        known(instances).forEach(instance -> meters.put(instance, SimulatedCatalogue.meterOf(instance)));
        return meters;
    }

    @Override
    public Set<String> known(Collection<String> instances) {
        Set<String> known = new HashSet<>(instances);
        known.retainAll(open);
        return known;
    }
}
