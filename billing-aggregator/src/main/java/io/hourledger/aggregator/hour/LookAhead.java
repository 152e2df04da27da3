package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.OnDiskId;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.scan.EventView;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks, while ids near now are on disk, at the records that are to be applied next. It changes nothing of what is counted. */
final class LookAhead {

    private final EventRules rules;
    private final EventReader reader;
    private final EventIdentifier identifier;
    private final KnownIds ids;
    private final UniqueValues uniqueValues;
    private final PartitionCutoffs cutoffs;

    LookAhead(
            EventRules rules,
            EventReader reader,
            EventIdentifier identifier,
            KnownIds ids,
            UniqueValues uniqueValues,
            PartitionCutoffs cutoffs) {
        this.uniqueValues = uniqueValues;
        this.rules = rules;
        this.reader = reader;
        this.identifier = identifier;
        this.ids = ids;
        this.cutoffs = cutoffs;
    }

    /** Whether records may be applied only after {@link #wanted} was asked. */
    boolean isNeeded() {
        return ids.hasSomeOnDisk();
    }

    /** The ids of these records that may be among those on disk. The store's answers go to {@link #answer}. */
    List<OnDiskId> wanted(Iterable<@Nullable ByteBuffer> values) {
        ids.forgetAnswers();
        Set<OnDiskId> wanted = new LinkedHashSet<>();
        for (ByteBuffer value : values) {
            if (value != null && rules.isEvent(value)) {
                EventView event = reader.view();
                identifier.identify(event);
                ids.collectWanted(identifier.identity(), event.hour(), cutoffs.memoryBeginsAfter() + 1, wanted);
                uniqueValues.collectWanted(event, wanted);
            }
        }
        return List.copyOf(wanted);
    }

    /**
     * Takes the store's answers.
     *
     * @param contents for each of the wanted what {@link CheckpointStore#findOnDisk} answers
     */
    void answer(List<OnDiskId> wanted, long[] contents) {
        ids.answer(wanted, contents);
    }
}
