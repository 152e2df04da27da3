package io.hourledger.pusher;

import static io.hourledger.pusher.GalleryPusherTest.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.PackageLife.Stop;
import io.hourledger.ledger.instance.Packages.Balance;
import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Packages that stop when they are used up, from the order to the pay-per-use instance that they are for (koogallery.md, section 5). */
@Tag("servers")
class StopWhenUsedUpPackageTest {

    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
    private static final String PACKAGE = "web-requests-package";
    private static final String SIZE_BY_ORDER = "web-requests-package-by-order";
    private static final String OF_PLUS = "web-requests-plus-package";

    private static GalleryStub gallery;
    private static RunningPusher pusher;

    private final String buyer = "buyer-" + id().substring(0, 8);

    @BeforeAll
    static void start() {
        gallery = new GalleryStub();
        pusher = new RunningPusher(gallery, new TestClock(NINE));
    }

    @AfterAll
    static void stop() {
        pusher.close();
        gallery.close();
    }

    @Test
    void a_package_has_an_id_of_its_own_and_is_added_to_the_instance_that_it_is_for() throws Exception {
        String instance = payPerUse();
        String order = ordered("NEW", "ON_DEMAND_PKG", PACKAGE);
        String business = id();

        JsonNode answer = newInstance(order, 1, business, "");

        assertThat(answer.get("resultCode").asString()).isEqualTo("000000");
        assertThat(answer.get("instanceId").asString()).isEqualTo(business);
        assertThat(instance(business)).as("a package is no instance").isEmpty();
        Balance added = balance(instance, business);
        assertThat(added.contained()).isEqualByComparingTo("1000");
        assertThat(added.life().openedAt()).isEqualTo(NINE);
    }

    @Test
    void the_same_package_is_added_once_however_often_and_under_whatever_business_id_it_is_called() throws Exception {
        String instance = payPerUse();
        String order = ordered("NEW", "ON_DEMAND_PKG", PACKAGE);
        String business = id();
        newInstance(order, 1, business, "");

        assertThat(newInstance(order, 1, id(), "").get("instanceId").asString()).isEqualTo(business);
        assertThat(newInstance(order, 1, id(), ",\"productId\":\"" + PACKAGE + "\"")
                        .get("instanceId")
                        .asString())
                .isEqualTo(business);
        assertThat(instance(instance).orElseThrow().packages().balances()).hasSize(1);
    }

    @Test
    void two_packages_of_one_order_are_two_packages() throws Exception {
        String instance = payPerUse();
        String order = "CS" + id().substring(0, 12);
        gallery.knowsOrder(
                order, order(order, PACKAGE, PACKAGE).replace("buyer-1", buyer).replace("ON_DEMAND", "ON_DEMAND_PKG"));
        newInstance(order, 1, id(), "");
        newInstance(order, 2, id(), "");

        assertThat(instance(instance).orElseThrow().packages().left()).isEqualByComparingTo("2000");
    }

    @Test
    void the_order_says_what_a_package_contains_where_the_catalogue_does_not() throws Exception {
        String instance = payPerUse();
        String business = id();
        newInstance(ordered("NEW", "ON_DEMAND_PKG", SIZE_BY_ORDER, 500), 1, business, "");

        assertThat(balance(instance, business).contained()).isEqualByComparingTo("500");
    }

