package io.hourledger.console.access;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.console.*} that say who may see the pages.
 *
 * @param tokens one for each person; their hashes only
 * @param session how long a browser stays signed in, in elapsed time
 */
@ConfigurationProperties("hourledger.console")
record AccessSettings(@DefaultValue List<Token> tokens, @DefaultValue("PT12H") Duration session) {

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    AccessSettings {
        require(
                !tokens.isEmpty(),
                "tokens is empty, so nobody could sign in: add one with a name, a role and its SHA-256");
        require(session.isPositive(), "session must be longer than nothing, such as PT12H");
        Set<String> names = new HashSet<>();
        Set<String> hashes = new HashSet<>();
        for (Token token : tokens) {
            require(names.add(token.name()), "tokens names " + token.name() + " twice: give each person one name");
            require(
                    hashes.add(token.sha256()),
                    "tokens holds the token of " + token.name() + " twice: give each its own");
        }
    }

    /**
     * A person's token.
     *
     * @param name who it is; for logs and for the page's head
     * @param sha256 of the token, so that the settings do not hold it
     */
    record Token(String name, String sha256, Role role) {

        Token {
            require(name != null && !name.isBlank(), "tokens holds a token without a name: say whose it is");
            require(
                    sha256 != null && SHA256.matcher(sha256).matches(),
                    "tokens: the sha256 of " + name + " must be 64 hexadecimal digits in lower case, as"
                            + " printf %s TOKEN | sha256sum writes them");
            require(role != null, "tokens: " + name + " has no role: reader, finance or operator");
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("hourledger.console." + otherwise);
        }
    }
}
