package io.hourledger.ledger.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.InstanceDecider.Recall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One instance and the commands it gets; after every event its books must balance. */
abstract class InstanceHistory {

    SellerPolicy policy = SellerPolicy.CAUTIOUS;
    InstanceState state;
    final List<InstanceEvent> stream = new ArrayList<>();

    Decision when(InstanceCommand command) {
        Decision decision = new InstanceDecider(policy).decide(remembering(state, stream, command), command);
        stream.addAll(decision.events());
        for (InstanceEvent event : decision.events()) {
            state = InstanceState.after(state, event);
            assertThat(state.totals().balanced()).isTrue();
        }
        return decision;
    }

    /** What the store does for a command that speaks of something forgotten, done here with the whole stream. */
    static InstanceState remembering(InstanceState state, List<InstanceEvent> stream, InstanceCommand command) {
        Optional<Recall> recall = state == null ? Optional.empty() : InstanceDecider.recallFor(state, command);
        if (recall.isEmpty()) {
            return state;
        }
        if (recall.get() instanceof Recall.OfPackage ofPackage) {
            boolean added = stream.stream()
                    .anyMatch(event -> event instanceof PackageAdded one
                            && one.packageInstanceId().equals(ofPackage.packageInstanceId()));
            return added ? state.recallingPackage(ofPackage.packageInstanceId()) : state;
        }
        return hourOf(recall.get(), stream)
                .map(hour -> state.recalling(hour, state.rememberingAll().told(stream)))
                .orElse(state);
    }

    private static Optional<UsageHour> hourOf(Recall recall, List<InstanceEvent> stream) {
        if (recall instanceof Recall.OfHour ofHour) {
            return Optional.of(ofHour.hour());
        }
        String sn = ((Recall.OfRecord) recall).meteringSn().value();
        return stream.stream()
                .filter(event -> event instanceof UsageRecordIssued issued
                        && issued.record().meteringSn().equals(sn))
                .map(event -> new UsageHour(((UsageRecordIssued) event).record().hour()))
                .findFirst();
    }

    static String rule(Decision decision) {
        return ((Decision.Refused) decision).rule();
    }

    static List<Class<?>> types(Decision decision) {
        return ((Decision.Done) decision)
                .events().stream().<Class<?>>map(Object::getClass).toList();
    }

    static <E> List<E> all(Class<E> type, Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Done.class);
        return ((Decision.Done) decision)
                .events().stream().filter(type::isInstance).map(type::cast).toList();
    }

    static <E> E only(Class<E> type, Decision decision) {
        List<E> events = all(type, decision);
        assertThat(events).hasSize(1);
        return events.get(0);
    }
}
