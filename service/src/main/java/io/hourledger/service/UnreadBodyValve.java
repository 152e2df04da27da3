package io.hourledger.service;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.coyote.ContinueResponseTiming;

/**
 * Ends the connection of a request that was answered before its body was read. Tomcat would wait for the rest with a thread, however small
 * its {@code max-swallow-size} is.
 */
final class UnreadBodyValve extends ValveBase {

    private static final String ASK_FOR_BODY = UnreadBodyValve.class.getName() + ".askForBody";

    UnreadBodyValve() {
        super(true);
    }

    /** Answers an {@code Expect: 100-continue}, which a refused request is not answered. */
    static void askForBody(HttpServletRequest request) {
        if (request.getAttribute(ASK_FOR_BODY) instanceof Runnable ask) {
            ask.run();
        }
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        if (request.getCoyoteRequest().hasExpectation()) {
            request.setAttribute(ASK_FOR_BODY, (Runnable)
                    () -> response.sendAcknowledgement(ContinueResponseTiming.ON_REQUEST_BODY_READ));
        }
        boolean first = !request.isAsyncDispatching();
        try {
            getNext().invoke(request, response);
        } finally {
            // after an asynchronous dispatch the protocol does it: here it would be taken for an error without a page
            if (first && !request.isAsync() && !request.isFinished()) {
                request.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
            }
        }
    }
}
