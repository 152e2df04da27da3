package io.hourledger.files.reading;

import java.util.ArrayList;
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

    private static final int MOST_NAMED = 20;

    private static final String INCOMPLETE =
            """
            select instance_id, sequence_number, event_type, first_tried_at, count(*) over () as instances
            from ledger.dead_letter
            where reader = 'projections'
            order by instance_id
            limit %d
            """
                    .formatted(MOST_NAMED);

    private ReadingNotes() {}

    /** Adds when the database was read, by its clock, and how many events its tables did not show yet. */
    public static void addTo(Map<String, String> notes, LongReading reading) {
        reading.stream(MOMENT, List.of(), row -> {
            notes.put(
                    "read_at_utc",
                    Objects.requireNonNull(LongReading.moment(row, 1)).toString());
            notes.put("events_not_shown_yet", String.valueOf(row.getLong(2)));
        });
        addIncomplete(notes, reading);
    }

    /** Instances of which the tables lack events, since one of them cannot be taken. All figures of them may be too small. */
    private static void addIncomplete(Map<String, String> notes, LongReading reading) {
        List<String> named = new ArrayList<>();
        long[] instances = {0};
        reading.stream(INCOMPLETE, List.of(), row -> {
            instances[0] = row.getLong(5);
            named.add(row.getString(1) + " since event " + row.getLong(2) + " (" + row.getString(3) + "), "
                    + LongReading.moment(row, 4));
        });
        if (!named.isEmpty()) {
            notes.put(
                    "incomplete_instances",
                    String.join("; ", named)
                            + (instances[0] > named.size() ? "; and " + (instances[0] - named.size()) + " more" : ""));
        }
    }
}
