package io.hourledger.standalone.stack;

import java.util.Map;

/**
 * How the broker and the database of a stack take their clients, where that differs from a password on the loopback address. So a test runs
 * the services against servers that are set up as in production.
 *
 * @param broker settings of the broker, by Kafka's own names
 * @param database settings of the database, by PostgreSQL's own names
 * @param databaseQuery parameters of every JDBC address of a service, with the question mark; empty for none
 * @param clients further settings of single services, by the names of the configuration table
 */
record ServerSettings(
        Map<String, String> broker,
        Map<String, String> database,
        String databaseQuery,
        Map<Service, Map<String, String>> clients) {

    /** A stack's own way: a password, and no TLS on the loopback address. */
    static final ServerSettings USUAL = new ServerSettings(Map.of(), Map.of(), "", Map.of());

    ServerSettings {
        broker = Map.copyOf(broker);
        database = Map.copyOf(database);
        clients = Map.copyOf(clients);
    }
}
