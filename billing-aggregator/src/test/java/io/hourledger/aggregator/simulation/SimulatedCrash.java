package io.hourledger.aggregator.simulation;

/** The process ends here, with all it has in memory. */
final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1L;

    SimulatedCrash(String where) {
        super(where, null, false, false);
    }
}
