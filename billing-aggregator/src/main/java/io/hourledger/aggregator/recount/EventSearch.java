package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.ReadUsage.FilteredOut;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Looks in a stretch of the log for the first record of an event that was neither quarantined nor skipped. */
final class EventSearch {

    private final CatalogueVersions versions;
    private final CountedPlaces places;
    private final RecordedCutoffs.OfPartition cutoffs;
    private final int partition;

    EventSearch(CatalogueVersions versions, CountedPlaces places, RecordedCutoffs.OfPartition cutoffs, int partition) {
        this.versions = versions;
        this.places = places;
        this.cutoffs = cutoffs;
        this.partition = partition;
    }

    /** By what an event is known, within its hour. */
    record Named(String subject, String source, String id, UsageHour hour) {

        static Named of(EventView event) {
            return new Named(
                    text(event, event.subjectOffset(), event.subjectLength()),
                    text(event, event.sourceOffset(), event.sourceLength()),
                    text(event, event.idOffset(), event.idLength()),
                    UsageHour.ofNumber(event.hour()));
        }

        private static String text(EventView event, int offset, int length) {
            return new String(event.bytes(), offset, length, UTF_8);
        }
    }

    /** Which records of the event are looked for. */
    enum Sought {
        /** Those that a meter reads. */
        READ,
        /** Those that no meter reads by its filter. */
        FILTERED_OUT;

        private boolean isAs(@Nullable ReadUsage unread) {
            return this == READ ? unread == null : unread instanceof FilteredOut;
        }
    }

    /** Where the first such record of {@code [from, to)} lies. */
    @Nullable Long first(UsageLogReader usageLog, long from, long to, Named wanted, Sought sought) {
        if (from >= to) {
            return null;
        }
        First first = new First(wanted, sought);
        usageLog.read(partition, from, to, first);
        return first.offset;
    }

    private final class First implements UsageRecords.Taker {
        private final EventReader reader = EventReader.of(versions);
        private final ByteBuffer key;
        private final Named wanted;
        private final Sought sought;
        private @Nullable Long offset;

        First(Named wanted, Sought sought) {
            this.key = ByteBuffer.wrap(wanted.subject().getBytes(UTF_8));
            this.wanted = wanted;
            this.sought = sought;
        }

        @Override
        public void take(LogRecord record) {
            if (record.value() != null
                    && key.equals(record.key())
                    && sought.isAs(read(reader, record))
                    && Named.of(reader.view()).equals(wanted)
                    && !cutoffs.isSkipped(record.offset())
                    && places.quarantined(partition, record.offset()).isEmpty()) {
                offset = record.offset();
            }
        }

        @Override
        public boolean hasEnough() {
            return offset != null;
        }
    }

    static @Nullable ReadUsage read(EventReader reader, LogRecord record) {
        ByteBuffer value = Objects.requireNonNull(record.value(), "a record without a value is set aside");
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return reader.read(bytes, 0, bytes.length);
    }
}
