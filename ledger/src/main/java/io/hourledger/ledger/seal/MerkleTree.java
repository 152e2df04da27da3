package io.hourledger.ledger.seal;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A Merkle tree over leaves that only ever come behind each other, as RFC 9162 section 2.1 defines its hashes. It stores the right edge alone,
 * one hash for each bit of its size. Of leaves that are to be disclosed it also collects the hashes that an outsider needs for the root.
 */
final class MerkleTree {

    private static final int HASH_BYTES = 32;
    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private final MessageDigest sha256 = sha256();
    private final List<Subtree> edge = new ArrayList<>();
    private final List<Subtree> siblings = new ArrayList<>();
    private long size;

    /** A whole subtree, whose leaves begin at an index. It may hold a leaf that is to be disclosed. */
    private static final class Subtree {
        private final long start;
        private final byte[] hash;
        private final boolean disclosed;

        Subtree(long start, byte[] hash, boolean disclosed) {
            this.start = start;
            this.hash = hash;
            this.disclosed = disclosed;
        }
    }

    /**
     * The tree whose right edge was stored.
     *
     * @param edge as {@link #edge()} gave it
     */
    static MerkleTree of(long size, byte[] edge) {
        if (edge.length != Long.bitCount(size) * HASH_BYTES) {
            throw new IllegalArgumentException(
                    "a tree of " + size + " leaves has another edge than " + edge.length + " bytes");
        }
        MerkleTree tree = new MerkleTree();
        long start = 0;
        int at = 0;
        for (long bit = Long.highestOneBit(size); bit > 0; bit >>= 1) {
            if ((size & bit) != 0) {
                byte[] hash = new byte[HASH_BYTES];
                System.arraycopy(edge, at, hash, 0, HASH_BYTES);
                tree.edge.add(new Subtree(start, hash, false));
                start += bit;
                at += HASH_BYTES;
            }
        }
        tree.size = size;
        return tree;
    }

    void add(byte[] content) {
        append(content, false);
    }

    /** A leaf whose content the outsider gets. */
    void addDisclosed(byte[] content) {
        append(content, true);
    }

    private void append(byte[] content, boolean disclosed) {
        sha256.update(LEAF);
        Subtree last = new Subtree(size, sha256.digest(content), disclosed);
        size++;
        for (int merges = Long.numberOfTrailingZeros(size); merges > 0; merges--) {
            last = merged(edge.removeLast(), last, siblings);
        }
        edge.add(last);
    }

    private Subtree merged(Subtree left, Subtree right, List<Subtree> needed) {
        if (left.disclosed != right.disclosed) {
            needed.add(left.disclosed ? right : left);
        }
        sha256.update(NODE);
        sha256.update(left.hash);
        return new Subtree(left.start, sha256.digest(right.hash), left.disclosed || right.disclosed);
    }

    long size() {
        return size;
    }

    byte[] edge() {
        byte[] bytes = new byte[edge.size() * HASH_BYTES];
        for (int i = 0; i < edge.size(); i++) {
            System.arraycopy(edge.get(i).hash, 0, bytes, i * HASH_BYTES, HASH_BYTES);
        }
        return bytes;
    }

    byte[] root() {
        return folded(new ArrayList<>());
    }

    /** The hashes of all largest subtrees without a disclosed leaf, from left to right. */
    List<byte[]> siblings() {
        List<Subtree> needed = new ArrayList<>(siblings);
        folded(needed);
        needed.sort(Comparator.comparingLong(subtree -> subtree.start));
        return needed.stream().map(subtree -> subtree.hash).toList();
    }

    private byte[] folded(List<Subtree> needed) {
        if (edge.isEmpty()) {
            return sha256.digest();
        }
        Subtree last = edge.getLast();
        for (int i = edge.size() - 2; i >= 0; i--) {
            last = merged(edge.get(i), last, needed);
        }
        return last.hash;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
