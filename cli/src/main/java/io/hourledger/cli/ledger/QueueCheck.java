package io.hourledger.cli.ledger;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Compares the records that the ledger has on their way with those that wait to be sent: in the ledger's outbox, on the pusher's queue, or in
 * shadow. One that waits nowhere is never sent, and one that waits though it has an outcome may be billed twice.
 */
final class QueueCheck {

    /** Of a database in which no pusher has started yet. */
    private static final String OUTBOX = "select metering_sn, instance_id from ledger.outbox";

    private static final String ALL_THAT_WAIT = OUTBOX
            + """
             union all select metering_sn, instance_id from pusher.work
            union all select metering_sn, instance_id from pusher.shadow_record""";

    /** Projections may be a moment behind, so an outcome is looked for among the events. All is of one moment. */
    private static final String WAITS_NOWHERE =
            """
            select r.metering_sn, r.instance_id
              from ledger.usage_record r
             where r.state = 'in-flight'
               and not exists (select from (%s) w where w.metering_sn = r.metering_sn)
               and not exists (select from ledger.event e
                                where e.instance_id = r.instance_id
                                  and e.event_type in ('usage-record-reported', 'usage-record-refused',
                                                       'usage-record-outcome-unknown')
                                  and e.payload ->> 'meteringSn' = r.metering_sn)
             order by r.metering_sn""";

    private static final String HAS_AN_OUTCOME =
            """
            select w.metering_sn, w.instance_id
              from (%s) w
              join ledger.usage_record r on r.metering_sn = w.metering_sn
             where r.state <> 'in-flight'
             order by w.metering_sn""";

    private final JdbcTemplate jdbc;
    private final String waiting;

    QueueCheck(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
        boolean hasPusher = Boolean.TRUE.equals(
                jdbc.queryForObject("select to_regclass('pusher.work') is not null", Boolean.class));
        this.waiting = hasPusher ? ALL_THAT_WAIT : OUTBOX;
    }

    /** A usage record. */
    record Found(String meteringSn, String instanceId) {

        String name() {
            return "record " + meteringSn + " of instance " + instanceId;
        }
    }

    /** Records without an outcome that nobody will send. */
    List<Found> waitingNowhere() {
        return found(WAITS_NOWHERE);
    }

    /**
     * Records that wait to be sent though they have an outcome. The pusher takes off a few of them a moment later.
     *
     * @param moment waits until the pusher has had its moment
     */
    List<Found> waitingInVain(Runnable moment) {
        List<Found> first = found(HAS_AN_OUTCOME);
        if (first.isEmpty()) {
            return first;
        }
        moment.run();
        Set<Found> still = new HashSet<>(found(HAS_AN_OUTCOME));
        return first.stream().filter(still::contains).toList();
    }

    long waiting() {
        return Objects.requireNonNull(jdbc.queryForObject("select count(*) from (" + waiting + ") w", Long.class));
    }

    private List<Found> found(String which) {
        return jdbc.query(which.formatted(waiting), (row, number) -> new Found(row.getString(1), row.getString(2)));
    }
}
