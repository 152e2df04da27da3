package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.scan.Meters;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands over the events of one revision of one instance's hour that count, and their repeats, and what amends them.
 *
 * <p>What the ledger has ends with its last offset. What would count behind that was quarantined, because its id was used in another hour that
 * lies before where this reading began; and so were its repeats.
 */
final class EventTrace implements StretchRecount.Listener {

    private final WantedHour wanted;
    private final Meters meters;
    private final Meter meter;
    private final UsageHour hour;
    private final Consumer<RawEvent> taker;
    private final Set<Named> quarantined = new HashSet<>();

    /** Of a later revision, those that count in it: what repeats anything else repeats an earlier revision. */
    private final Set<Named> late = new HashSet<>();

    /** Of a unique count, what came so far. */
    private final Set<BigDecimal> values = new HashSet<>();

    private final RoomForValues room;

    /** Whether an event of the meter's type has been amended before the record at hand. */
    private boolean isTypeAmended;

    private long counted;

    EventTrace(WantedHour wanted, Meters meters, int meter, RoomForValues room, Consumer<RawEvent> taker) {
        this.wanted = wanted;
        this.meters = meters;
        this.meter = meters.meter(meter);
        this.hour = new UsageHour(wanted.metered().hour());
        this.room = room;
        this.taker = taker;
    }

    private enum Role {
        COUNTS,
        REPEATS
    }

    private record Named(String source, String id) {

        static Named of(EventView event) {
            return new Named(
                    new String(event.bytes(), event.sourceOffset(), event.sourceLength(), UTF_8),
                    new String(event.bytes(), event.idOffset(), event.idLength(), UTF_8));
        }
    }

    @Override
    public void counted(LogRecord record, EventView event, int revision) {
        boolean isMarked =
                isTypeAmended && wanted.isOfType(meters.meter(event.meter()).eventType());
        if (!(isRead(event) || isMarked)) {
            return;
        }
        BigDecimal quantity = quantityOf(event);
        if (revision != wanted.metered().revision()) {
            return;
        }
        Named named = Named.of(event);
        if (record.offset() > wanted.metered().log().lastOffset()) {
            quarantined.add(named);
        } else {
            counted++;
            if (revision > 0) {
                late.add(named);
            }
            show(record, event, named, quantity, Role.COUNTS);
        }
    }

    @Override
    public void repeated(LogRecord record, EventView event) {
        if (isRead(event)) {
            Named named = Named.of(event);
            boolean ofThisRevision = wanted.metered().revision() == 0 || late.contains(named);
            if (ofThisRevision && !quarantined.contains(named)) {
                show(record, event, named, quantityOf(event), Role.REPEATS);
            }
        }
    }

    /** The number of the meter in the event's view, if what it reads there may count in the hour; else -1. */
    private int numberIn(EventView event) {
        return meters.numberReaching(meter.name(), event.epochSecond(), hour);
    }

    private boolean isRead(EventView event) {
        int number = numberIn(event);
        return number >= 0 && event.isReadBy(number);
    }

    /** What the meter reads in it. Of a unique count: 1 if its value comes for the first time. */
    private BigDecimal quantityOf(EventView event) {
        if (!isRead(event)) {
            return BigDecimal.ZERO;
        }
        BigDecimal raw = event.valueFor(numberIn(event));
        return wanted.inUnits(wanted.countsUnique() ? one(isNew(raw)) : raw);
    }

    private boolean isNew(BigDecimal value) {
        boolean isNew = values.add(value);
        if (isNew) {
            room.takeOne();
        }
        return isNew;
    }

    private static BigDecimal one(boolean counts) {
        return counts ? BigDecimal.ONE : BigDecimal.ZERO;
    }

    private void show(LogRecord record, EventView event, Named named, BigDecimal quantity, Role role) {
        taker.accept(new RawEvent(
                new RawEvent.Place(record.partition(), record.offset(), Instant.ofEpochMilli(record.timestampMillis())),
                named.source,
                named.id,
                Instant.ofEpochSecond(event.epochSecond(), event.nanos()),
                quantity,
                role == Role.COUNTS,
                bytes(record.value()),
                null));
    }

    /** One that counts in this revision is shown where it lies, and its event as it was sent. */
    @Override
    public void amended(LogRecord record, UsageAmendment amendment, int revision) {
        boolean mayCount = meters.numberReaching(meter.name(), amendment.time().getEpochSecond(), hour) >= 0;
        if (!mayCount || !wanted.isOfType(amendment.change().eventType())) {
            return;
        }
        isTypeAmended = true;
        if (revision != wanted.metered().revision()
                || record.offset() > wanted.metered().log().lastOffset()) {
            return;
        }
        counted++;
        taker.accept(new RawEvent(
                new RawEvent.Place(record.partition(), record.offset(), Instant.ofEpochMilli(record.timestampMillis())),
                amendment.source(),
                amendment.id(),
                amendment.time(),
                wanted.inUnits(readingOf(amendment)),
                true,
                bytes(record.value()),
                amendment));
    }

    /** Of a unique count: 1 if the event has a value from then on. What it changes, the other events of the hour say, too. */
    private BigDecimal readingOf(UsageAmendment amendment) {
        BigDecimal raw = wanted.readingOf(amendment);
        return wanted.countsUnique() ? one(raw.signum() != 0) : raw;
    }

    /** How many events count. */
    long counted() {
        return counted;
    }

    private static byte[] bytes(@Nullable ByteBuffer counted) {
        ByteBuffer value = Objects.requireNonNull(counted, "what counts has a value");
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return bytes;
    }
}
