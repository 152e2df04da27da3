package io.hourledger.ledger.store;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;

/** Finds the events that bring an amount to an hour or take it away, by the hour alone, wherever they stand in the feed. */
public final class EventsOfHours {

    /** A condition on rows of {@code ledger.event}: its parameters are the texts of the first hour and of the one behind the last. */
    public static final String SQL =
            """
            event_type in ('hour-metered', 'usage-record-issued', 'usage-withheld', 'hour-recounted', 'withheld-usage-billed')
              and (payload ->> 'hour') collate "C" >= ? and (payload ->> 'hour') collate "C" < ?""";

    private EventsOfHours() {}

    /** Hours stand in events as text of one length, so they compare as text. */
    public static String text(Instant hour) {
        return hour.toString();
    }

    /** The first hour of a month in UTC, as events name it. */
    public static String firstOf(YearMonth month) {
        return text(month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant());
    }
}
