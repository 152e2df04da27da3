package io.hourledger.pusher;

import static io.hourledger.pusher.GalleryPusherTest.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.GalleryStub.Reply;
import io.hourledger.pusher.push.SellerAccount.Beginning;
import io.hourledger.pusher.push.SellerAccountMismatchException;
import io.hourledger.pusher.push.SellerAccounts;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Two sellers on one installation: each has a key, a path, a marketplace, and what is its own. */
@Tag("servers")
class TwoAccountsTest {

    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
    private static final String ACME_KEY = "the-key-of-acme";

    private final TestClock clock = new TestClock(NINE);
    private final TestDatabase.Address database = PusherTables.fresh();
    private final GalleryStub ours = new GalleryStub();
    private final GalleryStub acmes = new GalleryStub();

    @BeforeEach
    void strictMarketplaces() {
        acmes.knowsKey(ACME_KEY);
        for (GalleryStub gallery : List.of(ours, acmes)) {
            gallery.answers(
                    push -> push.signed() ? Reply.json(200, GalleryStub.ACCEPTED) : Reply.code(400, "MKT.0102"));
        }
    }

    @AfterEach
    void stop() {
        ours.close();
        acmes.close();
    }

    private RunningPusher twoAccounts(String... more) {
        return pusher("acme", more);
    }

    private RunningPusher pusher(String second, String... more) {
        return new RunningPusher(
                database,
                ours,
                clock,
                java.util.stream.Stream.concat(
                                java.util.stream.Stream.of(
                                        "--hourledger.pusher.accounts[0].name=" + second,
                                        "--hourledger.pusher.accounts[0].seller-key=" + ACME_KEY,
                                        "--hourledger.pusher.accounts[0].access-key=AK2",
                                        "--hourledger.pusher.accounts[0].secret-key=SK2",
                                        "--hourledger.pusher.accounts[0].base-url=" + acmes.address()),
                                java.util.stream.Stream.of(more))
                        .toArray(String[]::new));
    }

    private static String newInstance(String orderId, String businessId) {
        return "{\"activity\":\"newInstance\",\"businessId\":\"" + businessId + "\",\"orderId\":\"" + orderId
                + "\",\"orderLineId\":\"" + orderId + "-000001\"}";
    }

    private static String about(String activity, String instanceId, String more) {
        return "{\"activity\":\"" + activity + "\",\"instanceId\":\"" + instanceId + "\"" + more + "}";
    }

    private static String code(JsonNode answer) {
        return answer.get("resultCode").asString();
    }

    private static void meter(RunningPusher pusher, String instanceId, Instant hour) {
        pusher.bean(Ledger.class)
                .handle(new MeterHour(
                        new InstanceId(instanceId),
                        new UsageHour(hour),
                        0,
                        new CountedBy("requests", 1),
                        BigDecimal.TEN,
                        new EventSpan(1, hour, hour),
                        new LogPosition(0, 0, 0),
                        hour.plus(Duration.ofMinutes(62))));
    }

    private static InstanceView instance(RunningPusher pusher, String id) {
        return pusher.bean(LedgerQueries.class).instance(new InstanceId(id)).orElseThrow();
    }

    @Test
    void orders_and_nonces_of_one_name_are_two_and_usage_goes_to_the_marketplace_of_its_own_account() throws Exception {
        ours.knowsOrder("CS-1", order("CS-1", "web-requests"));
        acmes.knowsOrder("CS-1", order("CS-1", "web-requests").replace("buyer-1", "buyer-of-acme"));
        String nonce = UUID.randomUUID().toString();
        try (RunningPusher pusher = twoAccounts()) {
            assertThat(code(pusher.call("", GalleryStub.KEY, nonce, newInstance("CS-1", "of-ours"))))
                    .isEqualTo("000000");
            JsonNode opened = pusher.call("/acme", ACME_KEY, nonce, newInstance("CS-1", "of-acme"));

            assertThat(code(opened)).isEqualTo("000000");
            assertThat(opened.get("instanceId").asString()).isEqualTo("of-acme");
            assertThat(instance(pusher, "of-acme").origin().order().account()).isEqualTo("acme");
            assertThat(instance(pusher, "of-acme").origin().buyerId()).isEqualTo("buyer-of-acme");
            assertThat(instance(pusher, "of-ours").origin().order().account()).isEqualTo("default");

            clock.moveTo(NINE.plus(Duration.ofMinutes(62)));
            meter(pusher, "of-ours", NINE);
            meter(pusher, "of-acme", NINE);
            await().until(() -> ours.pushes().size() == 1 && acmes.pushes().size() == 1);
            assertThat(ours.pushes().getFirst().body()).contains("of-ours").doesNotContain("of-acme");
            assertThat(acmes.pushes().getFirst().body()).contains("of-acme").doesNotContain("of-ours");
            assertThat(acmes.pushes().getFirst().signed()).isTrue();
            assertThat(pusher.get("/operator/pusher").body()).contains("\"acme\":{");
        }
    }

