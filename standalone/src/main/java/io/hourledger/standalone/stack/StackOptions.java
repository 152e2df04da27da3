package io.hourledger.standalone.stack;

import io.hourledger.embedded.Durability;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * How a stack is to be built.
 *
 * @param folder where broker and database keep their data
 * @param durability whether the database survives a power failure
 * @param clock the one business clock of all services
 * @param keys its secrets
 * @param settings what differs from the services' own defaults, by the names of the configuration table
 */
public record StackOptions(
        Path folder, Durability durability, Clock clock, StackSecrets keys, Map<String, Object> settings, Ports ports) {

    /** Which ports the servers take. */
    public enum Ports {
        /** The usual ones where they are free. */
        USUAL,
        /** Any that are free. */
        ANY
    }

    public StackOptions {
        settings = Map.copyOf(settings);
    }
}
