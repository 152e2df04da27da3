package io.hourledger.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.usage.CatalogueFile;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.UsageEventReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.LongRange;

@Tag("fast")
class LoadEventsTest {

    private static final Instant FROM = Instant.parse("2026-03-01T01:00:00Z");
    private static final Instant NOW = Instant.parse("2026-03-01T09:30:00Z");

    private final LoadEvents events = new LoadEvents(
            42,
            List.of(
                    new LoadInstance("sum", LoadMeter.VOLUME),
                    new LoadInstance("count", LoadMeter.CALLS),
                    new LoadInstance("filtered", LoadMeter.HITS),
                    new LoadInstance("unique", LoadMeter.ACCOUNTS),
                    new LoadInstance("percentile", LoadMeter.BANDWIDTH),
                    new LoadInstance("levels", LoadMeter.LEVELS)),
            FROM);
    private final UsageEventReader reader =
            new UsageEventReader(CatalogueFile.read(ChaosCatalogue.FIRST.getBytes(StandardCharsets.UTF_8)));
    private final UsageEventReader secondReader =
            new UsageEventReader(CatalogueFile.read(ChaosCatalogue.SECOND.getBytes(StandardCharsets.UTF_8)));

    @Property(tries = 500)
    void an_event_is_read_as_the_load_says_it(@ForAll @LongRange(min = 0) long number) {
        Instant time = events.timeOf(number, NOW);
        byte[] json = json(number, time).getBytes(StandardCharsets.UTF_8);
        ReadUsage read = reader.read(json, 0, json.length);
        ReadUsage readBySecond = secondReader.read(json, 0, json.length);
        if (events.regionOf(number) != Region.EU) {
            assertThat(read).isInstanceOf(ReadUsage.FilteredOut.class);
            read = readBySecond;
        }
        if (events.regionOf(number) == Region.AP) {
            assertThat(readBySecond).isInstanceOf(ReadUsage.FilteredOut.class);
            return;
        }
        assertThat(read).isInstanceOf(ReadUsage.Countable.class);
        var event = ((ReadUsage.Countable) read).event();
        assertThat(event.time()).isEqualTo(time);
        assertThat(event.subject())
                .isEqualTo(List.of("sum", "count", "filtered", "unique", "percentile", "levels")
                        .get(events.instanceOf(number)));
        if (events.meterOf(number) == LoadMeter.ACCOUNTS) {
            // what it reads stands for an account
            return;
        }
        assertThat(event.meter().inUnits(event.value()))
                .isEqualByComparingTo(BigDecimal.valueOf(events.amountOf(number), 4));
    }

    @Property(tries = 500)
    void an_event_told_again_is_the_same_to_the_byte(@ForAll @LongRange(min = 0) long number) {
        Instant time = events.timeOf(number, NOW);
        assertThat(json(number, time)).isEqualTo(json(number, Instant.ofEpochMilli(time.toEpochMilli())));
    }

    @Property(tries = 500)
    void no_event_lies_far_ahead_of_its_telling_or_before_the_first_hour(@ForAll @LongRange(min = 0) long number) {
        assertThat(events.timeOf(number, NOW))
                .isBetween(NOW.minus(LoadEvents.longestDisorder()), NOW.plus(LoadEvents.longestAhead()));
        assertThat(events.timeOf(number, FROM.plusSeconds(1)))
                .isBetween(FROM, FROM.plusSeconds(1).plus(LoadEvents.longestAhead()));
    }

    @Example
    void some_events_come_when_their_hour_is_over_and_still_accepts_them() {
        Instant now = FROM.plus(Duration.ofHours(100));
        List<Duration> ages = LongStream.range(0, 6_400)
                .mapToObj(number -> Duration.between(events.timeOf(number, now), now))
                .toList();

        assertThat(ages)
                .filteredOn(age -> age.compareTo(Duration.ofHours(13)) > 0)
                .hasSizeBetween(50, 150);
        assertThat(ages).allSatisfy(age -> assertThat(age).isLessThan(Duration.ofHours(30)));
    }

    @Example
    void some_events_lie_ahead() {
        Instant now = FROM.plus(Duration.ofHours(100));

        assertThat(LongStream.range(0, 6_400).mapToObj(number -> events.timeOf(number, now)))
                .filteredOn(time -> time.isAfter(now))
                .hasSizeBetween(50, 150);
    }

    private String json(long number, Instant time) {
        StringBuilder json = new StringBuilder();
        events.append(json, number, time);
        return json.toString();
    }
}
