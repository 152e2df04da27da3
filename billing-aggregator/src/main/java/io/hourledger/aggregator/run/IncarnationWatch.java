package io.hourledger.aggregator.run;

import io.hourledger.aggregator.consumer.ConsumerGroup;
import io.hourledger.aggregator.consumer.HaltStore;
import io.hourledger.aggregator.consumer.HaltStore.Halt;
import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.aggregator.journal.KafkaCutoffJournal;
import io.hourledger.ledger.installation.Installation;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes this process out of the group while another database closes hours for the same installation, and back when this one is in force. A
 * database that is superseded so holds no partition, and its partitions are stored as halted.
 */
final class IncarnationWatch {

    private static final Logger log = LoggerFactory.getLogger(IncarnationWatch.class);

    private final Installation installation;
    private final @Nullable KafkaCutoffJournal cutoffs;
    private final Set<UUID> readsBeside;
    private final ConsumerGroup group;
    private final HaltStore halts;
    private final int partitions;
    private final Clock clock;

    private volatile Set<UUID> unnamed = Set.of();
    private volatile boolean ownsLog;
    private volatile @Nullable String superseded;

    /**
     * @param cutoffs null if none are journaled: then nobody else is noticed
     * @param readsBeside installations that read the same usage log and are no alarm
     */
    IncarnationWatch(
            Installation installation,
            @Nullable KafkaCutoffJournal cutoffs,
            Set<UUID> readsBeside,
            ConsumerGroup group,
            HaltStore halts,
            int partitions,
            Clock clock) {
        this.installation = installation;
        this.cutoffs = cutoffs;
        this.readsBeside = readsBeside;
        this.group = group;
        this.halts = halts;
        this.partitions = partitions;
        this.clock = clock;
    }

    void look() {
        Optional<String> why = whyNot();
        superseded = why.orElse(null);
        if (why.isEmpty()) {
            group.join();
            // also those whose loading has found it out before this watch did
            halts.allGoOn(HaltReason.SUPERSEDED);
        } else {
            group.leave();
            storeHalts(why.get());
        }
    }

    private Optional<String> whyNot() {
        Optional<String> why = installation.look().whyNot();
        if (why.isPresent() || cutoffs == null) {
            ownsLog = why.isEmpty();
            return why;
        }
        Optional<String> byCutoffs = cutoffs.whySuperseded();
        ownsLog = byCutoffs.isEmpty() && cutoffs.isOwner();
        alarm(cutoffs.unnamed(readsBeside));
        return byCutoffs;
    }

    private void alarm(Set<UUID> others) {
        if (!others.equals(unnamed) && !others.isEmpty()) {
            log.atError()
                    .addKeyValue("installations", others)
                    .log("other installations close hours of the same usage log; what they write is ignored");
        }
        unnamed = others;
    }

    /** Not over a halt of another reason: that one stays when this one is over. */
    private void storeHalts(String why) {
        for (int partition = 0; partition < partitions; partition++) {
            if (!halts.isHalted(partition)) {
                halts.halted(partition, new Halt(HaltReason.SUPERSEDED, why, clock.instant()));
            }
        }
    }

    /** Whether this database speaks for the usage log: it is in force, and others read the log beside it. */
    boolean ownsLog() {
        return ownsLog;
    }

    /** Why this process stays out of the group; empty if it is in it. */
    Optional<String> supersededBecause() {
        return Optional.ofNullable(superseded);
    }

    void measure(MeterRegistry registry) {
        Gauge.builder("usage.aggregator.superseded", this, watch -> watch.superseded == null ? 0 : 1)
                .description(
                        "1 while another database closes hours for this installation, so that this process does not")
                .register(registry);
        Gauge.builder("usage.aggregator.foreign.installations", this, watch -> watch.unnamed.size())
                .description("installations that close hours of the same usage log and are not named by reads-beside")
                .register(registry);
        Gauge.builder(
                        "usage.aggregator.incarnation.seen.age",
                        installation,
                        looked -> looked.sinceLook().toMillis() / 1000.0)
                .description("time since it was last known whether this database is in force")
                .baseUnit("seconds")
                .register(registry);
    }
}
