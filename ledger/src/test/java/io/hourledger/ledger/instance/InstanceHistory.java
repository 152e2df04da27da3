package io.hourledger.ledger.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.InstanceDecider.Recall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.axonframework.test.aggregate.ResultValidator;
import org.axonframework.test.matchers.Matchers;

/**
 * One instance and the commands it gets, each through Axon's fixture: given its events so far, the command reaches the handlers of
 * {@link Instance}, and what it answers is what it applied. After every event its amounts must balance.
 */
abstract class InstanceHistory {

    SellerPolicy policy = SellerPolicy.CAUTIOUS;
    InstanceState state;
    final List<InstanceEvent> stream = new ArrayList<>();
    private final AggregateTestFixture<Instance> fixture = newFixture();

    /** Decides a command and goes on with what it changed. */
    Decision when(InstanceCommand command) {
        Decision decision = decide(command);
        stream.addAll(decision.events());
        for (InstanceEvent event : decision.events()) {
            state = InstanceState.after(state, event);
            assertThat(state.totals().balanced()).isTrue();
        }
        return decision;
    }

    private Decision decide(InstanceCommand command) {
        ResultValidator<Instance> validator = fixture(command);
        if (state == null && !(command instanceof OpenInstance)) {
            validator.expectException(AggregateNotFoundException.class).expectNoEvents();
            return new Decision.UnknownInstance();
        }
        AtomicReference<Decision> answer = new AtomicReference<>();
        validator.expectResultMessagePayloadMatching(Matchers.<Decision>matches(decision -> {
            answer.set(decision);
            return true;
        }));
        validator.expectEvents(answer.get().events().toArray());
        return answer.get();
    }

    /** What Axon's fixture says of a command after the instance's history; the history stays as it is. */
    ResultValidator<Instance> fixture(InstanceCommand command) {
        return fixture.given(stream)
                .when(new GenericCommandMessage<>(new GenericMessage<>(command), Instance.commandName(command)));
    }

    private AggregateTestFixture<Instance> newFixture() {
        AggregateTestFixture<Instance> fresh = new AggregateTestFixture<>(Instance.class);
        fresh.registerCommandTargetResolver(message -> new VersionedAggregateIdentifier(
                (Object) ((InstanceCommand) message.getPayload()).instanceId().value(), null));
        fresh.registerInjectableResource(new InstanceDecider(account -> policy));
        HistoryLookup wholeStream = (now, forgotten) -> recalled(now, stream, forgotten);
        fresh.registerInjectableResource(wholeStream);
        return fresh;
    }

    /** What the store does for a command that speaks of something forgotten, done here with the whole stream. */
    static InstanceState remembering(InstanceState state, List<InstanceEvent> stream, InstanceCommand command) {
        Optional<Recall> recall = state == null ? Optional.empty() : InstanceDecider.recallFor(state, command);
        return recall.map(forgotten -> recalled(state, stream, forgotten)).orElse(state);
    }

    private static InstanceState recalled(InstanceState state, List<InstanceEvent> stream, Recall forgotten) {
        if (forgotten instanceof Recall.OfPackage ofPackage) {
            boolean added = stream.stream()
                    .anyMatch(event -> event instanceof PackageAdded one
                            && one.packageInstanceId().equals(ofPackage.packageInstanceId()));
            return added ? state.recallingPackage(ofPackage.packageInstanceId()) : state;
        }
        return hourOf(forgotten, stream)
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
