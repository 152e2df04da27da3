package io.hourledger.ledger.seal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class MerkleTreeTest {

    /** From Certificate Transparency's own tests: the eight inputs and their roots. */
    @Test
    void roots_are_those_of_certificate_transparency() {
        String[] inputs = {
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
        };
        String[] roots = {
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        };
        MerkleTree tree = new MerkleTree();
        assertThat(hex(tree.root())).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (int i = 0; i < inputs.length; i++) {
            tree.add(HexFormat.of().parseHex(inputs[i]));
            assertThat(hex(tree.root())).isEqualTo(roots[i]);
        }
    }

    @Property(tries = 300)
    void shown_leaves_and_siblings_come_to_the_root(
            @ForAll @IntRange(min = 1, max = 70) int size, @ForAll Set<@IntRange(min = 0, max = 69) Integer> shown)
            throws Exception {
        MerkleTree tree = new MerkleTree();
        for (int i = 0; i < size; i++) {
            if (shown.contains(i)) {
                tree.addDisclosed(leaf(i));
            } else {
                tree.add(leaf(i));
            }
            tree = shown.isEmpty() ? MerkleTree.of(tree.size(), tree.edge()) : tree;
        }
        Deque<byte[]> siblings = new ArrayDeque<>(tree.siblings());
        if (shown.stream().anyMatch(index -> index < size)) {
            assertThat(hex(root(0, size, shown, siblings))).isEqualTo(hex(tree.root()));
            assertThat(siblings).isEmpty();
        }
        assertThat(hex(root(0, size, allBelow(size), siblings))).isEqualTo(hex(tree.root()));
    }

    private static Set<Integer> allBelow(int size) {
        return java.util.stream.IntStream.range(0, size).boxed().collect(java.util.stream.Collectors.toSet());
    }

    private static byte[] root(int from, int to, Set<Integer> shown, Deque<byte[]> siblings) throws Exception {
        if (shown.stream().noneMatch(index -> index >= from && index < to)) {
            return siblings.removeFirst();
        }
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        if (to - from == 1) {
            sha256.update((byte) 0);
            return sha256.digest(leaf(from));
        }
        int middle = from + Integer.highestOneBit(to - from - 1);
        byte[] left = root(from, middle, shown, siblings);
        byte[] right = root(middle, to, shown, siblings);
        sha256.update((byte) 1);
        sha256.update(left);
        return sha256.digest(right);
    }

    private static byte[] leaf(int index) {
        return ("leaf " + index).getBytes(UTF_8);
    }

    private static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }
}
