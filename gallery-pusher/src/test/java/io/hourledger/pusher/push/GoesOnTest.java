package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.pusher.gallery.Heard;
import io.hourledger.pusher.gallery.UsageDoor;
import io.hourledger.pusher.push.ModelGallery.Mood;
import io.hourledger.pusher.push.PushHouse.OnePusher;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

/** Whatever breaks while the marketplace is asked whether it is back: pushing goes on once it is mended. */
class GoesOnTest {

    /** So many calls without an answer open the circuit breaker. */
    private static final List<Mood> OUTAGE = Collections.nCopies(5, Mood.TAKEN_THEN_SILENCE);

    private static final PushHouse house = new PushHouse();
    private final ModelGallery gallery = new ModelGallery();

    @BeforeEach
    void anEmptyQueue() {
        house.clear();
        gallery.moods(OUTAGE);
    }

    @AfterAll
    static void close() {
        house.close();
    }

    @Test
    void the_database_dies_while_the_answer_of_the_probe_is_stored() {
        List<UsageRecordIssued> records = house.issue(4);
        OnePusher pusher = house.pusher(takingAwayAtTheProbe("pusher.attempt"));
        sendThrough(OUTAGE.size(), pusher);
        assertThatThrownBy(pusher::pushOnce).isInstanceOf(DataAccessException.class);
        bringBack("pusher.attempt");

        pusher.pushAll();
        assertReported(records);
    }

    @Test
    void the_database_dies_while_the_answer_of_the_probe_is_judged() {
        List<UsageRecordIssued> records = house.issue(1);
        house.jdbc
                .sql("create function ledger.away() returns trigger language plpgsql as"
                        + " $$ begin raise exception 'away' using errcode = '57P03'; end $$")
                .update();
        OnePusher pusher = house.pusher(atTheProbe("create trigger away before insert on ledger.event"
                + " for each statement execute function ledger.away()"));
        sendThrough(OUTAGE.size(), pusher);
        assertThatThrownBy(() -> sendThrough(1, pusher)).isInstanceOf(RuntimeException.class);
        house.jdbc.sql("drop trigger away on ledger.event").update();

        List<UsageRecordIssued> others = house.issue(1);
        pusher.pushAll();
        assertReported(records);
        assertReported(others);
    }

    @Test
    void the_lease_is_taken_anew_while_nothing_is_due_for_the_probe() {
        List<UsageRecordIssued> records = house.issue(4);
        OnePusher pusher = house.pusher(gallery);
        sendThrough(OUTAGE.size(), pusher);
        house.jdbc.sql("update pusher.work set not_before = 'infinity'").update();
        assertThat(pusher.pushOnce()).isFalse();
        pusher.lease.giveUp();
        pusher.lease.renewOrTake();
        house.jdbc.sql("update pusher.work set not_before = '-infinity'").update();

        pusher.pushAll();
        assertReported(records);
    }

    /** Pushes so many calls, however often records back off in between. */
    private static void sendThrough(int calls, OnePusher pusher) {
        for (int made = 0; made < calls; ) {
            if (pusher.pushOnce()) {
                made++;
            }
        }
    }

    /** The table is away from the first call after the outage on, until it is brought back. */
    private UsageDoor takingAwayAtTheProbe(String table) {
        return atTheProbe("alter table " + table + " rename to taken_away");
    }

    private UsageDoor atTheProbe(String statement) {
        return (body, latest) -> {
            Heard heard = gallery.push(body, latest);
            if (gallery.calls().size() == OUTAGE.size() + 1) {
                house.jdbc.sql(statement).update();
            }
            return heard;
        };
    }

    private static void bringBack(String table) {
        String schema = table.substring(0, table.indexOf('.'));
        String name = table.substring(table.indexOf('.') + 1);
        house.jdbc
                .sql("alter table " + schema + ".taken_away rename to " + name)
                .update();
    }

    private void assertReported(List<UsageRecordIssued> records) {
        assertThat(records).allSatisfy(record -> {
            assertThat(house.stateOf(record)).isEqualTo("usage-record-reported");
            assertThat(house.events(record, "usage-record-reported")).isOne();
        });
        assertThat(gallery.sentTwoWays()).isZero();
    }
}
