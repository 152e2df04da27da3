package io.hourledger.aggregator.ids;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class SipHashTest {

    private final SipHash hash = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

    @Test
    void it_gives_the_128_bits_that_its_authors_published() {
        assertThat(hash128()).isEqualTo("a3817f04ba25a8e66df67214c7550293");
        assertThat(hash128(0x0706050403020100L)).isEqualTo("3b62a9ba6258f5610f83e264f31497b4");
    }

    @Test
    void it_gives_the_64_bits_that_its_authors_published() {
        assertThat(hash.hash64(new long[0], 0)).isEqualTo(0x726fdb47dd0e0e31L);
        assertThat(hash.hash64(new long[] {0x0706050403020100L}, 1)).isEqualTo(0x93f5f5799a932462L);
    }

    private String hash128(long... words) {
        hash.hash128(words, words.length);
        return HexFormat.of()
                .formatHex(ByteBuffer.allocate(16)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(hash.first())
                        .putLong(hash.second())
                        .array());
    }
}
