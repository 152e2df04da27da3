package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.embedded.EmbeddedBroker;
import io.hourledger.embedded.TestBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Somebody changes the topic, or who may write to it, while the service runs. */
@Tag("servers")
class TopicChangedTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @ParameterizedTest
    @CsvSource({
        "cleanup.policy, compact, delete",
        "message.timestamp.type, LogAppendTime, CreateTime",
        "max.message.bytes, 10000, 1048588",
    })
    void a_topic_that_became_unsafe_takes_nothing_until_it_is_mended(String name, String unsafe, String safe)
            throws Exception {
        String topic = TestBroker.freshName("usage");
        try (RunningIngest ingest = RunningIngest.startAt(
                        TestBroker.bootstrapServers(), topic, "hourledger.kafka.topic-check.interval=PT0.1S");
                Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()))) {
            assertThat(ingest.one(event("before")).status()).isEqualTo(202);

            set(admin, topic, name, unsafe);

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> ingest.one(event("while")).status() == 503);
            assertThat(ingest.get("/actuator/health/readiness").status()).isEqualTo(503);
            assertThat(ingest.get("/actuator/health").body()).contains(name + " is " + unsafe);

            set(admin, topic, name, safe);

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> ingest.one(event("after")).status() == 202);
            assertThat(ingest.get("/actuator/health/readiness").status()).isEqualTo(200);
        }
    }

    @Test
    void readiness_is_down_while_what_is_sent_fails() throws Exception {
        String topic = TestBroker.freshName("usage");
        try (RunningIngest ingest = RunningIngest.startAt(TestBroker.bootstrapServers(), topic);
                Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()))) {
            set(admin, topic, "message.timestamp.before.max.ms", "1");

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> ingest.one(event("refused")).status() == 503
                            && ingest.get("/actuator/health/readiness").status() == 503);

            set(admin, topic, "message.timestamp.before.max.ms", Long.toString(Long.MAX_VALUE));

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> ingest.one(event("taken")).status() == 202);
            assertThat(ingest.get("/actuator/health/readiness").status()).isEqualTo(200);
        }
    }

    @Test
    void readiness_is_down_while_the_service_may_not_write(@TempDir Path folder) throws Exception {
        Map<String, String> authorizer = Map.of(
                "authorizer.class.name",
                "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "allow.everyone.if.no.acl.found",
                "true");
        AclBinding denied = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, "usage-events", PatternType.LITERAL),
                new AccessControlEntry("User:ANONYMOUS", "*", AclOperation.WRITE, AclPermissionType.DENY));
        AclBinding rest = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, "usage-events", PatternType.LITERAL),
                new AccessControlEntry("User:*", "*", AclOperation.ALL, AclPermissionType.ALLOW));
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0, authorizer);
                RunningIngest ingest = RunningIngest.startAt(broker.bootstrapServers(), "usage-events");
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createAcls(List.of(rest, denied)).all().get();

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> ingest.get("/actuator/health/readiness").status() == 503);
            assertThat(ingest.one(event("denied")).status()).isEqualTo(503);

            admin.deleteAcls(List.of(denied.toFilter())).all().get();

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> ingest.one(event("allowed")).status() == 202);
            assertThat(ingest.get("/actuator/health/readiness").status()).isEqualTo(200);
        }
    }

    private static void set(Admin admin, String topic, String name, String value) throws Exception {
        AlterConfigOp change = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(change)))
                .all()
                .get();
    }
}
