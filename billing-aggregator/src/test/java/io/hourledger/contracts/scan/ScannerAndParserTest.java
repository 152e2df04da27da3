package io.hourledger.contracts.scan;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.contracts.usage.UsageEventReader;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class ScannerAndParserTest {

    private static final String[] NUMBERS = {
        "0",
        "1",
        "12345",
        "0.5",
        "1.50",
        "999999999999999999",
        "1234567.123456789012",
        "123456789012.123456",
        "00",
        "01",
        "-1",
        "-0",
        "1e3",
        "1E-3",
        "1.",
        ".5",
        "1.0000000000000",
        "1234567890123456789",
        "0.0000000000001",
        "\"7\"",
        "null",
        "true",
        "[1]",
        "{}",
        "1.2.3",
        "0x1",
        "+1",
        "1 ",
        "1_0",
        ""
    };
    private static final String[] TIMES = {
        "2026-03-01T10:00:00Z",
        "2026-03-01T10:59:59.999999999Z",
        "2026-03-01T10:00:00.5Z",
        "2024-02-29T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T10:60:00Z",
        "2026-12-31T23:59:60Z",
        "2026-03-01t10:00:00z",
        "2026-03-01T10:00:00+01:00",
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-03-01T10:00:00.Z",
        "2026-03-01T10:00Z",
        "2026-03-01 10:00:00Z",
        "2026-03-01T10:00:00.0000000001Z",
        "2026-03-01T1:00:00Z",
        ""
    };
    private static final String[] TYPES = {"web.egress", "web.request", "api.call", "cdn.hit"};
    private static final String[] TEXTS = {
        "a",
        "i-1",
        "/app",
        "urn:x:y",
        "",
        " ",
        "a b",
        "tab\\t",
        "q\\\"q",
        "\\u0041",
        "ä",
        "\u007f",
        "\u0001",
        "web.egress",
        "web.request",
        "x".repeat(64),
        "x".repeat(65),
        "x".repeat(256),
        "x".repeat(257),
        "{}",
        "a,b",
        "a:b",
        "1.0",
        "\u0080"
    };

    private final EventScanner scanner = new EventScanner(new Meters(Usage.VERSIONS), 0);
    private final EventView view = EventReader.of(Usage.VERSIONS).view();
    private final UsageEventReader parser = new UsageEventReader(Usage.CATALOGUE);

    private int scanned;

    @Test
    void ordinary_events_are_scanned_and_not_left_to_the_parser() {
        List<String> ordinary = List.of(
                Usage.egress("i-1", "e-1", Instant.parse("2026-03-01T10:00:00Z"), "12"),
                Usage.egress("i-1", "e-1", Instant.parse("2026-03-01T10:00:00.123Z"), "12.75"),
                "{ \"type\": \"web.request\", \"source\": \"/app\", \"id\": \"1\", \"subject\": \"i\","
                        + " \"specversion\": \"1.0\", \"time\": \"2026-03-01T10:00:00Z\" }\n",
                "{\"data\":{\"region\":\"eu west\",\"bytes\":1,\"n\":2},\"traceparent\":\"00-1-2\",\"specversion\":\"1.0\","
                        + "\"id\":\"1\",\"source\":\"s\",\"type\":\"web.egress\",\"subject\":\"i\",\"time\":\"2026-03-01T10:00:00Z\"}");
        for (String event : ordinary) {
            check(event);
        }
        assertThat(scanned).isEqualTo(ordinary.size());
    }

    @Property(tries = 20_000)
    void whatever_is_scanned_is_what_the_parser_reads(@ForAll Random random) {
        check(mutated(eventOf(random), random));
    }

    /** So that the shape learned from one event meets another that only looks like it. */
    @Property(tries = 20_000)
    void an_event_that_looks_like_the_one_before_is_read_just_as_well(@ForAll Random random) {
        String event = eventOf(random);
        check(event);
        check(mutated(event, random));
        check(event);
    }

    /** From 2026 on the second version rules: it counts what the first adds up, has retired a meter, and reads calls by one meter alone. */
    private static final CatalogueVersions TWO = Usage.VERSIONS.with(
            new Catalogue(
                    2,
                    List.of(
                            Usage.CALLS,
                            new Meter("egress", "web.egress", Aggregation.COUNT, null, "events", BigDecimal.ONE)),
                    List.of()),
            new UsageHour(Instant.parse("2026-01-01T00:00:00Z")));

    private final EventReader scanning = EventReader.of(TWO);
    private final EventReader parsing = EventReader.withParserOnly(TWO);

    @Property(tries = 20_000)
    void each_event_is_read_by_the_version_of_its_hour_scanned_or_not(@ForAll Random random) {
        byte[] event = eventOf(random).getBytes(java.nio.charset.StandardCharsets.UTF_8);

        ReadUsage unscanned = parsing.read(event, 0, event.length);

        assertThat(scanning.read(event, 0, event.length)).isEqualTo(unscanned);
        if (unscanned == null) {
            EventView scanned = scanning.view();
            UsageHour hour = UsageHour.ofNumber(scanned.hour());
            assertThat(scanned.meters()).isEqualTo(parsing.view().meters());
            for (int meter : scanned.meters()) {
                assertThat(scanned.valueFor(meter))
                        .isEqualByComparingTo(parsing.view().valueFor(meter));
                assertThat(TWO.of(hour).meters()).contains(scanning.meters().meter(meter));
            }
        }
    }

    /** Sound means: the scanner may pass, but what it reads the parser reads too, and the same. */
    private void check(String event) {
        byte[] bytes = event.getBytes(
                event.chars().allMatch(c -> c < 256) && event.contains("\u0080")
                        ? ISO_8859_1
                        : java.nio.charset.StandardCharsets.UTF_8);
        byte[] amid = new byte[bytes.length + 20];
        Arrays.fill(amid, (byte) '"');
        System.arraycopy(bytes, 0, amid, 7, bytes.length);
        if (!scanner.scan(amid, 7, bytes.length, view)) {
            return;
        }
        scanned++;
        assertThat(parser.read(bytes, 0, bytes.length)).as(event).isInstanceOf(Countable.class);
        UsageEvent parsed = ((Countable) parser.read(bytes, 0, bytes.length)).event();
        assertThat(parsed.readings()).as(event).hasSize(1);
        BigInteger value = BigInteger.valueOf(view.valueHigh)
                .shiftLeft(64)
                .add(new BigInteger(Long.toUnsignedString(view.valueLow)));
        assertThat(text(view.subjectOffset, view.subjectLength)).as(event).isEqualTo(parsed.subject());
        assertThat(text(view.sourceOffset, view.sourceLength)).as(event).isEqualTo(parsed.source());
        assertThat(text(view.idOffset, view.idLength)).as(event).isEqualTo(parsed.id());
        assertThat(Instant.ofEpochSecond(view.epochSecond, view.nanos))
                .as(event)
                .isEqualTo(parsed.time());
        assertThat(Usage.CATALOGUE.meters()).element(view.meter).as(event).isEqualTo(parsed.meter());
        assertThat(new BigDecimal(value, EventView.VALUE_SCALE)).as(event).isEqualByComparingTo(parsed.value());
    }

    private String text(int offset, int length) {
        return new String(view.bytes, offset, length, ISO_8859_1);
    }

    private static String eventOf(Random random) {
        List<String> members = new ArrayList<>();
        members.add("\"specversion\":\"" + (random.nextInt(20) == 0 ? pick(random, TEXTS) : "1.0") + "\"");
        members.add("\"id\":\"" + pick(random, TEXTS) + "\"");
        members.add("\"source\":\"" + pick(random, TEXTS) + "\"");
        members.add("\"type\":\"" + (random.nextInt(10) == 0 ? pick(random, TEXTS) : pick(random, TYPES)) + "\"");
        members.add("\"subject\":\"" + pick(random, TEXTS) + "\"");
        members.add("\"time\":\"" + pick(random, TIMES) + "\"");
        members.add("\"data\":" + data(random));
        if (random.nextInt(3) == 0) {
            members.add("\"" + pick(random, TEXTS) + "\":"
                    + (random.nextBoolean() ? pick(random, NUMBERS) : "\"" + pick(random, TEXTS) + "\""));
        }
        if (random.nextInt(10) == 0) {
            members.add(members.get(random.nextInt(members.size())));
        }
        if (random.nextInt(10) == 0) {
            members.remove(random.nextInt(members.size()));
        }
        if (random.nextInt(3) == 0) {
            Collections.shuffle(members, random);
        }
        return "{" + String.join(random.nextBoolean() ? "," : ", ", members) + "}"
                + (random.nextInt(20) == 0 ? "\n" : "");
    }

    private static String data(Random random) {
        if (random.nextInt(20) == 0) {
            return pick(random, NUMBERS);
        }
        List<String> members = new ArrayList<>();
        members.add("\"bytes\":" + pick(random, NUMBERS));
        if (random.nextBoolean()) {
            members.add("\"region\":\"" + (random.nextBoolean() ? "eu" : "us") + "\"");
        }
        while (random.nextInt(3) == 0) {
            members.add("\"" + (random.nextInt(8) == 0 ? "bytes" : pick(random, TEXTS)) + "\":"
                    + (random.nextBoolean() ? pick(random, NUMBERS) : "\"" + pick(random, TEXTS) + "\""));
        }
        Collections.shuffle(members, random);
        return "{" + String.join(",", members) + "}";
    }

    private static String mutated(String event, Random random) {
        StringBuilder text = new StringBuilder(event);
        for (int i = random.nextInt(4); i > 0 && text.length() > 1; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(5)) {
                case 0 -> text.setCharAt(at, "\"\\{}[]:,. 0123456789eE+-TZ\n\u0000\u001fä".charAt(random.nextInt(30)));
                case 1 -> text.deleteCharAt(at);
                case 2 -> text.insert(at, text.charAt(random.nextInt(text.length())));
                case 3 -> text.insert(at, " ");
                default -> text.setLength(Math.max(1, at));
            }
        }
        return text.toString();
    }

    private static String pick(Random random, String[] from) {
        // the first of each list is ordinary; without a good share of those, few events would be scanned at all
        return random.nextBoolean() ? from[0] : from[random.nextInt(from.length)];
    }
}
