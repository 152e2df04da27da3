package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import io.hourledger.pusher.push.ModelGallery.Mood;
import io.hourledger.pusher.push.PushRig.OnePusher;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/** Whatever breaks while the marketplace is asked whether it is back: pushing goes on once it is mended. */
@Tag("servers")
class GoesOnTest {

    /** So many calls without an answer open the circuit breaker. */
    private static final List<Mood> OUTAGE = Collections.nCopies(5, Mood.TAKEN_THEN_SILENCE);

    private static final PushRig stack = new PushRig();
    private final ModelGallery gallery = new ModelGallery();

    @BeforeEach
    void anEmptyQueue() {
        stack.clear();
        gallery.moods(OUTAGE);
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    @Test
    void the_database_dies_while_the_answer_of_the_probe_is_stored() {
        List<UsageRecordIssued> records = stack.issue(4);
        OnePusher pusher = stack.pusher(takingAwayAtTheProbe("pusher.attempt"));
        sendThrough(OUTAGE.size(), pusher);
        assertThatThrownBy(() -> sendThrough(1, pusher)).isInstanceOf(DataAccessException.class);
        bringBack("pusher.attempt");

        pusher.pushAll();
        assertReported(records);
    }

    @Test
    void the_database_dies_while_the_answer_of_the_probe_is_judged() {
        List<UsageRecordIssued> records = stack.issue(1);
        stack.jdbc
                .sql("create function ledger.away() returns trigger language plpgsql as"
                        + " $$ begin raise exception 'away' using errcode = '57P03'; end $$")
                .update();
        OnePusher pusher = stack.pusher(atTheProbe("create trigger away before insert on ledger.event"
                + " for each statement execute function ledger.away()"));
        sendThrough(OUTAGE.size(), pusher);
        assertThatThrownBy(() -> sendThrough(1, pusher)).isInstanceOf(RuntimeException.class);
        stack.jdbc.sql("drop trigger away on ledger.event").update();

        List<UsageRecordIssued> others = stack.issue(1);
        pusher.pushAll();
        assertReported(records);
        assertReported(others);
    }

    @Test
    void the_lease_is_taken_anew_while_nothing_is_due_for_the_probe() {
        List<UsageRecordIssued> records = stack.issue(4);
        OnePusher pusher = stack.pusher(gallery);
        sendThrough(OUTAGE.size(), pusher);
        stack.jdbc
                .sql("update pusher.work set backing_off = true, not_before = 'infinity'")
                .update();
        assertThat(pusher.pushOnce()).isFalse();
        pusher.lease.giveUp();
        pusher.lease.renewOrTake();
        stack.jdbc.sql("update pusher.work set not_before = '-infinity'").update();

        pusher.pushAll();
        assertReported(records);
    }

    @Test
    void an_outage_of_the_marketplace_has_one_line_in_the_log_and_its_end_another() {
        Logger pusherLog = (Logger) LoggerFactory.getLogger("io.hourledger.pusher");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        pusherLog.addAppender(lines);
        try {
            gallery.moods(Collections.nCopies(OUTAGE.size() + 2, Mood.NOBODY_THERE));
            List<UsageRecordIssued> records = stack.issue(1);
            OnePusher pusher = stack.pusher(gallery);
            sendThrough(OUTAGE.size() + 2, pusher);
            pusher.pushAll();

            assertReported(records);
            assertThat(lines.list)
                    .extracting(ILoggingEvent::getMessage)
                    .filteredOn(message -> message.contains("the marketplace"))
                    .containsExactly(
                            "the marketplace gives no clear answer; it is asked now and then until it does",
                            "the marketplace answers clearly again");
        } finally {
            pusherLog.detachAppender(lines);
        }
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
    private UsagePushPort takingAwayAtTheProbe(String table) {
        return atTheProbe("alter table " + table + " rename to taken_away");
    }

    private UsagePushPort atTheProbe(String statement) {
        return (body, latest) -> {
            HttpResult result = gallery.push(body, latest);
            if (gallery.calls().size() == OUTAGE.size() + 1) {
                stack.jdbc.sql(statement).update();
            }
            return result;
        };
    }

    private static void bringBack(String table) {
        String schema = table.substring(0, table.indexOf('.'));
        String name = table.substring(table.indexOf('.') + 1);
        stack.jdbc
                .sql("alter table " + schema + ".taken_away rename to " + name)
                .update();
    }

    private void assertReported(List<UsageRecordIssued> records) {
        assertThat(records).allSatisfy(record -> {
            assertThat(stack.stateOf(record)).isEqualTo("usage-record-reported");
            assertThat(stack.events(record, "usage-record-reported")).isOne();
        });
        assertThat(gallery.sentTwoWays()).isZero();
    }
}
