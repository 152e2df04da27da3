package io.hourledger.aggregator.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.FilteredOut;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.contracts.usage.UsageEvent.Reading;
import io.hourledger.contracts.usage.UsageEventReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads events into one {@link EventView}: with the scanner what is ordinary, with the full parser all else. Belongs to one thread. */
public final class EventReader {

    private final Meters meters;
    private final @Nullable EventScanner scanner;
    private final UsageEventReader parser;
    private final EventView view = new EventView();

    private EventReader(Catalogue catalogue, Meters meters, @Nullable EventScanner scanner) {
        this.meters = meters;
        this.scanner = scanner;
        this.parser = new UsageEventReader(catalogue);
    }

    public static EventReader of(Catalogue catalogue) {
        Meters meters = new Meters(catalogue);
        return new EventReader(catalogue, meters, new EventScanner(meters));
    }

    /** Reads every event with the full parser: slower, with the same answers. For comparison. */
    public static EventReader withParserOnly(Catalogue catalogue) {
        return new EventReader(catalogue, new Meters(catalogue), null);
    }

    public Meters meters() {
        return meters;
    }

    /** The event read last, if it could be read. */
    public EventView view() {
        return view;
    }

    /**
     * @return null if {@link #view()} now holds the event, else why it cannot be counted
     */
    public @Nullable ReadUsage read(byte[] bytes, int offset, int length) {
        if (scanner != null && scanner.scan(bytes, offset, length, view)) {
            return null;
        }
        return switch (parser.read(bytes, offset, length)) {
            case Malformed malformed -> malformed;
            case FilteredOut filteredOut -> filteredOut;
            case Countable(UsageEvent event) -> {
                show(event);
                yield null;
            }
        };
    }

    private void show(UsageEvent event) {
        byte[] subject = event.subject().getBytes(UTF_8);
        byte[] source = event.source().getBytes(UTF_8);
        byte[] id = event.id().getBytes(UTF_8);
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
        view.meter = meters.numberOf(event.meter());
        Instant time = event.time();
        view.epochSecond = time.getEpochSecond();
        view.nanos = time.getNano();
        BigInteger value = unscaled(event.value());
        view.valueHigh = value.shiftRight(Long.SIZE).longValueExact();
        view.valueLow = value.longValue();
        showFurther(event.readings().subList(1, event.readings().size()));
    }

    private void showFurther(List<Reading> further) {
        view.further = further.size();
        if (view.furtherMeters.length < view.further) {
            view.furtherMeters = new int[view.further];
            view.furtherHighs = new long[view.further];
            view.furtherLows = new long[view.further];
        }
        for (int i = 0; i < view.further; i++) {
            Reading reading = further.get(i);
            BigInteger value = unscaled(reading.value());
            view.furtherMeters[i] = meters.numberOf(reading.meter());
            view.furtherHighs[i] = value.shiftRight(Long.SIZE).longValueExact();
            view.furtherLows[i] = value.longValue();
        }
    }

    private static BigInteger unscaled(BigDecimal value) {
        return value.setScale(EventView.VALUE_SCALE).unscaledValue();
    }
}
