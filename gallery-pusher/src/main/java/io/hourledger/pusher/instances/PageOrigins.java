package io.hourledger.pusher.instances;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets pages of the allowed origins read usage with a token, and no other page anything (CORS). Cookies are never sent. */
final class PageOrigins extends OncePerRequestFilter {

    private static final String USAGE = "/usage";
    private static final String PREFLIGHT_SECONDS = "600";
    private static final String REFUSAL =
            """
            {"type":"urn:hourledger:problem:origin-not-allowed","title":"Forbidden","status":403,"code":"origin_not_allowed",\
            "detail":"pages of this origin may not ask here; see hourledger.instances.allowed-origins"}""";

    private final Set<String> allowed;

    PageOrigins(List<String> allowed) {
        this.allowed = Set.copyOf(allowed);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain next)
            throws ServletException, IOException {
        String origin = request.getHeader("Origin");
        if (origin == null) {
            next.doFilter(request, response);
            return;
        }
        response.addHeader("Vary", "Origin");
        boolean mayAsk = request.getRequestURI().endsWith(USAGE) && allowed.contains(origin);
        if (mayAsk) {
            response.setHeader("Access-Control-Allow-Origin", origin);
            response.setHeader("Access-Control-Expose-Headers", "Retry-After");
        }
        boolean preflight =
                "OPTIONS".equals(request.getMethod()) && request.getHeader("Access-Control-Request-Method") != null;
        if (!preflight) {
            next.doFilter(request, response);
        } else if (mayAsk) {
            response.setHeader("Access-Control-Allow-Methods", "GET");
            response.setHeader("Access-Control-Allow-Headers", "Authorization");
            response.setHeader("Access-Control-Max-Age", PREFLIGHT_SECONDS);
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
        } else {
            response.setStatus(HttpServletResponse.SC_FORBIDDEN);
            response.setContentType("application/problem+json");
            response.getOutputStream().write(REFUSAL.getBytes(UTF_8));
        }
    }
}
