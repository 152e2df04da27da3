package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand.NoticeThresholdReached;
import io.hourledger.contracts.instance.InstanceEvent.ThresholdReached;
import java.util.List;

/** That usage has come to a percentage of a threshold is noticed once a period or package. Nothing else follows from it. */
final class ThresholdRules {

    private ThresholdRules() {}

    static Decision decide(InstanceState state, NoticeThresholdReached command) {
        String packageId = command.threshold().packageInstanceId();
        boolean isLongOver =
                packageId != null && state.packages().find(packageId).isEmpty();
        if (isLongOver || state.thresholds().knows(command.threshold(), command.percent())) {
            return new Decision.AlreadyDone();
        }
        return new Decision.Done(List.of(new ThresholdReached(
                state.instanceId(),
                command.threshold(),
                command.percent(),
                command.limit(),
                command.amount(),
                command.stop(),
                command.reachedAt())));
    }
}