    @Test
    void with_one_accounts_key_nothing_of_another_is_seen_or_changed() throws Exception {
        ours.knowsOrder("CS-1", order("CS-1", "web-requests"));
        acmes.knowsOrder("CS-2", order("CS-2", "web-requests"));
        try (RunningPusher pusher = twoAccounts()) {
            pusher.call("", GalleryStub.KEY, newInstance("CS-1", "of-ours"));

            assertThat(code(pusher.call("/acme", ACME_KEY, about("queryInstance", "of-ours", ""))))
                    .isEqualTo("000003");
            assertThat(code(pusher.call(
                            "/acme", ACME_KEY, about("updateInstanceStatus", "of-ours", ",\"status\":\"FREEZE\""))))
                    .isEqualTo("000003");
            assertThat(code(pusher.call("/acme", ACME_KEY, about("releaseInstance", "of-ours", ""))))
                    .isEqualTo("000003");
            assertThat(code(pusher.call("/acme", ACME_KEY, newInstance("CS-2", "of-ours"))))
                    .isEqualTo("000002");
            assertThat(instance(pusher, "of-ours").life().pauses()).isEmpty();
            assertThat(instance(pusher, "of-ours").releasedAt()).isNull();
            assertThat(code(pusher.call("", GalleryStub.KEY, about("queryInstance", "of-ours", ""))))
                    .isEqualTo("000000");
        }
    }

    /** Two sellers on one site have the same id for one buyer. */
    @Test
    void a_person_cannot_put_one_accounts_package_on_the_instance_of_another() throws Exception {
        ours.knowsOrder("CS-1", order("CS-1", "web-requests"));
        acmes.knowsOrder("CS-2", order("CS-2", "web-requests-package").replace("ON_DEMAND", "ON_DEMAND_PKG"));
        try (RunningPusher pusher = twoAccounts("--hourledger.pusher.package-order-wait=0s")) {
            pusher.call("", GalleryStub.KEY, newInstance("CS-1", "of-ours"));
            assertThat(code(pusher.call("/acme", ACME_KEY, newInstance("CS-2", "package-of-acme"))))
                    .isEqualTo("000004");

            assertThat(pusher.get("/operator/pusher/unopened-instances?limit=1000")
                            .body())
                    .contains("\"account\":\"acme\"");

            assertThat(pusher.post(
                                    "/operator/pusher/unopened-instances/package-of-acme/package",
                                    "{\"who\":\"li.wei\",\"why\":\"the buyer said so\",\"items\":"
                                            + "[{\"productId\":\"web-requests-package\",\"instanceId\":\"of-ours\"}]}")
                            .body())
                    .contains("of-ours is of seller account default");
            assertThat(instance(pusher, "of-ours").packages().prepaid()).isFalse();
        }
    }

    /** It was never ordered, so no seller may end it. */
    @Test
    void an_instance_without_a_marketplace_is_there_for_no_sellers_key() throws Exception {
        try (RunningPusher pusher = twoAccounts()) {
            pusher.bean(Ledger.class)
                    .handle(OpenInstance.unsold(
                            new InstanceId("internal"),
                            new Product(
                                    "web-requests",
                                    "requests",
                                    ChargingMode.ON_DEMAND,
                                    PricingMode.FIXED,
                                    BillingCycle.HOURLY),
                            "us",
                            new DecidedBy("li.wei", "our own use"),
                            NINE));

            assertThat(code(pusher.call("/acme", ACME_KEY, about("releaseInstance", "internal", ""))))
                    .isEqualTo("000003");
            assertThat(code(pusher.call("", GalleryStub.KEY, about("queryInstance", "internal", ""))))
                    .isEqualTo("000003");
            assertThat(instance(pusher, "internal").releasedAt()).isNull();
        }
    }

    @Test
    void on_one_accounts_path_anothers_key_is_not_believed() throws Exception {
        try (RunningPusher pusher = twoAccounts()) {
            String timestamp = Long.toString(java.time.Clock.systemUTC().millis());
            assertThat(code(pusher.callUnbelieved(
                            "/acme", GalleryStub.KEY, ACME_KEY, timestamp, newInstance("CS-1", "i"))))
                    .isEqualTo("000001");
        }
    }

