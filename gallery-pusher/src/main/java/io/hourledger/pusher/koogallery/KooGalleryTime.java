package io.hourledger.pusher.koogallery;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** KooGallery's spelling of a moment in calls and answers: whole seconds in UTC, such as {@code 20261124T090000Z}. */
final class KooGalleryTime {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private KooGalleryTime() {}

    static String format(Instant moment) {
        return TIME.format(moment);
    }

    /**
     * Reads what {@link #format} has written.
     *
     * @throws DateTimeException if it is no time
     */
    static Instant parse(String text) {
        return TIME.parse(text, Instant::from);
    }

    /** The moment that is spelled exactly so; null if there is none, as a time that is nearly right would name another record. */
    static @Nullable Instant parseExactly(String text) {
        try {
            Instant moment = parse(text);
            return format(moment).equals(text) ? moment : null;
        } catch (DateTimeException noTime) {
            return null;
        }
    }
}
