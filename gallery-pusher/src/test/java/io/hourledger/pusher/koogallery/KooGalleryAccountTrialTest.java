package io.hourledger.pusher.koogallery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hourledger.pusher.marketplace.AccountTrial.Check;
import io.hourledger.pusher.marketplace.AccountTrial.State;
import io.hourledger.pusher.marketplace.MarketplaceOrder;
import io.hourledger.pusher.marketplace.OrderLookup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a trial says of a marketplace that answers in one way or the other. */
@Tag("servers")
class KooGalleryAccountTrialTest {

    private static final String KEY = "the-key";
    private static final String EMPTY = "{\"usage_records\":[]}";

    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private Clock machineTime = Clock.systemUTC();
    private boolean looksAtSignatures = true;
    private String ofNoRecords = "{\"error_code\":\"MKT.0199\",\"error_msg\":\"no usage_records\"}";
    private String ofARecord = "{\"error_code\":\"MKT.9001\",\"error_msg\":\"instance not found\"}";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(UsagePushClient.PATH, this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        bodies.add(new String(body, UTF_8));
        String signature = new SellerKey(KEY)
                .pushSignature(
                        exchange.getRequestHeaders().getFirst("ts"),
                        exchange.getRequestHeaders().getFirst("nonce"),
                        body);
        boolean signed = signature.equals(exchange.getRequestHeaders().getFirst("signature"));
        String text = looksAtSignatures && !signed
                ? "{\"error_code\":\"MKT.0102\",\"error_msg\":\"signature\"}"
                : new String(body, UTF_8).equals(EMPTY) ? ofNoRecords : ofARecord;
        exchange.sendResponseHeaders(400, text.length());
        exchange.getResponseBody().write(text.getBytes(UTF_8));
        exchange.close();
    }

    private URI host() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    private List<Check> trial(List<URI> hosts, String key, boolean withRecord, OrderLookup.Answer order) {
        OrderLookup orders = new OrderLookup() {
            @Override
            public Answer query(String orderId, String orderLineId) {
                return order;
            }

            @Override
            public Answer queryWhole(String orderId) {
                return order;
            }
        };
        return KooGalleryAccountTrial.of(
                        hosts,
                        SellerKeys.of(key, null),
                        orders,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5),
                        machineTime)
                .run(withRecord);
    }

    private List<Check> trial(String key, boolean withRecord) {
        return trial(List.of(host()), key, withRecord, new OrderLookup.Answer.Unavailable("not asked"));
    }

    private static Check line(List<Check> checks, String what) {
        return checks.stream()
                .filter(check -> check.what().startsWith(what))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void no_call_carries_a_record_unless_a_person_says_so() {
        trial(KEY, false);
        assertThat(bodies).isNotEmpty().allMatch(EMPTY::equals);
    }

    @Test
    void a_key_is_good_only_if_a_key_that_nobody_has_is_refused() {
        assertThat(line(trial(KEY, false), "seller-key").state()).isEqualTo(State.OK);

        looksAtSignatures = false;
        assertThat(line(trial(KEY, false), "seller-key").state()).isEqualTo(State.NOT_KNOWN);
    }

    @Test
    void a_wrong_key_and_a_missing_right_are_not_ok_and_a_throttle_says_nothing() {
        assertThat(line(trial("another", false), "seller-key").state()).isEqualTo(State.NOT_OK);
        ofNoRecords = "{\"error_code\":\"MKT.0151\"}";
        assertThat(line(trial(KEY, false), "seller-key").state()).isEqualTo(State.NOT_OK);
        ofNoRecords = "{\"error_code\":\"MKT.0250\"}";
        assertThat(line(trial(KEY, false), "seller-key").state()).isEqualTo(State.NOT_KNOWN);
    }

    @Test
    void a_clock_that_differs_is_seen_by_the_date_of_the_answer() {
        assertThat(line(trial(KEY, false), "clock").state()).isEqualTo(State.OK);
        machineTime = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(30));
        assertThat(line(trial(KEY, false), "clock").state()).isEqualTo(State.NOT_KNOWN);
        machineTime = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-2));
        assertThat(line(trial(KEY, false), "clock").state()).isEqualTo(State.NOT_OK);
    }

    @Test
    void each_host_has_a_line_and_one_that_takes_no_connection_is_not_ok() throws IOException {
        URI nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
        List<Check> checks =
                trial(List.of(host(), nobody), KEY, false, new OrderLookup.Answer.Unavailable("not asked"));

        assertThat(line(checks, "host localhost").state()).isEqualTo(State.OK);
        assertThat(line(checks, "host 127.0.0.1").state()).isEqualTo(State.NOT_OK);
        assertThat(line(checks, "host 127.0.0.1").toDo()).isNotEmpty();
    }

    @Test
    void the_form_of_a_record_is_ok_only_if_its_instance_was_looked_for() {
        assertThat(line(trial(KEY, false), "record form").state()).isEqualTo(State.NOT_KNOWN);
        assertThat(line(trial(KEY, true), "record form").state()).isEqualTo(State.OK);
        ofARecord = "{\"error_code\":\"MKT.0100\"}";
        assertThat(line(trial(KEY, true), "record form").state()).isEqualTo(State.NOT_OK);
        ofARecord = "{\"error_code\":\"MKT.0102\"}";
        assertThat(line(trial(KEY, true), "record form").state()).isEqualTo(State.NOT_OK);
        ofARecord = "{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":[{\"error_code\":\"001\"}]}";
        assertThat(line(trial(KEY, true), "record form").state()).isEqualTo(State.OK);
    }

    /** "Received" is all that a success says, so a person must look. */
    @Test
    void a_record_that_is_taken_shows_nothing_of_its_form() {
        ofARecord = "{\"error_code\":\"MKT.0000\",\"error_msg\":\"success\"}";
        Check form = line(trial(KEY, true), "record form");
        assertThat(form.state()).isEqualTo(State.NOT_KNOWN);
        assertThat(form.toDo()).contains("console");
    }

    @Test
    void no_record_goes_out_under_a_key_that_is_not_known_to_be_good() {
        trial("another", true);
        assertThat(bodies).allMatch(EMPTY::equals);
    }

    @Test
    void the_access_key_is_tried_by_a_debugging_order() {
        assertThat(line(
                                trial(
                                        List.of(host()),
                                        KEY,
                                        false,
                                        new OrderLookup.Answer.NotAllowed("APIGW.0301", "wrong")),
                                "access-key")
                        .state())
                .isEqualTo(State.NOT_OK);
        assertThat(line(trial(List.of(host()), KEY, false, new OrderLookup.Answer.Found(anyOrder())), "access-key")
                        .state())
                .isEqualTo(State.OK);
    }

    private static MarketplaceOrder anyOrder() {
        return new MarketplaceOrder("MOCKONDEMAND", MarketplaceOrder.Type.NEW, null, List.of());
    }
}
