package io.hourledger.files.reading;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a file says of the moment that its rows are of. */
public final class ReadingNotes {

    private static final String MOMENT =
            """
            select now(), (
                select count(*)
                from ledger.event e
                where (e.transaction_id, e.position)
                    > (coalesce(r.transaction_id, '0'::xid8), coalesce(r.position, 0)))
            from (values (1)) one
            left join ledger.reader r on r.name = 'projections'
            """;

    private ReadingNotes() {}

    /** Adds when the database was read, by its clock, and how many events its tables did not show yet. */
    public static void addTo(Map<String, String> notes, LongReading reading) {
        reading.stream(MOMENT, List.of(), row -> {
            notes.put(
                    "read_at_utc",
                    Objects.requireNonNull(LongReading.moment(row, 1)).toString());
            notes.put("events_not_shown_yet", String.valueOf(row.getLong(2)));
        });
    }
}
