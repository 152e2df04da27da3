package io.hourledger.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * Answers what the server itself refuses, such as a request that is no HTTP, as a problem of RFC 9457. Tomcat would send a page for people.
 * Public because Tomcat makes it by its name.
 */
public final class ProblemReportValve extends ErrorReportValve {

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        if (response.getStatus() < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        HttpStatus status = HttpStatus.resolve(response.getStatus());
        String code = status == null
                ? "http-" + response.getStatus()
                : status.name().toLowerCase(Locale.ROOT).replace('_', '-');
        String title = status == null ? "HTTP " + response.getStatus() : status.getReasonPhrase();
        String problem =
                """
                {"type":"urn:hourledger:problem:%s","title":"%s","status":%d,\
                "detail":"the server cannot read this request","code":"%s"}"""
                        .formatted(code, title, response.getStatus(), code.replace('-', '_'));
        try {
            response.setContentType("application/problem+json");
            response.getOutputStream().write(problem.getBytes(StandardCharsets.UTF_8));
            response.finishResponse();
        } catch (IOException gone) {
            // nobody reads it
        }
    }
}
