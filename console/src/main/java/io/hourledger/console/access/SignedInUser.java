package io.hourledger.console.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Who looks at a page.
 *
 * @param role the label of it
 */
public record SignedInUser(String name, String role) {

    private static final String ATTRIBUTE = SignedInUser.class.getName();

    /** Of a request that was let through; empty for the page to sign in. */
    public static Optional<SignedInUser> of(HttpServletRequest request) {
        return Optional.ofNullable((SignedInUser) request.getAttribute(ATTRIBUTE));
    }

    void putInto(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }
}
