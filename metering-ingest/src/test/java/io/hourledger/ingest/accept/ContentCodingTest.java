package io.hourledger.ingest.accept;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.hourledger.ingest.accept.ContentCoding.NotExpanded;
import io.hourledger.ingest.accept.ContentCoding.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class ContentCodingTest {

    private static final String FIRST = "{\"id\":\"first\"}\n";
    private static final String SECOND = "{\"id\":\"second\"}\n";
    private static final int MOST = 1 << 20;

    /** As {@code cat a.gz b.gz} makes it, or a logger that appends. */
    @ParameterizedTest
    @EnumSource(names = {"GZIP", "ZSTD"})
    void what_was_compressed_in_parts_is_expanded_whole(ContentCoding coding) throws Exception {
        assertThat(expanded(coding, joined(packed(coding, FIRST), packed(coding, SECOND))))
                .isEqualTo(FIRST + SECOND);
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "ZSTD"})
    void a_second_part_that_is_malformed_loses_nothing_in_silence(ContentCoding coding) {
        byte[] second = packed(coding, SECOND);
        second[0]++;

        assertThatExceptionOfType(NotExpanded.class)
                .isThrownBy(() -> expanded(coding, joined(packed(coding, FIRST), second)))
                .matches(broken -> broken.reason() == Reason.BROKEN);
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "ZSTD"})
    void a_second_part_that_is_cut_at_any_byte_loses_nothing_in_silence(ContentCoding coding) {
        byte[] second = packed(coding, SECOND);
        for (int length = 1; length < second.length; length++) {
            byte[] cut = joined(packed(coding, FIRST), Arrays.copyOf(second, length));
            assertThatExceptionOfType(NotExpanded.class).isThrownBy(() -> expanded(coding, cut));
        }
    }

    /** Of every size and kind of block that zstd writes, with and without a checksum, and with a frame that holds nothing. */
    @Property(tries = 100)
    void every_body_of_zstd_is_expanded_whole(
            @ForAll @IntRange(min = 0, max = 400_000) int length,
            @ForAll @IntRange(min = 1, max = 4) int letters,
            @ForAll boolean checksum)
            throws Exception {
        Random random = new Random(length);
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) ('a' + random.nextInt(letters));
        }
        ByteArrayOutputStream streamed = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer zstd = new ZstdOutputStreamNoFinalizer(streamed)) {
            zstd.setChecksum(checksum);
            zstd.write(text);
        }
        byte[] skippable = {0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2};

        byte[] body = joined(joined(streamed.toByteArray(), skippable), Zstd.compress(text));

        assertThat(expanded(ContentCoding.ZSTD, body)).isEqualTo(new String(text, UTF_8).repeat(2));
    }

    @Property(tries = 500)
    void no_changed_byte_of_gzip_changes_what_it_expands_to(
            @ForAll @IntRange(min = 0, max = 200) int place, @ForAll @IntRange(min = 1, max = 255) int change) {
        byte[] body = joined(packed(ContentCoding.GZIP, FIRST), packed(ContentCoding.GZIP, SECOND));
        body[place % body.length] ^= (byte) change;
        try {
            assertThat(expanded(ContentCoding.GZIP, body)).isEqualTo(FIRST + SECOND);
        } catch (NotExpanded refused) {
            assertThat(refused.reason()).isEqualTo(Reason.BROKEN);
        }
    }

    /** What other programs may write into a header: an extra field, a file's name, a comment, and a checksum of all this. */
    @Property(tries = 200)
    void whatever_stands_in_a_header_of_gzip_is_skipped(
            @ForAll @IntRange(min = 0, max = 31) int flags, @ForAll @Size(max = 300) byte[] extra) throws Exception {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 1, 2, 3, 4, 0, 3});
        if ((flags & 4) != 0) {
            header.writeBytes(new byte[] {(byte) extra.length, (byte) (extra.length >> 8)});
            header.writeBytes(extra);
        }
        if ((flags & 8) != 0) {
            header.writeBytes("usage.ndjson\0".getBytes(UTF_8));
        }
        if ((flags & 16) != 0) {
            header.writeBytes("of an hour\0".getBytes(UTF_8));
        }
        if ((flags & 2) != 0) {
            CRC32 checksum = new CRC32();
            checksum.update(header.toByteArray());
            header.writeBytes(new byte[] {(byte) checksum.getValue(), (byte) (checksum.getValue() >> 8)});
        }
        byte[] plain = packed(ContentCoding.GZIP, FIRST);

        byte[] body = joined(header.toByteArray(), Arrays.copyOfRange(plain, 10, plain.length));

        assertThat(expanded(ContentCoding.GZIP, body)).isEqualTo(FIRST);
    }

    private static String expanded(ContentCoding coding, byte[] body) throws NotExpanded {
        return new String(coding.expand(body, MOST, bytes -> true), UTF_8);
    }

    private static byte[] packed(ContentCoding coding, String text) {
        return switch (coding) {
            case IDENTITY -> text.getBytes(UTF_8);
            case GZIP -> gzip(text);
            case ZSTD -> Zstd.compress(text.getBytes(UTF_8));
        };
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(UTF_8));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
