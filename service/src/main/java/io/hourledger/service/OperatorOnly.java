package io.hourledger.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets only those pass who know the operator token. */
final class OperatorOnly extends OncePerRequestFilter {

    private static final String REFUSAL =
            """
            {"type":"about:blank","title":"Unauthorized","status":401,"code":"operator-token-required",\
            "detail":"send Authorization: Bearer <hourledger.operator-token>"}""";

    private final OperatorToken token;
    private final List<String> checkedElsewhere;

    /**
     * @param checkedElsewhere paths that find out themselves who asks, with all that lies below them
     */
    OperatorOnly(OperatorToken token, List<String> checkedElsewhere) {
        this.token = token;
        this.checkedElsewhere = List.copyOf(checkedElsewhere);
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getServletPath();
        return checkedElsewhere.stream().anyMatch(open -> path.equals(open) || path.startsWith(open + "/"));
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain next)
            throws ServletException, IOException {
        if (token.isIn(request.getHeader("Authorization"))) {
            next.doFilter(request, response);
            return;
        }
        response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
        response.setHeader("WWW-Authenticate", "Bearer");
        response.setContentType("application/problem+json");
        response.getOutputStream().write(REFUSAL.getBytes(UTF_8));
    }
}
