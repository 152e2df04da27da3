package io.hourledger.simulator.fault;

import java.util.Objects;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The port that calls come to. Closed, it refuses every connection, as a host that is down does, and cuts those that are open. Nobody can count
 * what it refused.
 */
@Component
final class ListeningPort {

    private @Nullable Connector connector;
    private boolean isClosed;

    @EventListener
    synchronized void opened(WebServerInitializedEvent event) {
        if (event.getApplicationContext().getServerNamespace() == null
                && event.getWebServer() instanceof TomcatWebServer server) {
            connector = server.getTomcat().getConnector();
        }
    }

    /** Refuses connections from now on; nothing if it does already. */
    synchronized void close() {
        if (!isClosed) {
            Connector listening = Objects.requireNonNull(connector);
            // one that the system chose must be the same again
            listening.setPort(listening.getLocalPort());
            change(listening::stop);
            isClosed = true;
        }
    }

    /** Takes connections again, on the same port. */
    synchronized void open() {
        if (isClosed) {
            change(Objects.requireNonNull(connector)::start);
            isClosed = false;
        }
    }

    private interface Change {
        void make() throws LifecycleException;
    }

    private static void change(Change change) {
        try {
            change.make();
        } catch (LifecycleException failed) {
            throw new IllegalStateException("the port could not be closed or opened", failed);
        }
    }
}
