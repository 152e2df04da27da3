package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

@Tag("fast")
class AnyUsageEventTest {

    private static final Meter EGRESS =
            new Meter("egress", "web.egress", Aggregation.SUM, "bytes", "MB", new BigDecimal("0.000001"));

    private final UsageEventReader reader = new UsageEventReader(new Catalogue(1, List.of(EGRESS), List.of()));

    @Property
    void any_value_within_the_limits_is_read_exactly(
            @ForAll("amounts") BigDecimal amount, @ForAll @IntRange(min = -40, max = 40) int shift) {
        BigDecimal expected = canonical(amount);
        String shifted = amount.scaleByPowerOfTen(-shift).toPlainString() + "e" + shift;

        assertThat(read(members(amount.toPlainString())).value()).isEqualTo(expected);
        assertThat(read(members("\"" + amount.toPlainString() + "\"")).value()).isEqualTo(expected);
        assertThat(read(members(shifted)).value()).isEqualTo(expected);
    }

    @Property
    void a_number_is_refused_exactly_when_it_has_too_many_digits_or_is_below_zero(
            @ForAll @IntRange(min = 0, max = 40) int integerDigits,
            @ForAll @IntRange(min = 0, max = 40) int fractionDigits,
            @ForAll Random random) {
        StringBuilder number = new StringBuilder(random.nextBoolean() ? "" : "-");
        number.append(integerDigits == 0 ? "0" : "" + (1 + random.nextInt(9)));
        for (int i = 1; i < integerDigits; i++) {
            number.append(random.nextInt(3) == 0 ? random.nextInt(10) : 0);
        }
        if (fractionDigits > 0) {
            number.append('.');
            for (int i = 0; i < fractionDigits; i++) {
                number.append(random.nextInt(3) == 0 ? random.nextInt(10) : 0);
            }
        }
        BigDecimal exact = canonical(new BigDecimal(number.toString()));
        boolean allowed = exact.signum() >= 0 && exact.precision() - exact.scale() <= 18 && exact.scale() <= 12;

        byte[] bytes = object(members(number.toString()));
        assertThat(reader.read(bytes, 0, bytes.length) instanceof Countable).isEqualTo(allowed);
    }

    @Property
    void any_moment_is_read_in_any_offset(
            @ForAll @LongRange(min = 0, max = 253_402_300_799L) long second,
            @ForAll @IntRange(min = 0, max = 999_999_999) int nanos,
            @ForAll @IntRange(min = -17 * 60, max = 17 * 60) int offsetMinutes) {
        Instant moment = Instant.ofEpochSecond(second, nanos);
        var local = moment.atOffset(ZoneOffset.ofTotalSeconds(offsetMinutes * 60));
        if (local.getYear() > 9999) {
            return;
        }
        String written = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(local);

        List<String> members = members("1");
        members.set(5, "\"time\":\"" + written + "\"");
        assertThat(read(members).time()).isEqualTo(moment);
    }

    @Property
    void the_order_of_the_members_changes_nothing(@ForAll Random random) {
        List<String> members = members("12.5");
        members.add("\"x\":[{\"id\":\"no\"}]");
        members.add("\"y\":null");
        UsageEvent inOrder = read(members);

        Collections.shuffle(members, random);

        assertThat(read(members)).isEqualTo(inOrder);
    }

    @Property(tries = 5_000)
    void whatever_is_done_to_the_bytes_the_reader_answers_and_answers_the_same_again(
            @ForAll @IntRange(min = 1, max = 4) int changes, @ForAll Random random) {
        byte[] bytes = object(members("1234.5e2"));
        for (int i = 0; i < changes; i++) {
            bytes = changed(bytes, random);
        }

        ReadUsage read = reader.read(bytes, 0, bytes.length);

        assertThat(reader.read(bytes, 0, bytes.length)).isEqualTo(read);
        if (read instanceof Malformed malformed) {
            assertThat(malformed.detail()).isNotBlank();
        }
    }

    @Provide
    Arbitrary<BigDecimal> amounts() {
        BigInteger max = BigInteger.TEN.pow(30).subtract(BigInteger.ONE);
        return Arbitraries.bigIntegers().between(BigInteger.ZERO, max).flatMap(unscaled -> Arbitraries.integers()
                .between(Math.max(0, unscaled.toString().length() - 18), 12)
                .map(scale -> new BigDecimal(unscaled, scale)));
    }

    private static BigDecimal canonical(BigDecimal amount) {
        BigDecimal stripped = amount.stripTrailingZeros();
        return stripped.setScale(Math.max(0, stripped.scale()));
    }

    private static byte[] changed(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length);
        int kind = random.nextInt(4);
        if (kind == 0) {
            byte[] other = bytes.clone();
            other[at] = (byte) random.nextInt(256);
            return other;
        }
        if (kind == 1 && bytes.length > 1) {
            return join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + 1, bytes.length));
        }
        int until = at + random.nextInt(bytes.length - at);
        byte[] repeated = Arrays.copyOfRange(bytes, at, until);
        return join(join(Arrays.copyOf(bytes, until), repeated), Arrays.copyOfRange(bytes, until, bytes.length));
    }

    private static byte[] join(byte[] left, byte[] right) {
        byte[] joined = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, joined, left.length, right.length);
        return joined;
    }

    private static List<String> members(String value) {
        return new ArrayList<>(List.of(
                "\"specversion\":\"1.0\"",
                "\"source\":\"/shop\"",
                "\"id\":\"e-1\"",
                "\"type\":\"web.egress\"",
                "\"subject\":\"i-1\"",
                "\"time\":\"2026-11-24T13:05:00Z\"",
                "\"data\":{\"bytes\":" + value + "}"));
    }

    private static byte[] object(List<String> members) {
        return ("{" + String.join(",", members) + "}").getBytes(UTF_8);
    }

    private UsageEvent read(List<String> members) {
        byte[] bytes = object(members);
        ReadUsage read = reader.read(bytes, 0, bytes.length);
        assertThat(read).isInstanceOf(Countable.class);
        return ((Countable) read).event();
    }
}
