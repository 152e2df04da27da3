package io.hourledger.console.access;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets only those see a page who are signed in, by their session's cookie or with their token as a bearer token. All others are sent to the
 * form. Whatever path is new is closed. Every answer forbids scripts and styles of others, framing, and caches.
 */
final class SignedInOnly extends OncePerRequestFilter {

    static final String COOKIE = "console_session";

    private static final String BEARER = "Bearer ";

    /** The form itself and what it looks like, and whether the process is ready. None of them tells anything of the ledger. */
    private static final Set<String> OPEN =
            Set.of("/sign-in", "/console.css", "/console.js", "/favicon.svg", "/livez", "/readyz");

    private static final String POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
            + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private final Sessions sessions;

    SignedInOnly(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain next)
            throws ServletException, IOException {
        response.setHeader("Content-Security-Policy", POLICY);
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Cache-Control", "no-store");
        Optional<SignedInUser> user = user(request);
        user.ifPresent(known -> known.putInto(request));
        if (user.isPresent() || OPEN.contains(request.getRequestURI())) {
            next.doFilter(request, response);
        } else if (request.getHeader("Authorization") != null) {
            response.setHeader("WWW-Authenticate", "Bearer");
            response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
        } else {
            response.setStatus(HttpServletResponse.SC_SEE_OTHER);
            response.setHeader("Location", "/sign-in");
        }
    }

    private Optional<SignedInUser> user(HttpServletRequest request) {
        String authorization = request.getHeader("Authorization");
        if (authorization != null) {
            return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                    ? sessions.holderOf(authorization.substring(BEARER.length()))
                    : Optional.empty();
        }
        return sessionId(request).flatMap(sessions::userOf);
    }

    static Optional<String> sessionId(HttpServletRequest request) {
        Cookie @Nullable [] cookies = request.getCookies();
        return cookies == null
                ? Optional.empty()
                : Arrays.stream(cookies)
                        .filter(cookie -> cookie.getName().equals(COOKIE))
                        .map(Cookie::getValue)
                        .findFirst();
    }
}
