package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionTemplate;

/** After an outage the pusher takes over what can still be in time first, and then the backlog, at the same cost for each step. */
@Tag("servers")
class QueueIntakeTest {

    private static final String FILL =
            """
            insert into ledger.outbox (metering_sn, instance_id, hour, begin_at, end_at, amount, record_time, billing_cycle, account)
            select encode(sha256(convert_to(:hour || ' ' || n, 'UTF8')), 'hex'), 'i-' || n, :hour, :hour,
                   :hour + interval '1 hour', 1.0000, :hour + interval '62 minutes', 'HOURLY', 'default'
              from generate_series(1, :count) as n""";

    private final PushRig stack = new PushRig();

    @AfterEach
    void close() {
        stack.close();
    }

    private void issued(Instant hour, int count) {
        stack.jdbc
                .sql(FILL.replace(":hour", "'" + hour + "'::timestamptz"))
                .param("count", count)
                .update();
    }

    private QueueIntake intake(TransactionTemplate transaction) {
        return new QueueIntake(
                stack.ledger, stack.jdbc, transaction, PushRig.KOOGALLERY, stack.businessTime, PushRig.SELLER);
    }

    /** The pusher dies after so many steps. */
    private static final class DyingAfter extends TransactionTemplate {

        private int steps;

        DyingAfter(int steps, TransactionTemplate transaction) {
            super(Objects.requireNonNull(transaction.getTransactionManager()));
            this.steps = steps;
        }

        @Override
        public <T> @Nullable T execute(TransactionCallback<T> action) {
            if (steps-- == 0) {
                throw new CannotCreateTransactionException("the pusher died");
            }
            return super.execute(action);
        }
    }

    @Test
    void what_can_still_be_in_time_is_on_the_queue_before_a_backlog_and_may_be_sent() {
        for (int day = 1; day <= 24; day++) {
            issued(PushRig.NINE.minus(Duration.ofHours(day)), 500);
        }
        issued(PushRig.NINE, 10);
        QueueIntake intake = intake(new DyingAfter(1, stack.transaction));

        assertThatThrownBy(intake::takeAll).hasMessage("the pusher died");

        assertThat(onTheQueueOf(PushRig.NINE)).isEqualTo(10);
        assertThat(intake.tookWhatCanBeInTime()).isTrue();
    }

    @Test
    void nothing_is_sent_before_all_that_can_be_in_time_is_on_the_queue() {
        issued(PushRig.NINE, 5_001);
        QueueIntake intake = intake(new DyingAfter(1, stack.transaction));

        assertThatThrownBy(intake::takeAll).hasMessage("the pusher died");
        assertThat(intake.tookWhatCanBeInTime()).isFalse();
    }

    @Test
    void an_hour_that_closes_while_a_backlog_is_taken_does_not_wait_for_its_end() {
        issued(PushRig.NINE.minus(Duration.ofDays(1)), 60_000);
        AtomicInteger steps = new AtomicInteger();
        TransactionTemplate closing =
                new TransactionTemplate(Objects.requireNonNull(stack.transaction.getTransactionManager())) {
                    @Override
                    public <T> @Nullable T execute(TransactionCallback<T> action) {
                        int step = steps.incrementAndGet();
                        if (step == 2) {
                            issued(PushRig.NINE, 10);
                        }
                        if (step == 12) {
                            throw new CannotCreateTransactionException("the pusher died");
                        }
                        return super.execute(action);
                    }
                };

        assertThatThrownBy(intake(closing)::takeAll).hasMessage("the pusher died");

        assertThat(stack.queued()).as("eleven steps").isEqualTo(55_000);
        assertThat(onTheQueueOf(PushRig.NINE)).isEqualTo(10);
    }

