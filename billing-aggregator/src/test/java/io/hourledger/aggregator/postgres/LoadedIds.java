package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.hour.CheckpointStore.Loading;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.ids.IdFilter;
import io.hourledger.contracts.usage.UsageHour;

/** Counts the ids that are loaded, and looks at nothing else. */
class LoadedIds implements Loading {
    long ids;

    @Override
    public void position(long checkpoint, long nextOffset, Tallies tallies, long sealedThrough, long ids) {}

    @Override
    public void cutoff(Cutoff cutoff) {}

    @Override
    public void ids(UsageHour hour, byte[] some) {
        ids += some.length / 16;
    }

    @Override
    public void onDisk(UsageHour hour, long run, long ids, IdFilter filter) {}
}
