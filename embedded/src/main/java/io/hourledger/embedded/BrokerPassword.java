package io.hourledger.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The password of an embedded broker, for its clients and its own controller: drawn once, kept in a file that only its owner reads. By SASL
 * PLAIN (Kafka's documentation, "Authentication using SASL/PLAIN"), which is in the clear and so for the loopback address alone.
 */
public final class BrokerPassword {

    private static final String USER = "hourledger";
    private static final String MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule";

    private final String password;

    private BrokerPassword(String password) {
        this.password = password;
    }

    /**
     * The password in this file; drawn if there is none.
     *
     * @throws UncheckedIOException if it cannot be read or kept
     */
    public static BrokerPassword in(Path file) {
        try {
            if (!Files.exists(file)) {
                OwnersFile.write(file, RandomPassword.draw() + "\n");
            }
            return new BrokerPassword(Files.readString(file).strip());
        } catch (IOException unusable) {
            throw new UncheckedIOException("the broker's password cannot be read or kept: " + file, unusable);
        }
    }

    /** What a client needs to get in, by Kafka's own names. */
    public Map<String, String> clientSettings() {
        return Map.of(
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                MODULE + " required username=\"" + USER + "\" password=\"" + password + "\";");
    }

    Map<String, String> brokerSettings() {
        String login = MODULE + " required username=\"" + USER + "\" password=\"" + password + "\" user_" + USER + "=\""
                + password + "\";";
        Map<String, String> settings = new HashMap<>();
        settings.put("listener.security.protocol.map", "BROKER:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT");
        settings.put("sasl.enabled.mechanisms", "PLAIN");
        settings.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
        settings.put("sasl.mechanism.controller.protocol", "PLAIN");
        settings.put("listener.name.broker.plain.sasl.jaas.config", login);
        settings.put("listener.name.controller.plain.sasl.jaas.config", login);
        return settings;
    }
}
