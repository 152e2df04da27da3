package io.hourledger.service;

import java.util.List;
import org.springframework.boot.web.servlet.FilterRegistrationBean;

/** Pages that only an operator may see or use. */
public final class OperatorPages {

    private OperatorPages() {}

    /**
     * Closes the given paths to everybody who does not send {@code hourledger.operator-token} as a bearer token: RFC 6750.
     *
     * @param urlPatterns as the servlet specification has them, such as {@code /operator/*}
     * @throws IllegalArgumentException if no token is set: these pages are never open
     */
    public static FilterRegistrationBean<?> closed(RequiredSettings settings, String... urlPatterns) {
        return closedBut(List.of(), settings, urlPatterns);
    }

    /**
     * The same, but for paths that apps may ask, too.
     *
     * @param checkedElsewhere whoever serves these paths, and what lies below them, finds out who asks
     */
    public static FilterRegistrationBean<?> closedBut(
            List<String> checkedElsewhere, RequiredSettings settings, String... urlPatterns) {
        FilterRegistrationBean<OperatorOnly> filter =
                new FilterRegistrationBean<>(new OperatorOnly(OperatorToken.of(settings), checkedElsewhere));
        filter.addUrlPatterns(urlPatterns);
        return filter;
    }
}
