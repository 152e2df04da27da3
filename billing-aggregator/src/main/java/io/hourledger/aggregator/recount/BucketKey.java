package io.hourledger.aggregator.recount;

/** Whose bucket it is, within one hour. */
record BucketKey(String instance, String meter) implements Comparable<BucketKey> {

    @Override
    public int compareTo(BucketKey other) {
        int byInstance = instance.compareTo(other.instance);
        return byInstance != 0 ? byInstance : meter.compareTo(other.meter);
    }
}
