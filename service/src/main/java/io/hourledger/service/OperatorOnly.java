package io.hourledger.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.MessageDigest;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets only those pass who know the operator token. */
final class OperatorOnly extends OncePerRequestFilter {

    private static final String REFUSAL =
            """
            {"type":"about:blank","title":"Unauthorized","status":401,"code":"operator-token-required",\
            "detail":"send Authorization: Bearer <hourledger.operator-token>"}""";

    private final byte[] expected;

    OperatorOnly(String operatorToken) {
        this.expected = ("Bearer " + operatorToken).getBytes(UTF_8);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain next)
            throws ServletException, IOException {
        String given = request.getHeader("Authorization");
        if (given != null && MessageDigest.isEqual(expected, given.getBytes(UTF_8))) {
            next.doFilter(request, response);
            return;
        }
        response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
        response.setHeader("WWW-Authenticate", "Bearer");
        response.setContentType("application/problem+json");
        response.getOutputStream().write(REFUSAL.getBytes(UTF_8));
    }
}
