package io.hourledger.service;

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
        FilterRegistrationBean<OperatorOnly> filter =
                new FilterRegistrationBean<>(new OperatorOnly(settings.requiredOperatorToken()));
        filter.addUrlPatterns(urlPatterns);
        return filter;
    }
}
