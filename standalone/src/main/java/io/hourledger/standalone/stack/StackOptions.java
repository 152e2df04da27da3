package io.hourledger.standalone.stack;

import io.hourledger.embedded.Durability;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * How a house is to be built.
 *
 * @param folder where broker and database keep their data
 * @param durability whether the database survives a power failure
 * @param clock the one business clock of all services
 * @param keys its secrets
 * @param settings what differs from the services' own defaults, by the names of the configuration table
 * @param anyPorts whether to take any free ports, rather than the usual ones where they are free
 */
public record StackOptions(
        Path folder,
        Durability durability,
        Clock clock,
        StackSecrets keys,
        Map<String, Object> settings,
        boolean anyPorts) {

    public StackOptions {
        settings = Map.copyOf(settings);
    }
}
