package io.hourledger.pusher;

import io.hourledger.pusher.push.PushLoop;
import java.time.Clock;
import java.time.Duration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** How pushing goes, for an SRE: out of service when pushing is held or the marketplace accepts nothing from us, otherwise up with the facts. */
@Component("push")
final class PushHealth implements HealthIndicator {

    private final PushLoop loop;
    private final Clock businessTime;

    PushHealth(PushLoop loop, Clock businessTime) {
        this.loop = loop;
        this.businessTime = businessTime;
    }

    @Override
    public Health health() {
        PushLoop.Status status = loop.status();
        Health.Builder health = status.stoppedBecause() == null
                ? Health.up()
                : Health.outOfService().withDetail("stoppedBecause", status.stoppedBecause());
        if (status.heldBecause() != null) {
            health = Health.outOfService()
                    .withDetail("heldBecause", status.heldBecause())
                    .withDetail("toLift", "./metering ledger reconcile, see docs/restore.md");
        }
        health.withDetail("lease", status.leaseHeld() ? "held" : "another pusher has the account")
                .withDetail("recordsInTime", status.inTime())
                .withDetail("recordsLate", status.late())
                .withDetail("recordsForAPerson", status.held())
                .withDetail("callsPerSecond", status.callsPerSecond())
                .withDetail("recordsInACall", status.mostRecordsInACall());
        if (status.lastAcceptedAt() != null) {
            health.withDetail("lastPushAt", status.lastAcceptedAt().toString());
        }
        if (status.oldestUnreportedBegin() != null) {
            health.withDetail(
                            "oldestUnreportedHour",
                            status.oldestUnreportedBegin().toString())
                    .withDetail(
                            "oldestUnreportedAge",
                            Duration.between(status.oldestUnreportedBegin(), businessTime.instant())
                                    .toString());
        }
        return health.build();
    }
}
