package io.hourledger.pusher.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand.FreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezeInstance;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import io.hourledger.pusher.push.PushRig.OnePusher;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** One record is at fault, and the marketplace answers as if it were our key, or nothing clear at all. */
@Tag("servers")
class FaultyRecordTest {

    private static final String REPORTED = "usage-record-reported";
    private static final String DOUBTED = "usage-record-outcome-unknown";
    private static final String ISSUED = "usage-record-issued";

    private static final PushRig stack = new PushRig();
    private final List<List<String>> calls = new ArrayList<>();

    @BeforeEach
    void anEmptyQueue() {
        stack.clear();
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    private static boolean isIn(UsageRecordIssued record, byte[] body) {
        return new String(body, UTF_8).contains(record.record().meteringSn());
    }

    private UsagePushPort faulty(UsageRecordIssued record, HttpResult answer) {
        return (body, latest) -> {
            calls.add(List.of(new String(body, UTF_8).split("\"metering_sn\":\"", -1)));
            return isIn(record, body) ? answer : accepted();
        };
    }

    private static HttpResult accepted() {
        return new HttpResult.Answer(200, null, ModelGallery.ACCEPTED.getBytes(UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "MKT.0102, 0, usage-record-refused",
        "MKT.0102, 13, usage-record-refused",
        "MKT.0150, 0, usage-record-outcome-unknown",
        "MKT.0151, 7, usage-record-refused",
        "MKT.0154, 19, usage-record-refused",
        "APIGW.0301, 0, usage-record-refused"
    })
    void a_record_that_alone_is_not_allowed_is_put_aside_and_the_others_go_on(String code, int which, String state) {
        List<UsageRecordIssued> records = stack.issue(20);
        UsageRecordIssued bad = records.get(which);
        OnePusher pusher = stack.pusher(faulty(bad, ModelGallery.coded(400, code)));
        pusher.pushAll();

        assertThat(records).allSatisfy(record -> assertThat(stack.stateOf(record))
                .isEqualTo(record.equals(bad) ? state : REPORTED));
        assertThat(calls).hasSizeLessThan(40);
        assertThat(pusher.pusher.stop()).isEmpty();
        stack.readAll(records);
        assertThat(new RecordsNeedingReview(stack.jdbc).oldest(10))
                .singleElement()
                .satisfies(held -> {
                    assertThat(held.meteringSn()).isEqualTo(bad.record().meteringSn());
                    assertThat(held.code() + held.detail()).contains(code);
                });
    }

    /** Eight records are halved to one by four calls, which takes no second. */
    @Test
    void a_marketplace_that_refuses_all_for_a_moment_costs_no_record() {
        List<UsageRecordIssued> records = stack.issue(8);
        OnePusher pusher = stack.pusher((body, latest) -> {
            calls.add(List.of(new String(body, UTF_8).split("\"metering_sn\":\"", -1)));
            return calls.size() <= 8 ? ModelGallery.coded(400, "MKT.0199") : accepted();
        });
        pusher.pushAll();

        assertThat(records)
                .allSatisfy(record -> assertThat(stack.stateOf(record)).isEqualTo(REPORTED));
    }

    /** One bad record in a hundred, and each call that carries one is refused as a whole. */
    @Test
    void every_record_is_tried_before_the_parts_of_refused_calls_have_used_up_the_rate() {
        List<UsageRecordIssued> records = stack.issue(400);
        List<String> bad = IntStream.range(0, 4)
                .mapToObj(n -> records.get(n * 100).record().meteringSn())
                .toList();
        OnePusher pusher = stack
        .new OnePusher(
                PushRig.settings("one", PushRig.LONG_LEASE, 20),
                (body, latest) -> {
                    List<String> carried = List.of(new String(body, UTF_8).split("\"metering_sn\":\"", -1));
                    calls.add(carried);
                    return bad.stream().anyMatch(new String(body, UTF_8)::contains)
                            ? ModelGallery.coded(400, "MKT.0101")
                            : accepted();
                },
                CrashPoint.NONE);
        pusher.pushAll();
        Set<String> tried = new HashSet<>();
        int callsUntilAllWereTried = 0;
        while (tried.size() < records.size()) {
            List<String> carried = calls.get(callsUntilAllWereTried++);
            carried.stream().skip(1).map(text -> text.substring(0, 48)).forEach(tried::add);
        }
        assertThat(callsUntilAllWereTried)
                .as("20 calls would do if none were bad")
                .isLessThan(30);
    }

    /** A call with some of the other half would teach nothing that the first half's answer does not say. */
    @Test
    void while_half_of_a_refused_call_is_asked_the_other_half_waits() {
        List<UsageRecordIssued> records = stack.issue(40);
        UsageRecordIssued bad = records.get(7);
        List<OnePusher> pushers = new ArrayList<>();
        List<Boolean> madeMeanwhile = new ArrayList<>();
        OnePusher pusher = stack
        .new OnePusher(
                PushRig.settings(PushRig.settings("one", PushRig.LONG_LEASE, 100), 2),
                (body, latest) -> {
                    calls.add(List.of(new String(body, UTF_8).split("\"metering_sn\":\"", -1)));
                    if (calls.size() == 2) {
                        madeMeanwhile.add(pushers.get(0).pushOnce());
                    }
                    return isIn(bad, body) ? ModelGallery.coded(400, "MKT.0101") : accepted();
                },
                CrashPoint.NONE);
        pushers.add(pusher);
        pusher.pushOnce();
        pusher.pushOnce();
        assertThat(calls).hasSize(2);
        assertThat(madeMeanwhile).containsExactly(false);
        pusher.pushAll();
        assertThat(stack.stateOf(bad)).isNotEqualTo(REPORTED);
        assertThat(calls).hasSizeLessThan(14);
    }

    /** Good records waited a minute between two halves, though others of the hour were accepted all the while. */
    @Test
    void a_refused_call_is_halved_without_waiting_while_others_are_accepted() {
        List<UsageRecordIssued> records = stack.issue(200);
        UsageRecordIssued bad = records.get(7);
        ModelGallery gallery = new ModelGallery();
        gallery.refusesWholeCalls(true, false);
        gallery.callsBad(bad.record().meteringSn());
        OnePusher pusher = stack
        .new OnePusher(
                PushRig.settings(PushRig.settings("one", PushRig.LONG_LEASE, 100), Duration.ofMinutes(10)),
                gallery,
                CrashPoint.NONE);
        while (gallery.billed().size() < 190) {
            assertThat(pusher.pushOnce())
                    .as("%d of 199 are billed", gallery.billed().size())
                    .isTrue();
        }
        assertThat(gallery.calls()).hasSizeLessThan(20);
    }

    /** Nothing is named, so calls alone find the bad ones: few for each, or the good ones of an hour come late. */
    @Test
    void finding_one_bad_record_in_a_hundred_takes_few_calls() {
        List<UsageRecordIssued> records = stack.issue(1000);
        Set<String> bad = new HashSet<>();
        for (int n = 37; n < 1000; n += 100) {
            bad.add(records.get(n).record().meteringSn());
        }
        ModelGallery gallery = new ModelGallery();
        gallery.refusesWholeCalls(true, false);
        bad.forEach(gallery::callsBad);
        OnePusher pusher = stack.pusher(gallery);
        while (gallery.billed().size() < records.size() - bad.size()) {
            pusher.pushOnce();
        }
        assertThat(gallery.calls()).hasSizeLessThanOrEqualTo(12 * bad.size());
        pusher.pushAll();
        assertThat(gallery.billed()).doesNotContainKeys(bad.toArray(String[]::new));
        assertThat(records).allSatisfy(record -> assertThat(stack.stateOf(record))
                .isEqualTo(bad.contains(record.record().meteringSn()) ? DOUBTED : REPORTED));
    }

    /** koogallery.md 1.5: 013, "the state of the instance's resource is abnormal". */
    @Test
    void a_record_refused_while_its_instance_is_frozen_goes_again_when_it_is_not() {
        List<UsageRecordIssued> records = stack.issue(3);
        InstanceId frozen = new InstanceId(records.get(1).instanceId());
        Instant now = stack.businessTime.instant();
        stack.issued(List.of(new FreezeInstance(frozen, now)));
        ModelGallery gallery = new ModelGallery();
        gallery.freezes(frozen.value());
        OnePusher pusher = stack.pusher(gallery);
        pusher.pushUntilQueued(1);
        assertThat(stack.stateOf(records.get(1))).isEqualTo(ISSUED);
        pushDue(pusher);
        assertThat(gallery.calls()).as("it is asked once").hasSize(1);

        gallery.unfreezes(frozen.value());
        stack.issued(List.of(new UnfreezeInstance(frozen, now)));
        pusher.pushAll();
        assertThat(records)
                .allSatisfy(record -> assertThat(stack.stateOf(record)).isEqualTo(REPORTED));
    }

    /** Nothing else could end it: it is on no queue, and in no answer. */
    @Test
    void a_record_that_the_marketplace_has_no_form_for_comes_before_a_person_and_keeps_no_other_waiting() {
        InstanceId strange = new InstanceId("has-no-form");
        stack.ledger.handleAll(List.of(
                new OpenInstance(strange, "order", "line", PushRig.REQUESTS, "buyer", false, PushRig.NINE),
                PushRig.meterHour(strange, PushRig.NINE, BigDecimal.TEN)));
        stack.jdbc
                .sql("update ledger.outbox set record_time = begin_at where instance_id = :id")
                .param("id", strange.value())
                .update();
        UsageRecordIssued other = stack.issue(1).get(0);
        stack.takeIn();

        assertThat(stack.queued()).isOne();
        assertThat(stack.jdbc
                        .sql("select count(*) from ledger.outbox")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(stack.jdbc
                        .sql(
                                "select event_type from ledger.event where instance_id = :id order by sequence_number desc limit 1")
                        .param("id", strange.value())
                        .query(String.class)
                        .single())
                .isEqualTo(DOUBTED);
        stack.pusher((body, latest) -> accepted()).pushAll();
        assertThat(stack.stateOf(other)).isEqualTo(REPORTED);
    }

    /** Readers of the ledger stay behind any transaction that is open, and records to report do not. */
    @Test
    void a_record_refused_while_frozen_goes_again_though_no_reader_has_read_the_freeze() {
        UsageRecordIssued record = stack.issue(1).get(0);
        InstanceId frozen = new InstanceId(record.instanceId());
        stack.ledger.handle(new FreezeInstance(frozen, stack.businessTime.instant()));
        ModelGallery gallery = new ModelGallery();
        gallery.freezes(frozen.value());
        OnePusher pusher = stack.pusher(gallery);
        pusher.pushOnce();
        assertThat(stack.stateOf(record)).isEqualTo(ISSUED);

        gallery.unfreezes(frozen.value());
        pusher.pushAll();
        assertThat(stack.stateOf(record)).isEqualTo(REPORTED);
    }

    /** The marketplace unfreezes when it has our answer to its call, and the waiting records may be faster. */
    @Test
    void a_record_refused_just_after_the_freeze_ended_goes_again() {
        UsageRecordIssued record = stack.issue(1).get(0);
        InstanceId frozen = new InstanceId(record.instanceId());
        Instant now = stack.businessTime.instant();
        stack.issued(List.of(new FreezeInstance(frozen, now.minusSeconds(600)), new UnfreezeInstance(frozen, now)));
        ModelGallery gallery = new ModelGallery();
        gallery.freezes(frozen.value());
        OnePusher pusher = stack.pusher(gallery);
        pusher.pushOnce();
        assertThat(stack.stateOf(record)).isEqualTo(ISSUED);

        stack.businessTime.moveTo(now.plus(Duration.ofMinutes(11)));
        pusher.pushAll();
        assertThat(stack.stateOf(record)).isEqualTo("usage-record-refused");
    }

    @Test
    void a_record_refused_for_the_state_of_an_instance_that_is_not_frozen_is_refused() {
        UsageRecordIssued record = stack.issue(1).get(0);
        ModelGallery gallery = new ModelGallery();
        gallery.freezes(record.instanceId());
        stack.pusher(gallery).pushAll();
        assertThat(stack.stateOf(record)).isEqualTo("usage-record-refused");
    }

    @Test
    void a_wrong_key_puts_no_record_aside_however_long_it_lasts() {
        List<UsageRecordIssued> records = stack.issue(10);
        boolean[] mended = {false};
        List<String> askedWith = new ArrayList<>();
        OnePusher pusher = stack.pusher((body, latest) -> {
            records.stream()
                    .filter(record -> isIn(record, body))
                    .limit(1)
                    .forEach(record -> askedWith.add(record.record().meteringSn()));
            return mended[0] ? accepted() : ModelGallery.coded(400, "MKT.0102");
        });
        for (int i = 0; i < 60; i++) {
            pusher.pushOnce();
        }
        assertThat(records)
                .allSatisfy(record -> assertThat(stack.stateOf(record)).isEqualTo(ISSUED));
        assertThat(pusher.pusher.stop()).isPresent();
        assertThat(askedWith.stream().distinct()).hasSizeGreaterThan(3);

        mended[0] = true;
        pusher.pushAll();
        assertThat(records)
                .allSatisfy(record -> assertThat(stack.stateOf(record)).isEqualTo(REPORTED));
        assertThat(pusher.pusher.stop()).isEmpty();
    }

    /** The key is revoked just when the first of two suspects goes alone. */
    @Test
    void a_wrong_key_convicts_no_suspect_whose_company_was_not_accepted_since() {
        List<UsageRecordIssued> records = stack.issue(2);
        List<HttpResult> answers = new ArrayList<>(Collections.nCopies(8, ModelGallery.coded(400, "MKT.0102")));
        answers.add(0, ModelGallery.coded(400, "MKT.9001"));
        stack.pusher((body, latest) -> answers.isEmpty() ? accepted() : answers.remove(0))
                .pushAll();
        assertThat(records)
                .allSatisfy(record -> assertThat(stack.stateOf(record)).isEqualTo(REPORTED));
    }

    @ParameterizedTest
    @EnumSource
    void once_the_record_at_fault_is_found_nothing_speaks_against_the_others(Found how) {
        List<UsageRecordIssued> records = stack.issue(8);
        String bad = inLineAfter(2);
        OnePusher pusher = stack.pusher((body, latest) -> {
            String text = new String(body, UTF_8);
            if (!text.contains(bad)) {
                return accepted();
            }
            boolean whole = records.stream().allMatch(record -> isIn(record, body));
            return how == Found.NAMED && !whole ? named(bad) : ModelGallery.coded(400, "MKT.9001");
        });
        while (stack.jdbc
                .sql("select exists (select from pusher.work where metering_sn = :bad)")
                .param("bad", bad)
                .query(Boolean.class)
                .single()) {
            pusher.pushOnce();
        }
        assertThat(stack.queued()).isPositive();
        assertThat(stack.jdbc
                        .sql("select count(*) from pusher.work where suspect_set is not null")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    private enum Found {
        ALONE,
        NAMED
    }

    private static HttpResult named(String meteringSn) {
        String answer =
                """
                {"error_code":"MKT.0000","abnormal_usage_data":[{"metering_sn":"%s","error_code":"003"}]}""";
        return new HttpResult.Answer(200, null, answer.formatted(meteringSn).getBytes(UTF_8));
    }

    private static String earliest() {
        return inLineAfter(0);
    }

    private static String inLineAfter(int others) {
        return stack.jdbc
                .sql("select metering_sn from pusher.work order by deadline, metering_sn offset :others limit 1")
                .param("others", others)
                .query(String.class)
                .single();
    }

    /** The record with the earliest deadline breaks the marketplace, and is due whenever the breaker lets one call through. */
    @Test
    void after_an_outage_the_record_that_breaks_the_gallery_does_not_stand_for_all() {
        List<UsageRecordIssued> records = stack.issue(5);
        String head = earliest();
        boolean[] outage = {true};
        OnePusher pusher = stack.pusher((body, latest) -> outage[0] || new String(body, UTF_8).contains(head)
                ? new HttpResult.Answer(404, null, "<html>Not Found</html>".getBytes(UTF_8))
                : accepted());
        for (int i = 0; i < 20; i++) {
            pushDue(pusher);
        }
        outage[0] = false;
        for (int i = 0; i < 30; i++) {
            pushDue(pusher);
        }
        assertThat(records)
                .filteredOn(record -> !record.record().meteringSn().equals(head))
                .allSatisfy(record -> assertThat(stack.stateOf(record)).isEqualTo(REPORTED));
    }

    @Test
    void a_record_that_never_gets_a_clear_answer_alone_does_not_go_on_for_ever() {
        UsageRecordIssued bad = stack.issue(1).get(0);
        OnePusher pusher = stack.pusher(faulty(bad, ModelGallery.coded(500, "MKT.0999")));
        for (int i = 0; i < 100 && stack.stateOf(bad).equals(ISSUED); i++) {
            stack.issue(1);
            pushDue(pusher);
            pushDue(pusher);
        }
        assertThat(stack.stateOf(bad)).isEqualTo(DOUBTED);
    }

    /** One call, whatever backs off. */
    private static void pushDue(OnePusher pusher) {
        stack.jdbc
                .sql("update pusher.work set not_before = '-infinity' where not_before < 'infinity'")
                .update();
        pusher.pushOnce();
    }
}