    private long onTheQueueOf(Instant hour) {
        return stack.jdbc
                .sql("select count(*) from pusher.work where begin_at = :hour")
                .param("hour", hour.atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single();
    }

    @Test
    void a_record_that_the_queue_cannot_take_goes_to_a_person_and_keeps_no_other_from_being_sent() {
        stack.jdbc
                .sql("alter table pusher.work add check (instance_id <> 'i-000003')")
                .update();

        List<UsageRecordIssued> issued = stack.issue(10);

        assertThat(stack.queued()).isEqualTo(9);
        assertThat(stack.jdbc
                        .sql("select metering_sn from ledger.outbox")
                        .query(String.class)
                        .list())
                .isEmpty();
        assertThat(putAside()).containsExactly(issued.get(3).record().meteringSn());
    }

    private List<String> putAside() {
        return stack.jdbc
                .sql(
                        """
                        select payload ->> 'meteringSn' from ledger.event
                         where event_type = 'usage-record-outcome-unknown' and payload ->> 'why' like 'never sent, since%'""")
                .query(String.class)
                .list();
    }

    private List<String> onTheOutbox() {
        return stack.jdbc
                .sql("select metering_sn from ledger.outbox order by hour desc, metering_sn desc")
                .query(String.class)
                .list();
    }

    /** As they would be if they had just been issued. */
    private void backToTheOutbox(String which) {
        stack.jdbc
                .sql(
                        """
                        insert into ledger.outbox (metering_sn, instance_id, hour, begin_at, end_at, amount, record_time, billing_cycle, account)
                        select payload ->> 'meteringSn', instance_id, (payload ->> 'hour')::timestamptz,
                               (payload ->> 'begin')::timestamptz, (payload ->> 'end')::timestamptz,
                               (payload ->> 'amount')::numeric, (payload ->> 'recordTime')::timestamptz, 'HOURLY', 'default'
                          from ledger.event where event_type = 'usage-record-issued' and """
                                + " " + which)
                .update();
        stack.jdbc.sql("delete from pusher.work").update();
    }

    /** Another pusher has the one at fault in its hands when this one comes to put it aside. */
    @Test
    void no_other_record_is_put_aside_than_the_one_that_failed() throws SQLException {
        stack.issue(3);
        backToTheOutbox("true");
        String bad = onTheOutbox().getFirst();
        stack.jdbc
                .sql("alter table pusher.work add check (metering_sn <> '" + bad + "')")
                .update();
        try (Connection other = DriverManager.getConnection(
                stack.dataSource.getJdbcUrl(), stack.dataSource.getUsername(), stack.dataSource.getPassword())) {
            other.setAutoCommit(false);
            AtomicInteger failed = new AtomicInteger();
            TransactionTemplate watched =
                    new TransactionTemplate(Objects.requireNonNull(stack.transaction.getTransactionManager())) {
                        @Override
                        public <T> @Nullable T execute(TransactionCallback<T> action) {
                            try {
                                return super.execute(action);
                            } catch (DataIntegrityViolationException ofTheBad) {
                                lockIfAlone(other, bad, failed.incrementAndGet());
                                throw ofTheBad;
                            }
                        }
                    };

            intake(watched).takeAll();

            assertThat(putAside()).isEmpty();
            assertThat(stack.queued()).isEqualTo(2);
            other.rollback();
        }
        assertThat(onTheOutbox()).containsExactly(bad);
    }

    /** 5,000 are halved twelve times until one is alone. */
    private static void lockIfAlone(Connection other, String bad, int failures) {
        if (failures < 13) {
            return;
        }
        try {
            other.createStatement()
                    .executeQuery("select from ledger.outbox where metering_sn = '" + bad + "' for update");
        } catch (SQLException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    @Test
    void a_queue_that_takes_nothing_makes_no_record_unknown() {
        stack.issue(30);
        backToTheOutbox("true");
        stack.jdbc
                .sql("alter table pusher.work add constraint nothing check (false)")
                .update();

        intake(stack.transaction).takeAll();

        assertThat(putAside()).isEmpty();
        assertThat(onTheOutbox()).hasSize(30);
        stack.jdbc.sql("alter table pusher.work drop constraint nothing").update();
        intake(stack.transaction).takeAll();
        assertThat(stack.queued()).isEqualTo(30);
    }

    @Test
    void more_than_a_few_are_not_put_aside_and_keep_no_other_from_being_sent() {
        stack.issue(50);
        backToTheOutbox("true");
        stack.jdbc
                .sql("alter table pusher.work add check (instance_id < 'i-000020')")
                .update();

        intake(stack.transaction).takeAll();

        assertThat(putAside()).isEmpty();
        assertThat(stack.queued()).isEqualTo(20);
        assertThat(onTheOutbox()).hasSize(30);
    }

    @Test
    void a_record_that_this_build_cannot_read_keeps_no_other_from_being_sent() {
        stack.issue(10);
        backToTheOutbox("true");
        String unreadable = onTheOutbox().getFirst();
        stack.jdbc
                .sql("update ledger.outbox set billing_cycle = 'WEEKLY' where metering_sn = :sn")
                .param("sn", unreadable)
                .update();

        intake(stack.transaction).takeAll();

        assertThat(stack.queued()).isEqualTo(9);
        assertThat(putAside()).containsExactly(unreadable);
    }

    @Test
    void a_record_that_the_ledger_does_not_know_stays_on_the_outbox() {
        stack.issue(3);
        backToTheOutbox("true");
        issued(PushRig.NINE, 1);
        stack.jdbc
                .sql("alter table pusher.work add check (instance_id <> 'i-1')")
                .update();

        intake(stack.transaction).takeAll();

        assertThat(stack.queued()).isEqualTo(3);
        assertThat(onTheOutbox()).hasSize(1);
        assertThat(putAside()).isEmpty();
    }

    /** A report or a backup may still see the rows of what was taken, so they stay in the index. */
    @Test
    void no_step_goes_past_what_the_steps_before_it_have_taken() throws SQLException {
        int records = 60_000;
        issued(PushRig.NINE, records);
        String url = stack.dataSource.getJdbcUrl();
        String user = stack.dataSource.getUsername();
        String password = stack.dataSource.getPassword();
        try (Connection report = DriverManager.getConnection(url, user, password)) {
            report.setAutoCommit(false);
            report.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            report.createStatement().executeQuery("select count(*) from ledger.outbox");
            intake(stack.transaction).takeAll();
            assertThat(stack.queued()).isEqualTo(records);
            stack.close();
            assertThat(JdbcClient.create(new DriverManagerDataSource(url, user, password))
                            .sql("select idx_tup_read from pg_stat_user_indexes where indexrelname = 'outbox_by_hour'")
                            .query(Long.class)
                            .single())
                    .isLessThan(2L * records);
        }
    }
}
