package io.hourledger.pusher;

import io.hourledger.ledger.projection.WithheldUsage;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.hourledger.pusher.push.PushLoops;
import io.hourledger.pusher.push.PushStatus;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Says how pushing goes, for an SRE. Out of service when pushing is suspended, when another database pushes in its place, when the marketplace accepts nothing from us, or when records are
 * due and nothing was accepted for too long, whatever the reason; otherwise up with the facts.
 */
@Component("push")
final class PushHealth implements HealthIndicator {

    private final PushLoops loops;
    private final WithheldUsage withheld;
    private final PostgresLedgerFeed feed;
    private final Clock businessTime;

    PushHealth(PushLoops loops, WithheldUsage withheld, PostgresLedgerFeed feed, Clock businessTime) {
        this.loops = loops;
        this.withheld = withheld;
        this.feed = feed;
        this.businessTime = businessTime;
    }

    @Override
    public Health health() {
        Map<String, PushStatus> byAccount = loops.byAccount();
        PushStatus status = loops.status();
        PushStatus.Halt halt = status.halt();
        PushStatus.Stalled stalled = halt.stalled();
        Health.Builder health = halt.isNone() ? Health.up() : Health.outOfService();
        if (halt.stoppedBecause() != null) {
            health.withDetail("stoppedBecause", halt.stoppedBecause());
        }
        if (halt.suspendedBecause() != null) {
            health.withDetail("suspendedBecause", halt.suspendedBecause())
                    .withDetail(
                            "toResume",
                            "./metering ledger reconcile, see docs/restore.md; of one account alone ./metering account resume");
        }
        if (halt.supersededBecause() != null) {
            health.withDetail("supersededBecause", halt.supersededBecause())
                    .withDetail("toGoOn", "./metering ledger incarnation, see docs/restore.md");
        }
        if (stalled != null) {
            health.withDetail("nothingAcceptedFor", stalled.since().toString())
                    .withDetail("waitsFor", stalled.waitsFor())
                    .withDetail("lastAnswer", String.valueOf(stalled.lastAnswer()))
                    .withDetail("whatToDo", stalled.whatToDo());
        }
        if (status.inShadow()) {
            health.withDetail(
                    "inShadow", "nothing is reported: another system does, until ./metering marketplace go-live");
        }
        Map<String, Long> waiting = feed.deadLetters();
        if (!waiting.isEmpty()) {
            health.withDetail("instancesWithDeadLetters", waiting)
                    .withDetail("toSeeDeadLetters", "./metering ledger dead-letters list, see docs/ledger.md");
        }
        if (byAccount.size() > 1) {
            health.withDetail("accounts", halts(byAccount));
        }
        health.withDetail("lease", status.lease().text())
                .withDetail("recordsInTime", status.queue().inTime())
                .withDetail("recordsLate", status.queue().late())
                .withDetail("recordsForAPerson", status.queue().needReview())
                .withDetail(
                        "withheldHoursForAPerson",
                        withheld.open().stream()
                                .mapToLong(WithheldUsage.Open::hours)
                                .sum())
                .withDetail("callsPerSecond", status.limits().callsPerSecond())
                .withDetail("recordsInACall", status.limits().mostRecordsInACall());
        if (status.lastAcceptedAt() != null) {
            health.withDetail("lastPushAt", status.lastAcceptedAt().toString());
        }
        if (status.queue().oldestUnreportedBegin() != null) {
            health.withDetail(
                            "oldestUnreportedHour",
                            status.queue().oldestUnreportedBegin().toString())
                    .withDetail(
                            "oldestUnreportedAge",
                            Duration.between(status.queue().oldestUnreportedBegin(), businessTime.instant())
                                    .toString());
        }
        return health.build();
    }

    /** Of each seller account why nothing of it is pushed, or that it is. */
    private static Map<String, String> halts(Map<String, PushStatus> byAccount) {
        Map<String, String> halts = new LinkedHashMap<>();
        byAccount.forEach((account, status) -> {
            PushStatus.Halt halt = status.halt();
            String why = Stream.of(halt.suspendedBecause(), halt.supersededBecause(), halt.stoppedBecause())
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(halt.stalled() == null ? "" : "stalled");
            halts.put(account, halt.isNone() ? "UP" : "OUT_OF_SERVICE: " + why);
        });
        return halts;
    }
}
