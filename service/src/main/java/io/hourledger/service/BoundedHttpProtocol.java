package io.hourledger.service;

import java.io.IOException;
import java.time.Duration;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Speaks HTTP/1.1 as Tomcat does, but ends connections that Tomcat would wait for. A request line and headers must be there in time, and a
 * body that was not read whole ends its connection. Public because Tomcat makes it by its name.
 */
public final class BoundedHttpProtocol extends Http11NioProtocol {

    /** From the first byte of a request to the end of its headers. */
    static final Duration HEADERS_WITHIN = Duration.ofSeconds(10);

    private static final int MOST_SWALLOWED = 64 * 1024;

    @Override
    protected Processor createProcessor() {
        return new BoundedProcessor(this);
    }

    /** Serves one connection at a time. */
    private static final class BoundedProcessor extends Http11Processor {

        private @Nullable SocketWrapperBase<?> readingHeadersOf;
        private long start;

        BoundedProcessor(BoundedHttpProtocol protocol) {
            super(protocol, protocol.getAdapter());
        }

        /** Headers are read without a thread: Tomcat calls this whenever more of them came, and bounds the time between two of them. */
        @Override
        public SocketState service(SocketWrapperBase<?> connection) throws IOException {
            if (readingHeadersOf != connection) {
                readingHeadersOf = connection;
                start = System.nanoTime();
            } else if (System.nanoTime() - start > HEADERS_WITHIN.toNanos()) {
                readingHeadersOf = null;
                return SocketState.CLOSED;
            }
            SocketState state = super.service(connection);
            if (state != SocketState.LONG || isAsync()) {
                readingHeadersOf = null;
            }
            if (state == SocketState.CLOSED) {
                swallowWhatHasCome(connection);
            }
            return state;
        }

        /** Ends an asynchronous request. What nobody read of its body would be waited for, or be taken for the next request. */
        @Override
        protected SocketState dispatchEndRequest() {
            if (isRequestBodyFullyRead()) {
                return super.dispatchEndRequest();
            }
            disableSwallowRequest();
            super.dispatchEndRequest();
            swallowWhatHasCome(getSocketWrapper());
            return SocketState.CLOSED;
        }

        /** So that closing does not reset the connection of a client that has sent all and only waits for its answer. Never waits. */
        private static void swallowWhatHasCome(SocketWrapperBase<?> connection) {
            byte[] bytes = new byte[8192];
            try {
                int swallowed = 0;
                int read = 1;
                while (read > 0 && swallowed < MOST_SWALLOWED) {
                    read = connection.read(false, bytes, 0, bytes.length);
                    swallowed += read;
                }
            } catch (IOException gone) {
                // it ends anyway
            }
        }
    }
}
