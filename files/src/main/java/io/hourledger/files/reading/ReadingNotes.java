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

    /** The note that names instances whose figures lack events. */
    public static final String INCOMPLETE_INSTANCES = "incomplete_instances";

    /** A cell of a sheet holds 32,767 characters. */
    private static final int NAMED_IN_A_NOTE = 100;

    private static final String INCOMPLETE =
            """
            select instance_id, sequence_number, event_type, first_tried_at
            from ledger.dead_letter
            where reader = 'projections'
            order by instance_id
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
        addIncomplete(notes, reading);
    }

    /** Instances of which the tables lack events, since one of them cannot be taken. All figures of them may be too small. */
    private static void addIncomplete(Map<String, String> notes, LongReading reading) {
        List<String> named = new ArrayList<>();
        reading.stream(
                INCOMPLETE,
                List.of(),
                row -> named.add(row.getString(1) + " since event " + row.getLong(2) + " (" + row.getString(3) + "), "
                        + LongReading.moment(row, 4)));
        for (int from = 0; from < named.size(); from += NAMED_IN_A_NOTE) {
            notes.put(
                    from == 0 ? INCOMPLETE_INSTANCES : INCOMPLETE_INSTANCES + "_" + (from + 1),
                    String.join("; ", named.subList(from, Math.min(from + NAMED_IN_A_NOTE, named.size()))));
        }
    }
}
