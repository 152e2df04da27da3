package io.hourledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("servers")
class EmbeddedServersTest {

    @Test
    void a_broker_started_again_on_its_folder_still_has_its_topics_and_records(@TempDir Path folder) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0, Map.of());
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic("kept", 2, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
            producer.send(new ProducerRecord<>("kept", "x".getBytes(StandardCharsets.UTF_8)))
                    .get(30, TimeUnit.SECONDS);
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0, Map.of());
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            Set<String> topics = admin.listTopics().names().get(30, TimeUnit.SECONDS);
            assertThat(topics).contains("kept");
        }
    }

    @Test
    void a_database_started_again_on_its_folder_still_has_its_rows(@TempDir Path folder) throws Exception {
        Path data = folder.resolve("postgres");
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data, 0, Durability.SAFE)) {
            database.createDatabaseIfMissing("house");
            database.createDatabaseIfMissing("house");
            try (Connection connection = database.dataSource("house").getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("create table kept (n int)");
                statement.execute("insert into kept values (42)");
            }
        }
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data, 0, Durability.SAFE);
                Connection connection = database.dataSource("house").getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select n, current_setting('fsync') from kept")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(42);
            assertThat(rows.getString(2)).isEqualTo("on");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_committed_row_survives_a_crash_of_the_database_and_the_same_port_answers_again(
            Durability durability, @TempDir Path folder) throws Exception {
        Path data = folder.resolve("postgres");
        EmbeddedDatabase crashed = EmbeddedDatabase.start(data, 0, durability);
        int port = crashed.port();
        try (Connection connection = crashed.dataSource("postgres").getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table kept (n int)");
            statement.execute("insert into kept values (42)");
            crashed.crash();
        }
        try (EmbeddedDatabase database = EmbeddedDatabase.start(data, port, durability);
                Connection connection = database.dataSource("postgres").getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select n from kept")) {
            assertThat(database.port()).isEqualTo(port);
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(42);
        }
    }

    @Test
    void every_test_gets_a_database_of_its_own() throws Exception {
        assertThat(TestDatabase.freshAddress().jdbcUrl())
                .isNotEqualTo(TestDatabase.freshAddress().jdbcUrl());
    }

    @Test
    void nobody_connects_without_the_password(@TempDir Path folder) throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder.resolve("postgresql"), 0, Durability.FAST)) {
            assertThatThrownBy(() -> PlainDataSource.of(database.jdbcUrl("postgres"), database.user(), "postgres")
                            .getConnection())
                    .hasMessageContaining("password authentication failed");
            assertThat(EmbeddedDatabase.passwordOf(folder.resolve("postgresql")))
                    .isEqualTo(database.password());
        }
        BrokerPassword password = BrokerPassword.in(folder.resolve("kafka.password"));
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), password, Map.of())) {
            assertThat(topicsAsSeenBy(broker, password.clientSettings())).isEmpty();
            assertThatThrownBy(() -> topicsAsSeenBy(broker, Map.of())).isInstanceOf(ExecutionException.class);
        }
    }

    private static Set<String> topicsAsSeenBy(EmbeddedBroker broker, Map<String, String> client) throws Exception {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000);
        try (Admin admin = Admin.create(settings)) {
            return admin.listTopics().names().get();
        }
    }

    @Test
    void a_database_that_was_killed_is_started_again_where_it_was(@TempDir Path folder) throws Exception {
        EmbeddedDatabase killed = EmbeddedDatabase.start(folder.resolve("postgresql"), 0, Durability.SAFE);
        EmbeddedDatabase.killServerOf(folder.resolve("postgresql"));
        assertThat(killed.isRunning()).isFalse();
        try (EmbeddedDatabase again = killed.startAgain()) {
            assertThat(again.port()).isEqualTo(killed.port());
            assertThat(again.dataSource("postgres").getConnection().isValid(5)).isTrue();
        }
    }
}
