package io.hourledger.ledger.seal;

import java.time.Instant;
import java.util.HexFormat;

/**
 * The chain over all events as it was at a seal, from which a check can go on. It stands in the database that is checked, so it proves
 * nothing by itself: whoever uses it compares it with the seal of the same count.
 *
 * @param eventCount how many events were chained
 * @param transactionId with {@code position} the place of the last of them in the feed
 * @param head of the keyed chain in hexadecimal digits
 * @param treeEdge the right edge of the Merkle tree in hexadecimal digits
 * @param sealedAt business time
 */
record SealMark(long eventCount, String transactionId, long position, String head, String treeEdge, Instant sealedAt) {

    /** The empty chain, before the first event. */
    static final SealMark NOTHING = new SealMark(0, "0", 0, "", "", Instant.EPOCH);

    private static final int HASH_DIGITS = 64;

    /** What is to be kept outside of the database, not signed yet. */
    Seal seal() {
        return new Seal(eventCount, head, sealedAt, HexFormat.of().formatHex(tree().root()), null);
    }

    MerkleTree tree() {
        return MerkleTree.of(eventCount, HexFormat.of().parseHex(treeEdge));
    }

    /** Whether a seal vouches for all that is said here, but for the place: that shows when the chain goes on from it. */
    boolean isVouchedForBy(Seal seal) {
        return eventCount == seal.eventCount()
                && seal.root() != null
                && treeEdge.length() == Long.bitCount(eventCount) * HASH_DIGITS
                && head.equals(seal.head())
                && HexFormat.of().formatHex(tree().root()).equals(seal.root());
    }
}
