package io.hourledger.standalone.stack;

import static io.hourledger.standalone.stack.MeteredStack.minute;
import static io.hourledger.standalone.stack.MeteredStack.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.embedded.BrokerPassword;
import io.hourledger.embedded.EmbeddedBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * All services on a Kafka with TLS, a SCRAM user for each service and the rights of docs/going-live.md alone, and on a PostgreSQL with TLS:
 * with the settings that stand on that page, word for word.
 */
@Tag("servers")
@Timeout(300)
class TlsAndSaslTest {

    private static final String CATALOGUE =
            """
            {"version": 1,
             "meters": [
               {"name": "egress", "eventType": "web.egress", "aggregation": "SUM", "valueField": "bytes", "unit": "MB",
                "unitFactor": "0.000001"}],
             "products": [
               {"productId": "web-egress", "meter": "egress", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED",
                "billingCycle": "HOURLY"}]}
            """;

    private static final String USERS_PASSWORD = "correct-horse-battery-staple";

    private static final Map<String, AclOperation> OPERATIONS = Map.of(
            "DescribeConfigs", AclOperation.DESCRIBE_CONFIGS,
            "Create", AclOperation.CREATE,
            "Read", AclOperation.READ,
            "Write", AclOperation.WRITE);

    private static final Pattern OPERATION = Pattern.compile(String.join("|", OPERATIONS.keySet()));

    @TempDir
    private Path temporary;

    private String page;
    private TestAuthority authority;
    private MeteredStack stack;

    @BeforeEach
    void up() throws Exception {
        page = Files.readString(Path.of("../docs/going-live.md"));
        authority = TestAuthority.in(temporary.resolve("authority"));
        makeUsers();
        stack = MeteredStack.start(temporary, CATALOGUE, kafkaSettings(), servers());
    }

    @AfterEach
    void down() throws Exception {
        if (stack != null) {
            stack.close();
        }
    }

    @Test
    void usage_becomes_a_bill_over_TLS_and_nobody_gets_in_without() throws Exception {
        String instance = stack.order("one", 2, "{\"products\":[{\"productId\":\"web-egress\"}]}");
        stack.use(instance, minute(10), 4);
        stack.closed(0);

        soon().untilAsserted(() -> assertThat(
                        stack.ledger("select trim_scale(amount) || ' ' || state from ledger.usage_record"))
                .containsExactly("4 reported"));
        assertThat(stack.gallery("/sim/bill.csv")).contains(instance);
        assertThat(
                        stack.ledger(
                                """
                                select a.application_name from pg_stat_activity a left join pg_stat_ssl s using (pid)
                                 where a.client_addr is not null and s.ssl is not true"""))
                .as("connections without TLS")
                .isEmpty();

        TestAuthority stranger = TestAuthority.in(temporary.resolve("stranger"));
        String kafka = property("hourledger.kafka.bootstrap-servers");
        assertThat(describeCluster(kafka, scram("pusher", Map.of()))).isNull();
        assertThat(describeCluster(kafka, scram("pusher", Map.of("security.protocol", "SASL_PLAINTEXT"))))
                .as("without TLS")
                .isInstanceOf(TimeoutException.class);
        assertThat(describeCluster(
                        kafka,
                        scram(
                                "pusher",
                                Map.of(
                                        "ssl.truststore.location",
                                        stranger.certificate().toString()))))
                .as("the certificate is not of the authority that the client knows")
                .rootCause()
                .hasMessageContaining("unable to find valid certification path");
        assertThat(describeCluster(kafka, scram("nobody", Map.of())))
                .as("a user that is not there")
                .hasMessageContaining("Authentication failed");

        String database = property("spring.datasource.url");
        assertThat(database).contains("sslmode=verify-full");
        assertThatThrownBy(() -> connect(database.replace("verify-full", "disable")))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("no encryption");
        String certificate = authority.certificate().toString();
        assertThatThrownBy(() -> connect(
                        database.replace(certificate, stranger.certificate().toString())))
                .isInstanceOf(SQLException.class)
                .hasStackTraceContaining("unable to find valid certification path");
        assertThatThrownBy(() -> connect(database.replace("127.0.0.1", "127.0.0.2")))
                .as("the certificate is for another name")
                .isInstanceOf(SQLException.class);
    }

    private ServerSettings servers() throws Exception {
        Path access = Files.writeString(
                temporary.resolve("pg_hba.conf"),
                """
                hostssl   all all 127.0.0.0/8 scram-sha-256
                hostnossl all all 0.0.0.0/0   reject
                """);
        Map<Service, Map<String, String>> users = new HashMap<>();
        for (Service service : List.of(Service.INGEST, Service.AGGREGATOR, Service.PUSHER)) {
            users.put(
                    service,
                    Map.of(
                            "hourledger.kafka.client.sasl.jaas.config",
                            login(service.name().toLowerCase(Locale.ROOT))));
        }
        return new ServerSettings(
                brokerSettings(),
                Map.of(
                        "ssl", "on",
                        "ssl_cert_file", authority.serverCertificates().toString(),
                        "ssl_key_file", authority.serverKey().toString(),
                        "hba_file", access.toString(),
                        "listen_addresses", "*"),
                databaseQuery(),
                users);
    }

