package io.hourledger.pusher.instances;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.instances.*}.
 *
 * @param apiKeys the apps that may ask; without a key nobody can
 * @param tokenSecret signs the tokens of buyers' pages; null: there are none
 * @param previousTokenSecret signed tokens before; they are believed until they expire. Null if there was none
 * @param allowedOrigins the origins of pages that may ask with a token
 * @param maxRequestsInFlight requests that may use the database at the same time
 */
@ConfigurationProperties("hourledger.instances")
public record InstancesSettings(
        @DefaultValue List<AppKeySettings> apiKeys,
        @Nullable String tokenSecret,
        @Nullable String previousTokenSecret,
        @DefaultValue List<String> allowedOrigins,
        @DefaultValue("4") int maxRequestsInFlight) {

    private static final String PREFIX = "hourledger.instances.";
    private static final int SECRET_CHARS = 32;
    private static final int MOST_IN_FLIGHT = 64;
    private static final Pattern ORIGIN = Pattern.compile("https?://[a-z0-9.-]+(:[0-9]{1,5})?");

    public InstancesSettings {
        apiKeys = List.copyOf(apiKeys);
        allowedOrigins = List.copyOf(allowedOrigins);
        Set<String> names = new HashSet<>();
        Set<String> hashes = new HashSet<>();
        for (AppKeySettings key : apiKeys) {
            require(names.add(key.name()), "api-keys names " + key.name() + " twice: give each key its own name");
            require(hashes.add(key.sha256()), "api-keys holds the key of " + key.name() + " twice: give each its own");
        }
        secret("token-secret", tokenSecret);
        secret("previous-token-secret", previousTokenSecret);
        require(
                previousTokenSecret == null || tokenSecret != null,
                "previous-token-secret is set and token-secret is not: set the one that signs");
        for (String origin : allowedOrigins) {
            require(
                    ORIGIN.matcher(origin).matches(),
                    "allowed-origins: " + origin + " is no origin such as https://app.example.com, in lower case and"
                            + " without a path");
        }
        require(
                maxRequestsInFlight >= 1 && maxRequestsInFlight <= MOST_IN_FLIGHT,
                "max-requests-in-flight must be from 1 to " + MOST_IN_FLIGHT + ", and is " + maxRequestsInFlight);
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "InstancesSettings[" + apiKeys + ", " + allowedOrigins + ", " + maxRequestsInFlight + "]";
    }

    private static void secret(String name, @Nullable String secret) {
        require(
                secret == null || secret.length() >= SECRET_CHARS,
                name + " has fewer than " + SECRET_CHARS + " characters; `openssl rand -hex 24` draws one");
    }

    private static void require(boolean met, String sentence) {
        if (!met) {
            throw new IllegalArgumentException(PREFIX + sentence);
        }
    }

    /**
     * One app.
     *
     * @param name for logs; not secret
     * @param sha256 the SHA-256 of its key, 64 hexadecimal digits in lower case; it may be the key with which it sends usage
     * @param products the products whose instances are its own; {@code *} alone stands for all
     */
    public record AppKeySettings(String name, String sha256, @DefaultValue List<String> products) {

        static final String ALL = "*";

        private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

        public AppKeySettings {
            products = List.copyOf(products);
            require(name != null && !name.isBlank(), "api-keys holds a key without a name: give it one for the logs");
            require(
                    sha256 != null && SHA_256.matcher(sha256).matches(),
                    "api-keys: the sha256 of " + name + " must be 64 hexadecimal digits in lower case, as"
                            + " `printf %s KEY | sha256sum` prints them");
            require(
                    !products.isEmpty() && products.stream().noneMatch(String::isBlank),
                    "api-keys: " + name + " has no product: name them, or all by *");
            require(
                    !products.contains(ALL) || products.size() == 1,
                    "api-keys: " + name + " has all products by *, so name no other");
        }

        boolean seesAll() {
            return products.contains(ALL);
        }

        boolean sees(String productId) {
            return seesAll() || products.contains(productId);
        }
    }
}
