package io.hourledger.contracts.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.ReadUsage.Amends;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.FilteredOut;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.contracts.usage.UsageEvent.Reading;
import io.hourledger.contracts.usage.UsageEventReader;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads events into one {@link EventView}: with the scanner what is ordinary, with the full parser all else. Belongs to one thread. */
public final class EventReader {

    private static final byte[] NOTHING = {};

    private final CatalogueVersions versions;
    private final Meters meters;
    private final NavigableMap<Long, Version> byFirstHour = new TreeMap<>();
    private final UsageEventReader parser;
    private final EventView view = new EventView();

    /** That of the event read last: most are of the hour of the one before. */
    private Version latest;

    /** Scans the events of the hours that one version rules. */
    private static final class Version {
        private final @Nullable EventScanner scanner;
        private final long firstSecond;
        private long lastSecond = Long.MAX_VALUE;

        Version(@Nullable EventScanner scanner, long firstHour) {
            this.scanner = scanner;
            this.firstSecond = firstHour == Long.MIN_VALUE ? Long.MIN_VALUE : firstHour * UsageHour.LENGTH.toSeconds();
        }
    }

    EventReader(VersionMeters meters, UsageEventReader parser, boolean isScanning) {
        this.versions = meters.versions();
        this.meters = meters.all();
        this.parser = parser;
        meters.byFirstHour().forEach((hour, ofVersion) -> {
            Version next = new Version(
                    isScanning && ofVersion.count() > 0
                            ? new EventScanner(ofVersion, meters.all().firstOf(hour))
                            : null,
                    hour);
            if (!byFirstHour.isEmpty()) {
                byFirstHour.lastEntry().getValue().lastSecond = next.firstSecond - 1;
            }
            byFirstHour.put(hour, next);
        });
        this.latest = byFirstHour.firstEntry().getValue();
    }

    /** Reads each event by the version that rules its hour. */
    public static EventReader of(CatalogueVersions versions) {
        return new EventReader(VersionMeters.of(versions), new UsageEventReader(versions), true);
    }

    /** Reads every event with the full parser: slower, with the same answers. For comparison. */
    public static EventReader withParserOnly(CatalogueVersions versions) {
        return new EventReader(VersionMeters.of(versions), new UsageEventReader(versions), false);
    }

    /** Keeps nothing of the event that was read last. */
    void forget() {
        view.bytes = NOTHING;
        view.amendment = null;
    }

    /** The versions that it reads by. */
    public CatalogueVersions versions() {
        return versions;
    }

    public Meters meters() {
        return meters;
    }

    /** The event read last, if it could be read. */
    public EventView view() {
        return view;
    }

    /**
     * @return null if {@link #view()} now holds the event, else why it cannot be counted; of an event that is filtered out the view holds all but
     *     readings, and of one that corrects another its names and how it does
     */
    public @Nullable ReadUsage read(byte[] bytes, int offset, int length) {
        Version version = latest;
        if (version.scanner != null
                && version.scanner.scan(bytes, offset, length, view)
                && view.epochSecond >= version.firstSecond
                && view.epochSecond <= version.lastSecond) {
            return null;
        }
        return switch (parser.read(bytes, offset, length)) {
            case Malformed malformed -> malformed;
            case FilteredOut filteredOut -> {
                show(filteredOut.event());
                yield filteredOut;
            }
            case Amends amends -> {
                show(amends.amendment());
                yield amends;
            }
            case Countable(UsageEvent event) -> {
                latest = byFirstHour.floorEntry(event.hour().number()).getValue();
                show(event);
                yield null;
            }
        };
    }

    private void show(UsageAmendment amendment) {
        show(amendment.subject(), amendment.source(), amendment.id(), amendment.time());
        view.meter = EventView.AMENDMENT;
        view.isAlone = false;
        view.further = 0;
        view.amendment = amendment;
    }

    private void show(String subjectName, String sourceName, String idName, Instant time) {
        byte[] subject = subjectName.getBytes(UTF_8);
        byte[] source = sourceName.getBytes(UTF_8);
        byte[] id = idName.getBytes(UTF_8);
        byte[] names = new byte[subject.length + source.length + id.length];
        System.arraycopy(subject, 0, names, 0, subject.length);
        System.arraycopy(source, 0, names, subject.length, source.length);
        System.arraycopy(id, 0, names, subject.length + source.length, id.length);
        view.bytes = names;
        view.subjectOffset = 0;
        view.subjectLength = subject.length;
        view.sourceOffset = subject.length;
        view.sourceLength = source.length;
        view.idOffset = subject.length + source.length;
        view.idLength = id.length;
        view.epochSecond = time.getEpochSecond();
        view.nanos = time.getNano();
    }

    private void show(UsageEvent event) {
        show(event.subject(), event.source(), event.id(), event.time());
        if (event.readings().isEmpty()) {
            view.meter = EventView.NO_METER;
            view.isAlone = false;
            view.further = 0;
            return;
        }
        Reading first = event.readings().getFirst();
        view.meter = meters.numberOf(first.meter().name(), event.hour());
        BigInteger value = unscaled(first.value());
        view.valueHigh = value.shiftRight(Long.SIZE).longValueExact();
        view.valueLow = value.longValue();
        showFurther(event.readings().subList(1, event.readings().size()), event.hour());
    }

    private void showFurther(List<Reading> further, UsageHour hour) {
        view.isAlone = meters.isAlone(view.meter);
        view.further = further.size();
        if (view.furtherMeters.length < view.further) {
            view.furtherMeters = new int[view.further];
            view.furtherHighs = new long[view.further];
            view.furtherLows = new long[view.further];
        }
        for (int i = 0; i < view.further; i++) {
            Reading reading = further.get(i);
            BigInteger value = unscaled(reading.value());
            view.furtherMeters[i] = meters.numberOf(reading.meter().name(), hour);
            view.furtherHighs[i] = value.shiftRight(Long.SIZE).longValueExact();
            view.furtherLows[i] = value.longValue();
        }
    }

    private static BigInteger unscaled(BigDecimal value) {
        return value.setScale(EventView.VALUE_SCALE).unscaledValue();
    }
}
