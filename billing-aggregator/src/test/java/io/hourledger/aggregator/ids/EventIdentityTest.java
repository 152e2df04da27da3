package io.hourledger.aggregator.ids;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class EventIdentityTest {

    private final EventIdentity identity = new EventIdentity(IdKey.fromHex("000102030405060708090a0b0c0d0e0f"));

    @Test
    void texts_cut_elsewhere_are_another_event() {
        Map<String, String> seen = new HashMap<>();
        String text = "abcdefghijklmnopqrstuvwxyz";
        for (int first = 0; first <= text.length(); first++) {
            for (int second = first; second <= text.length(); second++) {
                String cut = first + "," + second;
                String other = seen.put(names(text, first, second, 0), cut);
                assertThat(other).as("the same identity as " + cut).isNull();
            }
        }
    }

    @Test
    void where_the_bytes_stand_and_what_follows_them_does_not_matter() {
        assertThat(names("subject-1source-2id-3", 9, 17, 0)).isEqualTo(names("subject-1source-2id-3", 9, 17, 13));
    }

    @Test
    void another_key_gives_other_identities() {
        EventIdentity other = new EventIdentity(IdKey.fromHex("ff0102030405060708090a0b0c0d0e0f"));
        byte[] bytes = "a".getBytes(UTF_8);
        identity.ofNames(bytes, 0, 1, 0, 1, 0, 1);
        other.ofNames(bytes, 0, 1, 0, 1, 0, 1);
        assertThat(other.high()).isNotEqualTo(identity.high());
    }

    @Test
    void each_part_of_the_content_counts() {
        int content = content(1, 2, 3, 4, 5);
        assertThat(content(1, 2, 3, 4, 5)).isEqualTo(content);
        assertThat(new int[] {
                    content(9, 2, 3, 4, 5),
                    content(1, 9, 3, 4, 5),
                    content(1, 2, 9, 4, 5),
                    content(1, 2, 3, 9, 5),
                    content(1, 2, 3, 4, 9)
                })
                .doesNotContain(content)
                .doesNotHaveDuplicates();
    }

    private int content(long type, long second, int nanos, long high, long low) {
        identity.ofContent(type, second, nanos, high, low);
        return identity.content();
    }

    private String names(String text, int first, int second, int padding) {
        byte[] bytes = ("x".repeat(padding) + text + "y".repeat(padding)).getBytes(UTF_8);
        identity.ofNames(
                bytes, padding, first, padding + first, second - first, padding + second, text.length() - second);
        return identity.high() + "/" + identity.low();
    }
}
