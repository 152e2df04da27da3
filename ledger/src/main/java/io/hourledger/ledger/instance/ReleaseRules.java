package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceEvent.InstanceReleased;
import java.util.List;

/** An instance ends once; the first end holds. */
final class ReleaseRules {

    private ReleaseRules() {}

    static Decision decide(InstanceState state, ReleaseInstance command) {
        if (state.life().releasedAt() != null) {
            return new Decision.AlreadyDone();
        }
        if (command.releasedAt().isBefore(state.life().openedAt())) {
            return new Decision.Refused(
                    "released-before-opened",
                    "instance " + state.instanceId() + " was opened at "
                            + state.life().openedAt());
        }
        return new Decision.Done(
                List.of(new InstanceReleased(state.instanceId(), command.orderId(), command.releasedAt())));
    }
}
