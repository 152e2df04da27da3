package io.hourledger.pusher;

import io.hourledger.pusher.push.PushLoop;
import java.time.Clock;
import java.time.Duration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Says how pushing goes, for an SRE. Out of service when pushing is held, when the marketplace accepts nothing from us, or when records are
 * due and nothing was accepted for too long, whatever the reason; otherwise up with the facts.
 */
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
        PushLoop.Stalled stalled = status.stalled();
        Health.Builder health = status.stoppedBecause() == null && status.heldBecause() == null && stalled == null
                ? Health.up()
                : Health.outOfService();
        if (status.stoppedBecause() != null) {
            health.withDetail("stoppedBecause", status.stoppedBecause());
        }
        if (status.heldBecause() != null) {
            health.withDetail("heldBecause", status.heldBecause())
                    .withDetail("toLift", "./metering ledger reconcile, see docs/restore.md");
        }
        if (stalled != null) {
            health.withDetail("nothingAcceptedFor", stalled.since().toString())
                    .withDetail("waitsFor", stalled.waitsFor())
                    .withDetail("lastAnswer", String.valueOf(stalled.lastAnswer()))
                    .withDetail("whatToDo", stalled.whatToDo());
        }
        health.withDetail("lease", status.lease())
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
