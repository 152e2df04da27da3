package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.refuse;
import static io.hourledger.ledger.instance.Given.reissue;
import static io.hourledger.ledger.instance.Given.release;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A refused record is issued again in a window that was never used and that the life, as it is now, allows. */
@Tag("fast")
class ReissuedWindowTest extends InstanceHistory {

    private UsageRecordIssued refused(LateWindow lateWindow) {
        policy = SellerPolicy.CAUTIOUS.with(lateWindow);
        when(open("i"));
        UsageRecordIssued record = only(UsageRecordIssued.class, when(meter("i", 1, "4")));
        when(refuse("i", snOf(record)));
        return record;
    }

    private static MeteringSn snOf(UsageRecordIssued record) {
        return new MeteringSn(record.record().meteringSn());
    }

    private UsageWindow reissued(UsageRecordIssued record) {
        UsageRecordIssued again = only(UsageRecordIssued.class, when(reissue("i", snOf(record))));
        assertThat(again.amount()).isEqualByComparingTo("4");
        assertThat(again.window()).isNotEqualTo(record.window());
        return again.window();
    }

    @Test
    void a_refused_first_record_goes_into_the_seconds_that_first_records_leave_free() {
        UsageRecordIssued record = refused(LateWindow.RESERVED_TAIL);
        assertThat(record.window().end()).isEqualTo(hour(1).end().minusSeconds(60));
        assertThat(reissued(record)).isEqualTo(new UsageWindow(at(1, 3540), at(1, 3541)));
    }

    @ParameterizedTest
    @EnumSource
    void after_a_release_within_the_hour_the_window_ends_with_the_life(LateWindow lateWindow) {
        UsageRecordIssued record = refused(lateWindow);
        when(release("i", at(1, 1800)));
        UsageWindow window = reissued(record);
        assertThat(window.begin()).isAfterOrEqualTo(at(1, 0));
        assertThat(window.end()).isBeforeOrEqualTo(at(1, 1800));
    }

    @Test
    void what_the_life_leaves_of_a_window_is_used_whole() {
        UsageRecordIssued record = refused(LateWindow.HOLD);
        when(release("i", at(1, 1800)));
        assertThat(reissued(record)).isEqualTo(new UsageWindow(at(1, 0), at(1, 1800)));
    }

    @Test
    void a_life_of_a_single_second_has_a_window() {
        UsageRecordIssued record = refused(LateWindow.HOLD);
        when(release("i", at(1, 1)));
        assertThat(reissued(record)).isEqualTo(new UsageWindow(at(1, 0), at(1, 1)));
    }

    @Test
    void a_late_record_keeps_its_second_when_the_first_one_is_issued_again() {
        UsageRecordIssued first = refused(LateWindow.RESERVED_TAIL);
        UsageRecordIssued late = only(UsageRecordIssued.class, when(meter("i", 1, 1, "2")));
        assertThat(late.window()).isEqualTo(new UsageWindow(at(1, 3540), at(1, 3541)));
        assertThat(reissued(first)).isEqualTo(new UsageWindow(at(1, 3541), at(1, 3542)));
    }

    /** The setting was another one when they were issued. */
    @Test
    void the_seconds_left_free_never_overlap_a_record_that_stands() {
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
        when(open("i"));
        when(meter("i", 1, "4"));
        UsageRecordIssued late = only(UsageRecordIssued.class, when(meter("i", 1, 1, "2")));
        when(refuse("i", snOf(late)));
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.RESERVED_TAIL);
        assertThat(rule(when(reissue("i", snOf(late))))).isEqualTo("no-window");
    }

    @Test
    void what_lies_outside_the_life_of_now_is_not_issued_again() {
        UsageRecordIssued record = refused(LateWindow.SHORTER);
        when(release("i", hour(1).start()));
        assertThat(rule(when(reissue("i", snOf(record))))).isEqualTo("no-billable-window");
    }

    @ParameterizedTest
    @EnumSource
    void refused_again_and_again_it_never_gets_a_window_twice(LateWindow lateWindow) {
        UsageRecordIssued record = refused(lateWindow);
        Set<UsageWindow> windows = new HashSet<>(Set.of(record.window()));
        for (int i = 0; i < 20; i++) {
            record = only(UsageRecordIssued.class, when(reissue("i", snOf(record))));
            assertThat(windows.add(record.window())).isTrue();
            when(refuse("i", snOf(record)));
        }
    }
}
