package io.hourledger.cli.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.embedded.TestDatabase;
import io.hourledger.pusher.koogallery.AccessKey;
import io.hourledger.pusher.koogallery.KooGalleryAccountTrial;
import io.hourledger.pusher.koogallery.MarketplaceHosts;
import io.hourledger.pusher.koogallery.OrderQueryClient;
import io.hourledger.pusher.koogallery.SellerKeys;
import io.hourledger.pusher.marketplace.AccountTrial.Check;
import io.hourledger.pusher.marketplace.AccountTrial.State;
import io.hourledger.simulator.GallerySimulator;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/** A trial of an account against the simulator, which shares no code with the pusher. */
@Tag("servers")
class AccountTrialSimulatorTest {

    private static final String SELLER_KEY = "the-interconnection-key-of-a-seller";
    private static final String ACCESS_KEY = "ACCESSACCESSACCESS01";
    private static ConfigurableApplicationContext simulator;

    @BeforeAll
    static void start() {
        TestDatabase.Address database = TestDatabase.freshAddress();
        simulator = GallerySimulator.application()
                .run(
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--spring.datasource.url=" + database.jdbcUrl(),
                        "--spring.datasource.username=" + database.user(),
                        "--spring.datasource.password=" + database.password(),
                        "--hourledger.operator-token=an-operator-token-of-a-test",
                        "--hourledger.simulator.seller-key=" + SELLER_KEY,
                        "--hourledger.simulator.access-key=" + ACCESS_KEY,
                        "--hourledger.simulator.secret-key=" + SELLER_KEY);
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    private static List<Check> trial(String sellerKey, String accessKey, boolean withRecord) {
        URI host = URI.create("http://127.0.0.1:" + simulator.getEnvironment().getProperty("local.server.port"));
        Duration timeout = Duration.ofSeconds(20);
        return KooGalleryAccountTrial.of(
                        List.of(host),
                        SellerKeys.of(sellerKey, null),
                        new OrderQueryClient(
                                new MarketplaceHosts(host, null, timeout, timeout),
                                new AccessKey(accessKey, SELLER_KEY),
                                Clock.systemUTC()),
                        timeout,
                        timeout,
                        Clock.systemUTC())
                .run(withRecord);
    }

    private static State state(List<Check> checks, String what) {
        return checks.stream()
                .filter(check -> check.what().startsWith(what))
                .findFirst()
                .orElseThrow()
                .state();
    }

    private static int exitCode(List<Check> checks) {
        JsonMapper json = JsonMapper.shared();
        return TryAccountCommand.print(
                new PrintWriter(new StringWriter()), json.readTree(json.writeValueAsString(checks)));
    }

    @Test
    void an_account_whose_way_is_good_is_ok_in_every_line_and_nothing_is_kept_of_it() {
        List<Check> checks = trial(SELLER_KEY, ACCESS_KEY, true);

        assertThat(checks)
                .allSatisfy(
                        check -> assertThat(check.state()).as(check.toString()).isEqualTo(State.OK));
        assertThat(exitCode(checks)).isEqualTo(ExitCode.OK);
        assertThat(new JdbcTemplate(simulator.getBean(javax.sql.DataSource.class))
                        .queryForObject(
                                "select count(*) from gallery.usage_record where state = 'ACCEPTED'", Long.class))
                .isZero();
    }

    @Test
    void without_a_record_its_form_is_not_known_and_the_command_says_so() {
        List<Check> checks = trial(SELLER_KEY, ACCESS_KEY, false);

        assertThat(state(checks, "seller-key")).isEqualTo(State.OK);
        assertThat(state(checks, "record form")).isEqualTo(State.NOT_KNOWN);
        assertThat(exitCode(checks)).isEqualTo(ExitCode.NOT_ALL);
    }

    @Test
    void wrong_keys_are_found_each_in_its_own_line() {
        List<Check> checks = trial("the-key-of-somebody-else", "ANOTHERANOTHERANOTH1", true);

        assertThat(state(checks, "host")).isEqualTo(State.OK);
        assertThat(state(checks, "seller-key")).isEqualTo(State.NOT_OK);
        assertThat(state(checks, "access-key")).isEqualTo(State.NOT_OK);
        assertThat(exitCode(checks)).isEqualTo(ExitCode.DIFFERENT);
    }
}