    /** Nobody can say at which moment the console's new key holds, and for which of the marketplace's hosts. */
    @Test
    void while_a_key_is_changed_both_are_believed_and_no_record_is_lost_or_sent_twice() throws Exception {
        ours.knowsOrder("CS-1", order("CS-1", "web-requests"));
        try (RunningPusher pusher = new RunningPusher(
                database,
                ours,
                clock,
                "--hourledger.pusher.seller-key=the-new-key",
                "--hourledger.pusher.old-seller-key=" + GalleryStub.KEY,
                "--hourledger.pusher.probe-every=10m")) {
            assertThat(code(pusher.call("", GalleryStub.KEY, newInstance("CS-1", "i"))))
                    .isEqualTo("000000");
            clock.moveTo(NINE.plus(Duration.ofHours(3)));
            meter(pusher, "i", NINE);
            await().until(() -> acceptedBy(ours) == 1);

            ours.knowsKey("the-new-key");
            assertThat(code(pusher.call("", "the-new-key", about("queryInstance", "i", ""))))
                    .isEqualTo("000000");
            meter(pusher, "i", NINE.plus(Duration.ofHours(1)));
            await().until(() -> acceptedBy(ours) == 2);
            await().until(() -> pusher.bean(JdbcClient.class)
                            .sql("select count(*) from ledger.event where event_type = 'usage-record-reported'")
                            .query(Long.class)
                            .single()
                    == 2);
        }
        assertThat(ours.pushes().stream().filter(GalleryStub.Push::signed))
                .extracting(GalleryStub.Push::body)
                .doesNotHaveDuplicates();
    }

    private static long acceptedBy(GalleryStub gallery) {
        return gallery.pushes().stream().filter(GalleryStub.Push::signed).count();
    }

    /** Of its settings' first account a topic and a path have no name, so they would be another's. */
    @Test
    void another_first_account_than_at_the_first_start_stops_the_start() {
        twoAccounts().close();

        assertThatThrownBy(() -> new RunningPusher(
                        database,
                        acmes,
                        clock,
                        "--hourledger.pusher.account=acme",
                        "--hourledger.pusher.seller-key=" + ACME_KEY,
                        "--hourledger.pusher.accounts[0].name=default",
                        "--hourledger.pusher.accounts[0].seller-key=" + GalleryStub.KEY,
                        "--hourledger.pusher.accounts[0].access-key=AK2",
                        "--hourledger.pusher.accounts[0].secret-key=SK2"))
                .rootCause()
                .hasMessageContaining("hourledger.pusher.account must stay 'default'");
    }

    /** Settings and command cannot come at one moment to all replicas. */
    @Test
    void an_account_that_was_added_and_never_pushed_for_stops_no_start() {
        twoAccounts().close();
        assertThat(new SellerAccounts(JdbcClient.create(database.dataSource()))
                        .add("inlt", Beginning.REPORTS, new DecidedBy("anna", "a new seller, mistyped")))
                .isTrue();

        twoAccounts().close();
    }

    /** All of the account would be decided as for the others, and what was billed cannot be taken back. */
    @Test
    void a_mistyped_account_in_the_settings_of_the_ledger_stops_the_start() {
        assertThatThrownBy(() -> twoAccounts("--hourledger.ledger.accounts[0].name=amce"))
                .rootCause()
                .hasMessageContaining("hourledger.ledger.accounts names the seller account 'amce'");
    }

    @Test
    void a_pool_that_is_too_small_for_its_accounts_stops_the_start() {
        assertThatThrownBy(() -> twoAccounts("--spring.datasource.hikari.maximum-pool-size=20"))
                .rootCause()
                .hasMessageContaining("maximum-pool-size is 20 and must be 21 or more");
    }

    @Test
    void a_name_that_the_database_does_not_know_stops_the_start_until_a_person_adds_it() {
        twoAccounts().close();

        assertThatThrownBy(() -> pusher("amce"))
                .hasRootCauseInstanceOf(SellerAccountMismatchException.class)
                .rootCause()
                .hasMessageContaining("'amce', which this database does not know");
        assertThat(new SellerAccounts(JdbcClient.create(database.dataSource()))
                        .add("amce", Beginning.REPORTS, new DecidedBy("anna", "a new seller")))
                .isTrue();
        assertThatThrownBy(() -> pusher("amce"))
                .rootCause()
                .hasMessageContaining("'acme', which the settings do not name");
    }
}