    @Test
    void a_size_that_nobody_knows_or_of_which_two_things_are_said_is_not_guessed() throws Exception {
        payPerUse();
        waits(ordered("NEW", "ON_DEMAND_PKG", SIZE_BY_ORDER), "neither order nor catalogue says");
        waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE, 500), "500 by the order, and 1000 by the catalogue");
        waits(ordered("NEW", "ON_DEMAND_PKG", SIZE_BY_ORDER, 0), "contains: '0'");
    }

    @Test
    void packages_of_two_products_that_share_a_meter_never_take_each_others_place() throws Exception {
        String requests = payPerUse();
        String plus = opened(ordered("NEW", "ON_DEMAND", "web-requests-plus"));

        String ofPlus = opened(ordered("NEW", "ON_DEMAND_PKG", OF_PLUS, 1));
        String ofRequests = opened(ordered("NEW", "ON_DEMAND_PKG", PACKAGE));

        assertThat(balance(plus, ofPlus).contained()).isEqualByComparingTo("250");
        assertThat(balance(requests, ofRequests).contained()).isEqualByComparingTo("1000");
        assertThat(instance(plus).orElseThrow().packages().balances()).hasSize(1);
        assertThat(instance(requests).orElseThrow().packages().balances()).hasSize(1);
    }

    @Test
    void a_package_of_which_several_were_bought_contains_that_many_times_its_amount() throws Exception {
        String plus = opened(ordered("NEW", "ON_DEMAND", "web-requests-plus"));

        String three = opened(ordered("NEW", "ON_DEMAND_PKG", OF_PLUS, 3));

        assertThat(balance(plus, three).contained()).isEqualByComparingTo("750");
        waits(ordered("NEW", "ON_DEMAND_PKG", OF_PLUS), "does not say how many of package " + OF_PLUS);
        waits(ordered("NEW", "ON_DEMAND_PKG", OF_PLUS, 0), "were bought: '0'");
    }

    @Test
    void a_package_with_several_items_serves_an_instance_of_each() throws Exception {
        String requests = payPerUse();
        String egress = opened(ordered("NEW", "ON_DEMAND", "web-egress"));

        String business = opened(ordered("NEW", "ON_DEMAND_PKG", PACKAGE + ",web-egress-package"));

        assertThat(balance(requests, business).contained()).isEqualByComparingTo("1000");
        assertThat(balance(egress, business).contained()).isEqualByComparingTo("50");
        assertThat(query(business).get("usageInfo"))
                .extracting(usage -> usage.get("relatedInstanceId").asString())
                .containsExactlyInAnyOrder(requests, egress);
    }

    @Test
    void a_package_with_an_item_that_fits_nothing_is_not_opened_by_half() throws Exception {
        String requests = payPerUse();

        waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE + ",web-egress-package"), "could be for 0 pay-per-use");

        assertThat(instance(requests).orElseThrow().packages().prepaid()).isFalse();
    }

    @Test
    void a_package_that_fitted_two_instances_stays_with_a_person_when_one_of_them_ends() throws Exception {
        String first = payPerUse();
        String second = payPerUse();
        String business = waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE), "could be for 2 pay-per-use instances");

        assertThat(about(first, "releaseInstance", "")).isEqualTo("000000");

        String released = now();
        await().atMost(Duration.ofSeconds(30)).until(() -> triedSince(business, released));
        assertThat(instance(second).orElseThrow().packages().prepaid()).isFalse();
        assertThat(resolve(business, item(PACKAGE, first, "")).body()).contains("has ended");
        assertThat(resolve(business, item(PACKAGE, second, "")).statusCode()).isEqualTo(204);
        assertThat(balance(second, business).contained()).isEqualByComparingTo("1000");
    }

    @Test
    void a_package_that_waits_for_its_instance_is_counted() throws Exception {
        String business = waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE), "could be for 0");

        oneTurnIsOverSinceNow(business);
        double before = notPlaced();
        assertThat(before).isPositive();
        String instance = payPerUse();

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        instance(instance).orElseThrow().packages().find(business))
                .isPresent());
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(notPlaced()).isLessThan(before));
    }

    /** The gauge is written at the end of a turn, and the next turn has begun when the request is tried again. */
    private static void oneTurnIsOverSinceNow(String business) {
        for (int turn = 0; turn < 2; turn++) {
            String since = now();
            await().atMost(Duration.ofSeconds(30)).until(() -> triedSince(business, since));
        }
    }

    private static double notPlaced() {
        return pusher.bean(MeterRegistry.class)
                .get("callback.packages.not.placed")
                .gauge()
                .value();
    }

    @Test
    void a_person_moves_a_package_that_is_at_the_wrong_instance_while_nothing_was_drawn_from_it() throws Exception {
        String wrong = payPerUse();
        String right = payPerUse();
        String business = waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE), "could be for 2");
        assertThat(resolve(business, item(PACKAGE, wrong, "")).statusCode()).isEqualTo(204);
        assertThat(about(business, "updateInstanceStatus", ",\"status\":\"FREEZE\""))
                .isEqualTo("000000");

        assertThat(resolve(business, item(PACKAGE, right, "")).statusCode()).isEqualTo(204);

        assertThat(instance(wrong).orElseThrow().packages().prepaid()).isFalse();
        Balance moved = balance(right, business);
        assertThat(moved.contained()).isEqualByComparingTo("1000");
        assertThat(moved.life().stops()).containsExactly(Stop.FROZEN);
        assertThat(query(business)
                        .get("usageInfo")
                        .get(0)
                        .get("relatedInstanceId")
                        .asString())
                .isEqualTo(right);
        assertThat(pusher.bean(JdbcClient.class)
                        .sql(
                                """
                                select payload ->> 'who' from ledger.event
                                 where instance_id = :id and event_type = 'package-withdrawn'""")
                        .param("id", wrong)
                        .query(String.class)
                        .list())
                .containsExactly("li.wei");

        assertThat(about(business, "updateInstanceStatus", ",\"status\":\"UNFREEZE\""))
                .isEqualTo("000000");
        use(right, "10");
        HttpResponse<String> tooLate = resolve(business, item(PACKAGE, wrong, ""));
        assertThat(tooLate.statusCode()).isEqualTo(409);
        assertThat(tooLate.body()).contains("10 of package " + business).contains("Settle that with the buyer");
        assertThat(instance(wrong).orElseThrow().packages().prepaid()).isFalse();
    }

    private static String now() {
        return pusher.bean(JdbcClient.class)
                .sql("select clock_timestamp()::text")
                .query(String.class)
                .single();
    }

    private static boolean triedSince(String business, String moment) {
        return pusher.bean(JdbcClient.class)
                .sql(
                        """
                        select tried_at > cast(:moment as timestamptz) from pusher.requested_instance
                         where instance_id = :id""")
                .param("moment", moment)
                .param("id", business)
                .query(Boolean.class)
                .single();
    }

    @Test
    void a_person_cannot_name_the_instance_of_another_buyer_or_of_another_order_line() throws Exception {
        String instance = payPerUse();
        payPerUse();
        String business = waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE), "could be for 2");
        String other = "CS" + id().substring(0, 12);
        gallery.knowsOrder(other, order(other, "web-requests").replace("buyer-1", "somebody-else"));
        String ofSomebodyElse = opened(other);

        assertThat(resolve(business, item(PACKAGE, ofSomebodyElse, "")).body())
                .contains("is of buyer somebody-else, and the package was ordered by buyer " + buyer);
        assertThat(resolve(business, item(OF_PLUS, instance, "")).body()).contains("has no product " + OF_PLUS);
        assertThat(instance(ofSomebodyElse).orElseThrow().packages().prepaid()).isFalse();
        assertThat(instance(instance).orElseThrow().packages().prepaid()).isFalse();
    }

    @Test
    void a_package_that_fits_no_instance_waits() throws Exception {
        waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE), "could be for 0 pay-per-use instances of buyer " + buyer);
    }

    @Test
    void a_package_that_fits_two_instances_waits_and_a_person_names_the_one() throws Exception {
        payPerUse();
        String meant = payPerUse();
        String order = ordered("NEW", "ON_DEMAND_PKG", PACKAGE);
        String business = waits(order, "could be for 2 pay-per-use instances");

        assertThat(resolve(business, "\"items\":[{\"productId\":\"" + PACKAGE + "\",\"instanceId\":\"" + meant + "\"}]")
                        .statusCode())
                .isEqualTo(204);

        assertThat(balance(meant, business).contained()).isEqualByComparingTo("1000");
        assertThat(newInstance(order, 1, id(), "").get("instanceId").asString()).isEqualTo(business);
        assertThat(pusher.bean(JdbcClient.class)
                        .sql("select decided_by from pusher.package_instance where package_instance_id = :id")
                        .param("id", business)
                        .query(String.class)
                        .list())
                .containsExactly("li.wei");
    }

    @Test
    void a_person_cannot_name_what_cannot_be() throws Exception {
        String instance = payPerUse();
        payPerUse();
        String business = waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE), "could be for 2");
        String egress = opened(ordered("NEW", "ON_DEMAND", "web-egress"));

        assertThat(resolve(business, item(PACKAGE, egress, "")).body())
                .contains("has product web-egress, and package " + PACKAGE + " is for web-requests");
        assertThat(resolve(business, item("web-requests", instance, "")).body()).contains("is no package");
        assertThat(resolve(business, item(PACKAGE, "nobody", "")).body()).contains("there is no instance nobody");
        assertThat(resolve(business, item(PACKAGE, instance, ",\"amount\":0")).statusCode())
                .isEqualTo(409);
        assertThat(resolve(id(), item(PACKAGE, instance, "")).statusCode()).isEqualTo(404);
        assertThat(post("/operator/pusher/unopened-instances/" + business + "/package", "{\"items\":[]}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(instance(instance).orElseThrow().packages().prepaid()).isFalse();
    }

    @Test
    void a_line_with_several_items_waits_and_a_person_names_an_instance_for_each() throws Exception {
        String first = payPerUse();
        String second = payPerUse();
        String business =
                waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE + "," + SIZE_BY_ORDER), "could be for 2 pay-per-use");

        assertThat(resolve(
                                business,
                                "\"items\":[{\"productId\":\"" + PACKAGE + "\",\"instanceId\":\"" + first
                                        + "\"},{\"productId\":\"" + SIZE_BY_ORDER + "\",\"instanceId\":\"" + second
                                        + "\",\"amount\":70}]")
                        .statusCode())
                .isEqualTo(204);

        assertThat(balance(first, business).contained()).isEqualByComparingTo("1000");
        assertThat(balance(second, business).contained()).isEqualByComparingTo("70");
        assertThat(query(business).get("usageInfo"))
                .extracting(usage -> usage.get("relatedInstanceId").asString())
                .containsExactly(first, second);
    }

    @Test
    void a_package_bought_together_with_pay_per_use_waits_for_that_instance() throws Exception {
        payPerUse();
        String order = "CS" + id().substring(0, 12);
        gallery.knowsOrder(
                order,
                order(order, "web-requests", PACKAGE)
                        .replace("buyer-1", buyer)
                        .replaceFirst("(?s)(-000002\"[^}]*)ON_DEMAND", "$1ON_DEMAND_PKG"));
        String business = id();
        assertThat(newInstance(order, 2, business, "").get("resultCode").asString())
                .isEqualTo("000004");
        assertThat(unopened()).contains("product web-requests of the same order");

        newInstance(order, 1, id(), "");

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(unopened()).contains("could be for 2 pay-per-use"));
    }

    @Test
    void a_package_for_debugging_is_for_an_instance_for_debugging_only() throws Exception {
        payPerUse();
        String debugging = id();
        newInstance(ordered("NEW", "ON_DEMAND", "web-requests"), 1, debugging, ",\"testFlag\":\"1\"");
        String business = id();

        newInstance(ordered("NEW", "ON_DEMAND_PKG", PACKAGE), 1, business, ",\"testFlag\":\"1\"");

        assertThat(balance(debugging, business).contained()).isEqualByComparingTo("1000");
    }

    @Test
    void query_shows_what_was_used_of_a_package_and_the_running_total_of_its_instance() throws Exception {
        String instance = payPerUse();
        String business = opened(ordered("NEW", "ON_DEMAND_PKG", PACKAGE));
        assertThat(query(business).get("usageInfo").get(0).get("usageValue").asString())
                .isEqualTo("0.0000");

        use(instance, "1200.5");

        JsonNode usage = query(business).get("usageInfo");
        assertThat(usage).hasSize(1);
        assertThat(usage.get(0).get("relatedInstanceId").asString()).isEqualTo(instance);
        assertThat(usage.get(0).get("usageValue").asString()).isEqualTo("1000.0000");
        JsonNode total = query(instance).get("usageInfo").get(0);
        assertThat(total.has("relatedInstanceId")).isFalse();
        assertThat(total.get("usageValue").asString()).isEqualTo("1200.5000");
    }

    @Test
    void a_package_is_frozen_unfrozen_and_released_by_its_own_id_and_its_instance_lives_on() throws Exception {
        String instance = payPerUse();
        String business = opened(ordered("NEW", "ON_DEMAND_PKG", PACKAGE));

        assertThat(about(business, "updateInstanceStatus", ",\"status\":\"FREEZE\""))
                .isEqualTo("000000");
        assertThat(balance(instance, business).life().drawable()).isEmpty();
        assertThat(about(business, "updateInstanceStatus", ",\"status\":\"UNFREEZE\""))
                .isEqualTo("000000");
        assertThat(balance(instance, business).life().drawable()).hasSize(1);
        assertThat(about(business, "releaseInstance", "")).isEqualTo("000000");
        assertThat(about(business, "releaseInstance", "")).isEqualTo("000000");

        assertThat(balance(instance, business).life().releasedAt()).isEqualTo(NINE);
        assertThat(instance(instance).orElseThrow().releasedAt()).isNull();
        assertThat(query(business).get("usageInfo").get(0).get("usageValue").asString())
                .isEqualTo("0.0000");
    }

    @Test
    void what_no_document_says_of_a_package_is_not_done() throws Exception {
        payPerUse();
        String business = opened(ordered("NEW", "ON_DEMAND_PKG", PACKAGE));

        assertThat(
                        about(
                                business,
                                "refreshInstance",
                                ",\"scene\":\"RENEWAL\",\"orderId\":\"CS-R\",\"orderLineId\":\"CS-R-000001\",\"expireTime\":\"20271124000000\""))
                .isEqualTo("000005");
        assertThat(about(business, "upgradeInstance", ",\"orderId\":\"CS-U\",\"orderLineId\":\"CS-U-000001\""))
                .isEqualTo("000005");
        assertThat(about(business, "changeInstanceCheck", ",\"productInfo\":{\"productId\":\"web-requests\"}"))
                .isEqualTo("000002");
    }

    @Test
    void a_package_that_was_frozen_while_it_waited_is_opened_frozen_and_one_that_was_released_never() throws Exception {
        String instance = payPerUse();
        payPerUse();
        String frozen = waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE), "could be for 2");
        String released = waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE), "could be for 2");
        assertThat(about(frozen, "updateInstanceStatus", ",\"status\":\"FREEZE\""))
                .isEqualTo("000000");
        assertThat(about(released, "releaseInstance", "")).isEqualTo("000000");

        assertThat(resolve(frozen, item(PACKAGE, instance, "")).statusCode()).isEqualTo(204);
        assertThat(resolve(released, item(PACKAGE, instance, "")).statusCode()).isEqualTo(404);

        assertThat(balance(instance, frozen).life().drawable()).isEmpty();
        assertThat(instance(instance).orElseThrow().packages().balances()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ON_DEMAND", "ON_DEMAND_PKG"})
    void a_package_that_only_the_catalogue_or_only_the_order_knows_is_held(String inTheOrder) throws Exception {
        payPerUse();
        String product = inTheOrder.equals("ON_DEMAND") ? PACKAGE : "web-requests";
        waits(ordered("NEW", inTheOrder, product), "the catalogue says");
    }

    @Test
    void an_instance_does_not_become_a_package() throws Exception {
        String business = opened(ordered("NEW", "ON_DEMAND", "web-requests"));
        String upgrade = ordered("CHANGE", "ON_DEMAND_PKG", PACKAGE);
        assertThat(about(
                        business,
                        "upgradeInstance",
                        ",\"orderId\":\"" + upgrade + "\",\"orderLineId\":\"" + upgrade + "-000001\""))
                .isEqualTo("000005");
        assertThat(instance(business).orElseThrow().origin().product().productId())
                .isEqualTo("web-requests");
        assertThat(about(business, "changeInstanceCheck", ",\"productInfo\":{\"productId\":\"" + PACKAGE + "\"}"))
                .isEqualTo("000002");
    }

    /** Withdrawn from both before it is added to either: the one that stays would be taken for the one that comes. */
    @Test
    void the_items_of_a_package_change_places_whole_and_each_with_its_own_amount() throws Exception {
        String first = payPerUse();
        String second = payPerUse();
        String business =
                waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE + "," + SIZE_BY_ORDER), "could be for 2 pay-per-use");
        assertThat(resolve(business, items(first, second)).statusCode()).isEqualTo(204);
        assertThat(about(business, "updateInstanceStatus", ",\"status\":\"FREEZE\""))
                .isEqualTo("000000");

        assertThat(resolve(business, items(second, first)).statusCode()).isEqualTo(204);

        assertThat(balance(second, business).contained()).isEqualByComparingTo("1000");
        assertThat(balance(first, business).contained()).isEqualByComparingTo("70");
        assertThat(balance(second, business).life().stops()).containsExactly(Stop.FROZEN);
        assertThat(balance(first, business).life().stops()).containsExactly(Stop.FROZEN);
    }

    @Test
    void a_package_with_several_items_is_moved_with_all_of_them_or_not_at_all() throws Exception {
        String first = payPerUse();
        String second = payPerUse();
        String business =
                waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE + "," + SIZE_BY_ORDER), "could be for 2 pay-per-use");
        assertThat(resolve(business, items(first, second)).statusCode()).isEqualTo(204);

        HttpResponse<String> byHalf = resolve(business, item(PACKAGE, second, ""));

        assertThat(byHalf.statusCode()).isEqualTo(409);
        assertThat(byHalf.body()).contains("nothing is said of " + SIZE_BY_ORDER);
        assertThat(balance(first, business).contained()).isEqualByComparingTo("1000");
        assertThat(balance(second, business).contained()).isEqualByComparingTo("70");
    }

    @Test
    void a_package_that_is_open_keeps_its_amount_and_a_person_who_names_another_is_told_so() throws Exception {
        String instance = payPerUse();
        String business = opened(ordered("NEW", "ON_DEMAND_PKG", PACKAGE));

        HttpResponse<String> other = resolve(business, item(PACKAGE, instance, ",\"amount\":70"));

        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(other.body()).contains("contains 1000 and not 70");
        assertThat(resolve(business, item(PACKAGE, instance, "")).statusCode()).isEqualTo(204);
        assertThat(balance(instance, business).contained()).isEqualByComparingTo("1000");
    }

    @Test
    void a_person_who_leaves_out_an_item_of_a_package_opens_nothing() throws Exception {
        String first = payPerUse();
        payPerUse();
        String business =
                waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE + "," + SIZE_BY_ORDER), "could be for 2 pay-per-use");

        HttpResponse<String> byHalf = resolve(business, item(PACKAGE, first, ""));

        assertThat(byHalf.statusCode()).isEqualTo(409);
        assertThat(byHalf.body()).contains("nothing is said of " + SIZE_BY_ORDER);
        assertThat(instance(first).orElseThrow().packages().prepaid()).isFalse();
    }

    @Test
    void a_renewal_or_upgrade_of_a_package_that_is_not_done_is_kept_for_a_person() throws Exception {
        payPerUse();
        String business = opened(ordered("NEW", "ON_DEMAND_PKG", PACKAGE));
        String renewal = "CS-R" + id().substring(0, 8);
        String upgrade = "CS-U" + id().substring(0, 8);

        about(
                business,
                "refreshInstance",
                ",\"scene\":\"RENEWAL\",\"orderId\":\"" + renewal + "\",\"orderLineId\":\"" + renewal
                        + "-000001\",\"expireTime\":\"20271124000000\"");
        about(
                business,
                "upgradeInstance",
                ",\"orderId\":\"" + upgrade + "\",\"orderLineId\":\"" + upgrade + "-000001\"");

        assertThat(undone()).contains(business, renewal, "has not expired", upgrade, "a package is not upgraded");
        assertThat(dismissed(business, renewal).statusCode()).isEqualTo(200);
        assertThat(about(business, "releaseInstance", "")).isEqualTo("000000");
        assertThat(undone()).doesNotContain(business);
    }

    /** V2.0 has no call that expires: it freezes, and says no more than the renewal (koogallery.md, 4.4). */
    @Test
    void a_package_that_was_frozen_at_its_expiry_goes_on_when_it_is_renewed() throws Exception {
        String instance = payPerUse();
        String business = opened(ordered("NEW", "ON_DEMAND_PKG", PACKAGE));
        about(business, "updateInstanceStatus", ",\"status\":\"FREEZE\"");
        String renewal = "CS-R" + id().substring(0, 8);
        String refresh = ",\"scene\":\"RENEWAL\",\"orderId\":\"" + renewal + "\",\"orderLineId\":\"" + renewal
                + "-000001\",\"expireTime\":\"20271124000000\"";

        assertThat(about(business, "refreshInstance", refresh)).isEqualTo("000000");

        assertThat(balance(instance, business).life().stops()).isEmpty();
        assertThat(undone()).doesNotContain(business);
        assertThat(about(business, "refreshInstance", refresh)).isEqualTo("000000");
    }

    @Test
    void a_package_whose_order_is_not_told_in_full_or_is_in_doubt_is_counted_as_a_package_too() throws Exception {
        payPerUse();
        String trial = waits(ordered("TRIAL", "ON_DEMAND_PKG", PACKAGE), "whether its usage is billed");
        String unknown = waits(ordered("NEW", "ON_DEMAND_PKG", "something-new"), "is not in the catalogue");

        assertThat(pusher.bean(JdbcClient.class)
                        .sql(
                                """
                                select instance_id from pusher.requested_instance
                                 where instance_id in (:ids) and is_package""")
                        .param("ids", List.of(trial, unknown))
                        .query(String.class)
                        .list())
                .containsExactlyInAnyOrder(trial, unknown);
    }

    /** That instance will have lived when the package was ordered, though the order cannot be looked up yet. */
    @Test
    void a_package_waits_while_pay_per_use_that_was_asked_for_before_it_is_not_open() throws Exception {
        String first = payPerUse();
        String later = "CS" + id().substring(0, 12);
        gallery.knowsOrder(
                later,
                order(later, "web-requests")
                        .replace("buyer-1", buyer)
                        .replace("\"orderType\":\"NEW\"", "\"orderType\":\"GIFT\""));
        String waiting = waits(later, "which opens no instance");

        String business = waits(
                ordered("NEW", "ON_DEMAND_PKG", PACKAGE), "instance " + waiting + " was ordered before the package");

        assertThat(instance(first).orElseThrow().packages().prepaid()).isFalse();
        about(waiting, "releaseInstance", "");
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        instance(first).orElseThrow().packages().find(business))
                .isPresent());
    }

    @Test
    void an_upgrade_of_a_package_that_waits_is_dismissed_by_a_person() throws Exception {
        String business = waits(ordered("NEW", "ON_DEMAND_PKG", PACKAGE), "could be for 0");
        String upgrade = "CS-U" + id().substring(0, 8);
        assertThat(about(
                        business,
                        "upgradeInstance",
                        ",\"orderId\":\"" + upgrade + "\",\"orderLineId\":\"" + upgrade + "-000001\""))
                .isEqualTo("000000");
        String instance = payPerUse();
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(unopened())
                .contains("(UPGRADE by order " + upgrade + "): a package is not upgraded"));

        assertThat(dismissed(business, upgrade).statusCode()).isEqualTo(200);

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        instance(instance).orElseThrow().packages().find(business))
                .isPresent());
    }

    private static String items(String ofPackage, String ofSizeByOrder) {
        return "\"items\":[{\"productId\":\"" + PACKAGE + "\",\"instanceId\":\"" + ofPackage
                + "\"},{\"productId\":\"" + SIZE_BY_ORDER + "\",\"instanceId\":\"" + ofSizeByOrder
                + "\",\"amount\":70}]";
    }

    private static String undone() throws Exception {
        return pusher.get("/operator/pusher/undone-changes?limit=1000").body();
    }

    private static HttpResponse<String> dismissed(String business, String order) throws Exception {
        return post(
                "/operator/pusher/undone-changes/" + business + "/dismiss",
                "{\"who\":\"li.wei\",\"why\":\"refunded\",\"orderId\":\"" + order + "\"}");
    }

    private String payPerUse() throws Exception {
        return opened(ordered("NEW", "ON_DEMAND", "web-requests"));
    }

    private static String opened(String order) throws Exception {
        String business = id();
        assertThat(newInstance(order, 1, business, "").get("resultCode").asString())
                .isEqualTo("000000");
        return business;
    }

    /** The id under which the package waits. */
    private static String waits(String order, String because) throws Exception {
        String business = id();
        assertThat(newInstance(order, 1, business, "").get("resultCode").asString())
                .isEqualTo("000004");
        assertThat(instance(business)).isEmpty();
        assertThat(unopened()).contains(business, because);
        return business;
    }

    private static String unopened() throws Exception {
        return pusher.get("/operator/pusher/unopened-instances?limit=1000").body();
    }

    private static String item(String product, String instance, String more) {
        return "\"items\":[{\"productId\":\"" + product + "\",\"instanceId\":\"" + instance + "\"" + more + "}]";
    }

    private static HttpResponse<String> resolve(String packageId, String items) throws Exception {
        return post(
                "/operator/pusher/unopened-instances/" + packageId + "/package",
                "{\"who\":\"li.wei\",\"why\":\"the buyer said so\"," + items + "}");
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return pusher.post(path, body);
    }

    private static String about(String instance, String activity, String more) throws Exception {
        return pusher.call("{\"activity\":\"" + activity + "\",\"instanceId\":\"" + instance + "\"" + more + "}")
                .get("resultCode")
                .asString();
    }

    private static JsonNode query(String instance) throws Exception {
        return pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"" + instance + "\"}")
                .get("info")
                .get(0);
    }

    private String ordered(String orderType, String chargingMode, String product) {
        String order = "CS" + id().substring(0, 12);
        gallery.knowsOrder(
                order,
                order(order, product)
                        .replace("buyer-1", buyer)
                        .replace("\"orderType\":\"NEW\"", "\"orderType\":\"" + orderType + "\"")
                        .replace("\"chargingMode\":\"ON_DEMAND\"", "\"chargingMode\":\"" + chargingMode + "\""));
        return order;
    }

    private String ordered(String orderType, String chargingMode, String product, int size) {
        String order = "CS" + id().substring(0, 12);
        gallery.knowsOrder(
                order,
                order(order, product)
                        .replace("buyer-1", buyer)
                        .replace("\"orderType\":\"NEW\"", "\"orderType\":\"" + orderType + "\"")
                        .replace("\"chargingMode\":\"ON_DEMAND\"", "\"chargingMode\":\"" + chargingMode + "\"")
                        .replace("\"" + product + "\"}", "\"" + product + "\",\"linearValue\":" + size + "}"));
        return order;
    }

    private static JsonNode newInstance(String order, int line, String business, String more) throws Exception {
        return pusher.call("{\"activity\":\"newInstance\",\"businessId\":\"" + business + "\",\"orderId\":\"" + order
                + "\",\"orderLineId\":\"" + order + "-00000" + line + "\"" + more + "}");
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private static Optional<InstanceView> instance(String id) {
        return pusher.bean(LedgerQueries.class).instance(new InstanceId(id));
    }

    private static Balance balance(String instance, String packageId) {
        return instance(instance).orElseThrow().packages().find(packageId).orElseThrow();
    }

    private static void use(String instance, String amount) {
        UsageHour hour = new UsageHour(NINE);
        assertThat(pusher.bean(Ledger.class)
                        .handle(new MeterHour(
                                new InstanceId(instance),
                                hour,
                                0,
                                new CountedBy("requests", 1),
                                new BigDecimal(amount),
                                new EventSpan(3, NINE.plusSeconds(60), NINE.plusSeconds(120)),
                                new LogPosition(0, 1, 3),
                                hour.end().plusSeconds(60))))
                .isInstanceOf(Decision.Done.class);
    }
}