    /** What the page's JDBC address has after the name of the database. */
    private String databaseQuery() throws Exception {
        Matcher address =
                Pattern.compile("`jdbc:postgresql://[^?`]*(\\?[^`]*)`").matcher(page);
        assertThat(address.find()).as("a JDBC address on the page").isTrue();
        return address.group(1)
                .replace("/run/config/db-ca.pem", authority.certificate().toString());
    }

    /** The page's settings of the Kafka clients. */
    private Map<String, String> kafkaSettings() throws Exception {
        Map<String, String> settings = new HashMap<>();
        Matcher line = Pattern.compile("(?m)^(hourledger\\.kafka\\.client\\.[a-z.]+): (.*)$")
                .matcher(page);
        while (line.find()) {
            settings.put(
                    line.group(1),
                    line.group(2)
                            .replace(
                                    "/run/config/kafka-ca.pem",
                                    authority.certificate().toString()));
        }
        assertThat(settings).hasSizeGreaterThanOrEqualTo(4);
        return settings;
    }

    private Map<String, String> brokerSettings() throws Exception {
        Map<String, String> settings = new HashMap<>();
        settings.put("listener.security.protocol.map", "BROKER:SASL_SSL,CONTROLLER:SASL_PLAINTEXT");
        settings.put("ssl.keystore.type", "PEM");
        settings.put(
                "ssl.keystore.location", authority.serverKeyAndCertificates().toString());
        settings.put("ssl.truststore.type", "PEM");
        settings.put("ssl.truststore.location", authority.certificate().toString());
        // the broker's own login stays PLAIN
        settings.put("listener.name.broker.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512");
        settings.put(
                "listener.name.broker.scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        settings.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        settings.put("super.users", "User:hourledger");
        return settings;
    }

    /** The users and rights of the page's table, made before any service starts. */
    private void makeUsers() throws Exception {
        Path data = MeteredStack.dataOf(temporary);
        Files.createDirectories(data);
        BrokerPassword password = LocalStack.brokerPassword(data);
        try (EmbeddedBroker broker = EmbeddedBroker.start(data.resolve("kafka"), password, brokerSettings())) {
            Map<String, Object> asBroker = new HashMap<>(password.clientSettings());
            asBroker.put("bootstrap.servers", broker.bootstrapServers());
            asBroker.put("security.protocol", "SASL_SSL");
            asBroker.put("ssl.truststore.type", "PEM");
            asBroker.put("ssl.truststore.location", authority.certificate().toString());
            try (Admin admin = Admin.create(asBroker)) {
                admin.alterUserScramCredentials(List.of(user("ingest"), user("aggregator"), user("pusher")))
                        .all()
                        .get();
                admin.createAcls(rights()).all().get();
            }
        }
    }

    private static UserScramCredentialUpsertion user(String name) {
        return new UserScramCredentialUpsertion(
                name, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), USERS_PASSWORD);
    }

    /** Of the page's table, row by row. */
    private List<AclBinding> rights() {
        List<AclBinding> rights = new ArrayList<>();
        Matcher row = Pattern.compile("(?m)^\\| (ingest|aggregator|pusher) \\| (topic|group)s? ([^|]*) \\| (.*) \\|$")
                .matcher(page);
        while (row.find()) {
            boolean group = row.group(2).equals("group");
            Matcher name = Pattern.compile("`([^`]+)`").matcher(row.group(3));
            while (name.find()) {
                ResourcePattern on = new ResourcePattern(
                        group ? ResourceType.GROUP : ResourceType.TOPIC,
                        name.group(1),
                        group ? PatternType.PREFIXED : PatternType.LITERAL);
                Matcher operation = OPERATION.matcher(row.group(4));
                while (operation.find()) {
                    rights.add(right(row.group(1), on, OPERATIONS.get(operation.group())));
                }
            }
        }
        assertThat(rights).hasSizeGreaterThan(25);
        return rights;
    }

    private static AclBinding right(String user, ResourcePattern on, AclOperation operation) {
        return new AclBinding(on, new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
    }

    private static String login(String user) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                + USERS_PASSWORD + "\";";
    }

    private Map<String, Object> scram(String user, Map<String, String> differing) throws Exception {
        Map<String, Object> settings = new HashMap<>();
        kafkaSettings()
                .forEach((name, value) -> settings.put(name.substring("hourledger.kafka.client.".length()), value));
        settings.put("sasl.jaas.config", login(user));
        settings.putAll(differing);
        return settings;
    }

    /**
     * @return why the cluster does not answer; null if it does
     */
    private static @Nullable Throwable describeCluster(String kafka, Map<String, Object> settings) throws Exception {
        Map<String, Object> impatient = new HashMap<>(settings);
        impatient.put("bootstrap.servers", kafka);
        impatient.put("default.api.timeout.ms", "5000");
        impatient.put("request.timeout.ms", "4000");
        try (Admin admin = Admin.create(impatient)) {
            admin.describeCluster().nodes().get();
            return null;
        } catch (ExecutionException refused) {
            return refused.getCause();
        }
    }

    private String property(String setting) {
        return stack.services().context(Service.AGGREGATOR).getEnvironment().getRequiredProperty(setting);
    }

    private void connect(String url) throws SQLException {
        DriverManager.getConnection(url, property("spring.datasource.username"), property("spring.datasource.password"))
                .close();
    }
}
