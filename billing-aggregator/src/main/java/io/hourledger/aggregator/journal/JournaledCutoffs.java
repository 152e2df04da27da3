package io.hourledger.aggregator.journal;

import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.journal.JournalTopic.Entry;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the entries of a topic say of one log, each installation for itself. A fence is the number of an incarnation: what a smaller one writes
 * behind it was never said. Of two cutoffs of one hour the first holds, since it was acted upon.
 */
final class JournaledCutoffs {

    static final String CUTOFF = "cutoff";
    static final String FENCE = "incarnation";

    static final String LOG = "log";
    static final String INSTALLATION = "installation";
    static final String NUMBER = "number";
    static final String TAKES_OVER = "takes-over";

    private final String logId;
    private final Map<UUID, OfInstallation> installations = new LinkedHashMap<>();

    /** What one installation has said. */
    private static final class OfInstallation {
        final Map<Integer, NavigableMap<Long, Cutoff>> cutoffs = new HashMap<>();
        final Set<UUID> takenOver = new HashSet<>();
        long fence;

        @Nullable UUID takenOverBy;

        NavigableMap<Long, Cutoff> of(int partition) {
            return cutoffs.computeIfAbsent(partition, none -> new TreeMap<>());
        }
    }

    JournaledCutoffs(String logId) {
        this.logId = logId;
    }

    void read(Entry entry) {
        if (!logId.equals(entry.facts().get(LOG))) {
            return;
        }
        UUID writer = UUID.fromString(entry.fact(INSTALLATION));
        long number = Long.parseLong(entry.fact(NUMBER));
        OfInstallation said = installations.computeIfAbsent(writer, none -> new OfInstallation());
        if (number < said.fence || said.takenOverBy != null) {
            return;
        }
        switch (entry.kind()) {
            case CUTOFF -> said.of(Integer.parseInt(entry.fact("partition"))).putIfAbsent(hour(entry), cutoff(entry));
            case FENCE -> {
                said.fence = number;
                String other = entry.facts().get(TAKES_OVER);
                if (other != null && !other.equals(writer.toString())) {
                    takeOver(writer, said, UUID.fromString(other));
                }
            }
            default -> {
                // of a newer version, and about something else
            }
        }
    }

    private void takeOver(UUID writer, OfInstallation said, UUID other) {
        OfInstallation before = installations.computeIfAbsent(other, none -> new OfInstallation());
        before.takenOverBy = writer;
        said.takenOver.add(other);
        before.cutoffs.forEach((partition, ofPartition) ->
                ofPartition.forEach((hour, cutoff) -> said.of(partition).putIfAbsent(hour, cutoff)));
    }

    private static long hour(Entry entry) {
        return new UsageHour(Instant.parse(entry.fact("hour"))).number();
    }

    private static Cutoff cutoff(Entry entry) {
        return new Cutoff(
                new UsageHour(Instant.parse(entry.fact("hour"))),
                Long.parseLong(entry.fact("offset")),
                Instant.parse(entry.fact("recorded-at")),
                new UsageHour(Instant.parse(entry.fact("accepts-from"))));
    }

    /** The topic was lost or made anew: only what is in it now is kept. */
    void forget() {
        installations.clear();
    }

    /** Of one partition, by the number of the hour. */
    NavigableMap<Long, Cutoff> of(UUID installation, int partition) {
        return installations
                .computeIfAbsent(installation, none -> new OfInstallation())
                .of(partition);
    }

    /** The largest number of an incarnation that has written; zero if none has. */
    long fence(UUID installation) {
        OfInstallation said = installations.get(installation);
        return said == null ? 0 : said.fence;
    }

    /** Whether it has written anything about this log. */
    boolean knows(UUID installation) {
        OfInstallation said = installations.get(installation);
        return said != null
                && (said.fence > 0 || !said.cutoffs.values().stream().allMatch(Map::isEmpty));
    }

    boolean hasTakenOver(UUID installation, UUID other) {
        OfInstallation said = installations.get(installation);
        return said != null && said.takenOver.contains(other);
    }

    Optional<UUID> takenOverBy(UUID installation) {
        OfInstallation said = installations.get(installation);
        return said == null ? Optional.empty() : Optional.ofNullable(said.takenOverBy);
    }

    /** Whose log it is: the first that has written about it, or who has taken its place. Empty if none has written. */
    Optional<UUID> owner() {
        Optional<UUID> owner =
                installations.keySet().stream().filter(this::knows).findFirst();
        while (owner.flatMap(this::takenOverBy).isPresent()) {
            owner = owner.flatMap(this::takenOverBy);
        }
        return owner;
    }

    /** Those that have written about this log, but for one and those that it has taken over. */
    Set<UUID> othersThan(UUID installation) {
        Set<UUID> others = new HashSet<>();
        for (UUID one : installations.keySet()) {
            if (!one.equals(installation) && knows(one) && !hasTakenOver(installation, one)) {
                others.add(one);
            }
        }
        return others;
    }
}
