package io.hourledger.console.tonight;

import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The settings {@code hourledger.console.*} that say whom the page of the night asks.
 *
 * @param aggregator the address of an aggregator, which knows the lag of all partitions; null if nobody is asked
 * @param pusher the address of the pusher; null if nobody is asked
 */
@ConfigurationProperties("hourledger.console")
record TonightSettings(@Nullable URI aggregator, @Nullable URI pusher) {

    private static final Set<String> SCHEMES = Set.of("http", "https");

    TonightSettings {
        check("aggregator", aggregator);
        check("pusher", pusher);
    }

    private static void check(String name, @Nullable URI address) {
        if (address != null && (address.getHost() == null || !SCHEMES.contains(String.valueOf(address.getScheme())))) {
            throw new IllegalArgumentException("hourledger.console." + name + " must be an address such as http://"
                    + name + ":8080, and is " + address);
        }
    }
}
