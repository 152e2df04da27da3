package io.hourledger.chaos;

import io.hourledger.embedded.EmbeddedBroker;
import java.nio.file.Path;
import java.util.Map;

/** The broker as a process of its own. */
public final class BrokerChild {

    private BrokerChild() {}

    /** Its folder and its port. */
    public static void main(String[] args) {
        EmbeddedBroker broker = EmbeddedBroker.start(Path.of(args[0]), Integer.parseInt(args[1]), Map.of());
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "broker-stop"));
    }
}
