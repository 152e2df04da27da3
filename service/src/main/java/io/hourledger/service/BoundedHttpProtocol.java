package io.hourledger.service;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Speaks HTTP/1.1 as Tomcat does, but ends connections that Tomcat would wait for. A request line and headers must be there in time, and a
 * body that was not read whole ends its connection. Public because Tomcat makes it by its name.
 */
public final class BoundedHttpProtocol extends Http11NioProtocol {

    /** From the first byte of a request to the end of its headers. */
    static final Duration HEADERS_WITHIN = Duration.ofSeconds(10);

    /** How long a client that was answered early may go on sending before its connection is reset. */
    private static final Duration LINGERS_FOR = Duration.ofSeconds(5);

    private static final int MOST_SWALLOWED = 1024 * 1024;

    @Override
    protected Processor createProcessor() {
        return new BoundedProcessor(this);
    }

    /**
     * Says in an answer that its connection ends, if the body of its request was not read: a client that keeps connections would send its next
     * request on it. Tomcat asks this of every answer just before it writes the headers, and offers no better place.
     */
    @Override
    public boolean useCompression(Request request, Response response) {
        AtomicBoolean isBodyRead = new AtomicBoolean();
        request.action(ActionCode.REQUEST_BODY_FULLY_READ, isBodyRead);
        if (!isBodyRead.get()) {
            response.setHeader("Connection", "close");
        }
        return super.useCompression(request, response);
    }

    /** Serves one connection at a time. */
    private static final class BoundedProcessor extends Http11Processor {

        private @Nullable SocketWrapperBase<?> readingHeadersOf;
        private long start;
        private @Nullable Lingering lingering;

        BoundedProcessor(BoundedHttpProtocol protocol) {
            super(protocol, protocol.getAdapter());
        }

        /** Headers are read without a thread: Tomcat calls this whenever more of them came, and bounds the time between two of them. */
        @Override
        public SocketState service(SocketWrapperBase<?> connection) throws IOException {
            if (lingering != null && lingering.connection == connection) {
                return lingering.goOn();
            }
            lingering = null;
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
            return state == SocketState.CLOSED ? lingerOver(connection) : state;
        }

        /** Ends an asynchronous request. What nobody read of its body would be waited for, or be taken for the next request. */
        @Override
        protected SocketState dispatchEndRequest() {
            if (isRequestBodyFullyRead()) {
                return super.dispatchEndRequest();
            }
            disableSwallowRequest();
            super.dispatchEndRequest();
            return lingerOver(getSocketWrapper());
        }

        private SocketState lingerOver(SocketWrapperBase<?> connection) {
            lingering = new Lingering(connection);
            return lingering.goOn();
        }
    }

    /**
     * The end of a connection whose client may still be sending. Closing at once would reset it, and a client that is reset while it writes
     * never reads its answer. No thread waits: Tomcat calls again whenever more has come, or when nothing came for the time-out.
     */
    private static final class Lingering {

        private final SocketWrapperBase<?> connection;
        private final long start = System.nanoTime();
        private int swallowed;
        private boolean saidToBeOver;

        Lingering(SocketWrapperBase<?> connection) {
            this.connection = connection;
        }

        SocketState goOn() {
            byte[] bytes = new byte[8192];
            try {
                int read = 1;
                while (read > 0 && swallowed < MOST_SWALLOWED) {
                    read = connection.read(false, bytes, 0, bytes.length);
                    swallowed += Math.max(read, 0);
                }
                boolean over = read != 0 || System.nanoTime() - start > LINGERS_FOR.toNanos();
                if (over || !sayThatItIsOver()) {
                    return SocketState.CLOSED;
                }
                connection.setReadTimeout(LINGERS_FOR.toMillis());
                return SocketState.LONG;
            } catch (IOException gone) {
                return SocketState.CLOSED;
            }
        }

        /** Whether the connection can be closed in one direction. */
        private boolean sayThatItIsOver() throws IOException {
            if (!saidToBeOver
                    && connection.getSocket() instanceof NioChannel channel
                    && !(channel instanceof SecureNioChannel)) {
                channel.getIOChannel().shutdownOutput();
                saidToBeOver = true;
            }
            return saidToBeOver;
        }
    }
}
