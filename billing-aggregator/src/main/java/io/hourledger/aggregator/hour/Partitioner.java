package io.hourledger.aggregator.hour;

/** Kafka's default partitioner: murmur2 of the key. Written out here so that the count needs no Kafka; a test holds it to Kafka's own. */
public final class Partitioner {

    private static final int SEED = 0x9747b28c;
    private static final int M = 0x5bd1e995;

    private Partitioner() {}

    public static int partitionOf(byte[] bytes, int offset, int length, int partitions) {
        return (murmur2(bytes, offset, length) & 0x7fffffff) % partitions;
    }

    private static int murmur2(byte[] bytes, int offset, int length) {
        int h = SEED ^ length;
        int wholes = length >> 2;
        for (int i = 0; i < wholes; i++) {
            int at = offset + (i << 2);
            int k = (bytes[at] & 0xff)
                    | (bytes[at + 1] & 0xff) << 8
                    | (bytes[at + 2] & 0xff) << 16
                    | (bytes[at + 3] & 0xff) << 24;
            k *= M;
            k ^= k >>> 24;
            k *= M;
            h *= M;
            h ^= k;
        }
        int tail = offset + (wholes << 2);
        int left = length & 3;
        if (left > 0) {
            for (int i = left - 1; i >= 0; i--) {
                h ^= (bytes[tail + i] & 0xff) << (i << 3);
            }
            h *= M;
        }
        h ^= h >>> 13;
        h *= M;
        h ^= h >>> 15;
        return h;
    }
}
