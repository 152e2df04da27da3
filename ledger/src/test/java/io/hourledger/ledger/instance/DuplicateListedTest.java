package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.hour;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.DisputeUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDisputed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDuplicateListed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordOutcomeUnknown;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordSettled;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.RecordRef;
import io.hourledger.contracts.marketplace.MeteringSn;
import java.time.Instant;
import org.axonframework.test.matchers.Matchers;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the marketplace's console lists as a duplicate is a second copy of a record that stands: it is never billed again. */
@Tag("fast")
class DuplicateListedTest extends InstanceHistory {

    private static final MeteringSn SN = Given.sn("i", 1);
    private static final Instant NOTED = at(60, 0);
    private static final RecordRef RECORD = new RecordRef(SN.value(), hour(1).start(), 0);

    DuplicateListedTest() {
        policy = SellerPolicy.CAUTIOUS.with(SellerPolicy.LateWindow.SHORTER);
        after(Given.open("i"));
        after(Given.meter("i", 1, "4"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"005", "010", "5", "10", " 010", "MKT.010", "CBC.005"})
    void a_duplicate_in_the_console_is_noted_and_the_record_stands(String code) {
        after(Given.report("i", SN));
        fixture(Given.listDuplicate("i", SN, code))
                .expectEvents(new UsageRecordDuplicateListed(
                        "i", RECORD, code, new DecidedBy("li.wei", "a second copy in the console"), NOTED));
        after(Given.listDuplicate("i", SN, code));
        fixture(Given.listDuplicate("i", SN, code))
                .expectNoEvents()
                .expectResultMessagePayload(new Decision.AlreadyDone());
        assertThat(state.totals().in(Account.REPORTED)).isEqualByComparingTo("4");
    }

    @Test
    void what_the_console_lists_as_a_duplicate_is_not_issued_again() {
        after(Given.report("i", SN));
        after(Given.listDuplicate("i", SN, "010"));
        fixture(Given.reissue("i", SN))
                .expectNoEvents()
                .expectResultMessagePayloadMatching(refusedBy("duplicate-listed"));
    }

    @Test
    void a_duplicate_found_after_another_code_was_entered_still_ends_every_reissue() {
        after(Given.report("i", SN));
        after(Given.dispute("i", SN));
        after(Given.listDuplicate("i", SN, "010"));
        fixture(Given.reissue("i", SN))
                .expectNoEvents()
                .expectResultMessagePayloadMatching(refusedBy("duplicate-listed"));
        fixture(Given.settle("i", SN, true))
                .expectEvents(
                        new UsageRecordSettled("i", RECORD, record().amount(), "disputed", true, Given.FINANCE, NOTED));
    }

    @Test
    void an_unknown_record_with_a_duplicate_is_not_issued_again_whatever_a_person_says() {
        after(Given.doubt("i", SN));
        after(Given.listDuplicate("i", SN, "005"));
        after(Given.settle("i", SN, false));
        fixture(Given.reissue("i", SN))
                .expectNoEvents()
                .expectResultMessagePayloadMatching(refusedBy("duplicate-listed"));
    }

    @Test
    void written_off_it_is_not_issued_again_either() {
        after(Given.report("i", SN));
        after(Given.dispute("i", SN));
        after(Given.listDuplicate("i", SN, "010"));
        after(Given.writeOff("i", SN));
        fixture(Given.reissue("i", SN)).expectNoEvents();
        fixture(Given.billWithheld("i", 1, 0)).expectNoEvents();
    }

    @Test
    void late_usage_of_its_hour_bills_the_late_amount_alone() {
        after(Given.report("i", SN));
        after(Given.listDuplicate("i", SN, "010"));
        Decision late = when(Given.meter("i", 1, 1, "0.5"));
        assertThat(((Decision.Done) late).events())
                .filteredOn(UsageRecordIssued.class::isInstance)
                .singleElement()
                .satisfies(issued ->
                        assertThat(((UsageRecordIssued) issued).amount()).isEqualByComparingTo("0.5"));
    }

    @Test
    void rejected_for_another_reason_afterwards_it_can_be_issued_again() {
        after(Given.report("i", SN));
        after(Given.listDuplicate("i", SN, "010"));
        fixture(new DisputeUsageRecord(new InstanceId("i"), SN, "013", new DecidedBy("li.wei", "both rejected"), NOTED))
                .expectEvents(new UsageRecordDisputed(
                        "i",
                        RECORD,
                        record().amount(),
                        "reported",
                        "013",
                        new DecidedBy("li.wei", "both rejected"),
                        NOTED));
        after(Given.dispute("i", SN));
        assertThat(when(Given.reissue("i", SN))).isInstanceOf(Decision.Done.class);
    }

    @Test
    void a_record_refused_as_a_duplicate_is_unknown_and_not_refused() {
        fixture(new RefuseUsageRecord(new InstanceId("i"), SN, "MKT.010", "duplicate", NOTED))
                .expectEvents(new UsageRecordOutcomeUnknown(
                        "i", RECORD, record().amount(), "in-flight", "refused as a duplicate (MKT.010)", NOTED));
    }

    private void after(InstanceCommand command) {
        assertThat(when(command)).isInstanceOf(Decision.Done.class);
    }

    private RecordEntry record() {
        return state.recent().entry(hour(1)).record(SN);
    }

    private static Matcher<Decision> refusedBy(String rule) {
        return Matchers.matches(decision ->
                decision instanceof Decision.Refused refused && refused.rule().equals(rule));
    }
}
