package io.hourledger.aggregator.lag;

import java.util.List;

/** Says how far each partition is counted and closed, as it is stored. */
public interface StoredPositions {

    /**
     * All partitions, those of other processes too.
     *
     * @throws RuntimeException with a sentence, if the database gives no answer
     */
    List<StoredPosition> all();
}
