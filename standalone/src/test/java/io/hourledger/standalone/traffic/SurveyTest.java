package io.hourledger.standalone.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.standalone.traffic.TrafficLine.Malformed;
import io.hourledger.standalone.traffic.TrafficLine.Request;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class SurveyTest {

    private static final Instant TEN = Instant.parse("2015-05-17T10:00:00Z");

    private record Lines(List<TrafficLine> lines) implements Traffic {
        @Override
        public String source() {
            return "/test";
        }

        @Override
        public String description() {
            return "a test";
        }

        @Override
        public Reading open() {
            Iterator<TrafficLine> left = lines.iterator();
            return new Reading() {
                @Override
                public @Nullable TrafficLine next() {
                    return left.hasNext() ? left.next() : null;
                }

                @Override
                public void close() {}
            };
        }
    }

    private static Request request(long number, String buyer, Instant time, long bytes, boolean repeat) {
        return new Request(number, "line-" + number, buyer, time, bytes, repeat);
    }

    @Test
    void repeats_and_malformed_lines_are_no_usage() throws IOException {
        Survey survey = Survey.of(new Lines(List.of(
                request(1, "b", TEN, 5, false),
                new Malformed(2, "why"),
                request(3, "a", TEN, 7, false),
                request(4, "b", TEN, 5, true),
                request(5, "b", TEN, 1, false))));

        assertThat(survey.usedByBuyer())
                .containsExactly(java.util.Map.entry("a", used(1, 7)), java.util.Map.entry("b", used(2, 6)));
        assertThat(survey.requests()).isEqualTo(4);
        assertThat(survey.repeats()).isEqualTo(1);
        assertThat(survey.lines()).isEqualTo(5);
        assertThat(survey.malformed()).containsExactly(new Malformed(2, "why"));
    }

    @Test
    void no_moment_may_pass_while_a_line_up_to_it_is_still_to_be_sent() throws IOException {
        Random random = new Random(3);
        List<TrafficLine> lines = new ArrayList<>();
        for (int i = 0; i < 10 * Survey.BLOCK + 7; i++) {
            lines.add(request(i + 1, "b", TEN.plusSeconds(i * 10L + random.nextInt(7_200)), 1, false));
        }
        Survey survey = Survey.of(new Lines(lines));

        assertThat(survey.blocks()).isEqualTo(11);
        for (int block = 0; block <= 11; block++) {
            Instant earliestToCome = lines.stream()
                    .skip((long) block * Survey.BLOCK)
                    .map(line -> ((Request) line).time())
                    .min(Instant::compareTo)
                    .orElse(Instant.MAX);
            assertThat(survey.earliestFromBlock(block)).isEqualTo(earliestToCome);
        }
        assertThat(survey.farthestAhead()).isBetween(Duration.ofMinutes(90), Duration.ofHours(3));
    }

    private static Survey.Used used(long requests, long bytes) {
        return new Survey.Used(requests, BigInteger.valueOf(bytes));
    }

    @Test
    void the_sum_of_a_buyer_has_no_bound() throws IOException {
        long most = 999_999_999_999_999_999L;
        List<TrafficLine> lines = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            lines.add(request(i, "b", TEN, most, false));
        }
        assertThat(Survey.of(new Lines(lines)).usedByBuyer())
                .containsExactly(java.util.Map.entry(
                        "b", new Survey.Used(10, BigInteger.valueOf(most).multiply(BigInteger.TEN))));
    }

    @Test
    void only_the_first_malformed_lines_are_kept_by_name() throws IOException {
        List<TrafficLine> lines = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            lines.add(new Malformed(i, "why"));
        }
        Survey survey = Survey.of(new Lines(lines));
        assertThat(survey.malformedLines()).isEqualTo(100);
        assertThat(survey.malformed()).hasSize(Survey.NAMED_MALFORMED);
        assertThat(survey.isEmpty()).isTrue();
    }
}
