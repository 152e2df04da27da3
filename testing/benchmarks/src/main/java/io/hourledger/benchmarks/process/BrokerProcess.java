package io.hourledger.benchmarks.process;

import io.hourledger.embedded.EmbeddedBroker;
import java.nio.file.Path;
import java.util.Map;

/** The broker in a JVM of its own, so that those who read from it are measured alone. */
public final class BrokerProcess {

    /** More than the changelogs of one run: no peer is measured while the broker compacts its stores. */
    private static final Map<String, String> SETTINGS = Map.of(
            "log.segment.bytes", Integer.toString(1 << 30),
            // a topic that is bounded by bytes is looked at often enough to be so
            "log.retention.check.interval.ms", "10000",
            "num.network.threads", "2",
            "num.io.threads", "4",
            "socket.send.buffer.bytes", "1048576",
            "socket.receive.buffer.bytes", "1048576");

    private BrokerProcess() {}

    /** Takes the folder of the broker's log; says its address when it takes requests. */
    public static void main(String[] arguments) {
        EmbeddedBroker broker = EmbeddedBroker.start(Path.of(arguments[0]), 0, SETTINGS);
        Parent.whenItEnds(broker::close);
        Parent.ready(broker.bootstrapServers());
    }
}
