package io.hourledger.aggregator.consumer;

import java.util.Collection;
import java.util.Map;

/** Of a log without records of keys that are bound to products: nobody asks. */
final class NoDecisions implements ProductDecisions {

    @Override
    public Map<String, String> productsOf(Collection<String> instances) {
        throw new AssertionError("asked for the products of " + instances);
    }

    @Override
    public Decided decided(int partition, long from, long to) {
        throw new AssertionError("asked what was decided on records from " + from);
    }
}
