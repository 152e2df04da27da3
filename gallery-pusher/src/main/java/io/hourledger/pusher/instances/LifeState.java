package io.hourledger.pusher.instances;

import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.instance.Life.Pause;
import io.hourledger.ledger.instance.WithholdReason;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an instance is now; the first that holds. */
enum LifeState {
    RELEASED,
    EXPIRED,
    FROZEN,
    ACTIVE;

    /** The same in SQL, over {@code ledger.instance}; the index {@code instance_in_state} is made of it. */
    static final String SQL =
            "(case when released_at is not null then 'released' when expired then 'expired' when frozen then 'frozen'"
                    + " else 'active' end)";

    static LifeState of(InstanceView instance) {
        if (instance.releasedAt() != null) {
            return RELEASED;
        }
        if (isPausedBy(instance, WithholdReason.EXPIRED)) {
            return EXPIRED;
        }
        return isPausedBy(instance, WithholdReason.FROZEN) ? FROZEN : ACTIVE;
    }

    private static boolean isPausedBy(InstanceView instance, String reason) {
        return instance.life().pauses().stream()
                .anyMatch((Pause pause) -> pause.to() == null && pause.reason().equals(reason));
    }

    /** As requests and answers spell it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<LifeState> labelled(String label) {
        return Arrays.stream(values())
                .filter(state -> state.label().equals(label))
                .findFirst();
    }
}
