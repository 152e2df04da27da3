package io.hourledger.ingest.token;

import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which claims of an access token say who sends and what it may write. Each claim is one text or a list of them.
 *
 * @param sender the claim that names the sender, for logs, metrics and the log of usage
 * @param sources the sources it may send for, exactly
 * @param sourcePrefixes what a source may start with; a token needs this claim or the one of sources
 * @param types the event types it may send; without the claim all
 * @param instances the instances it may send for; without the claim all
 * @param products the products whose instances it may send for; without the claim all
 */
@ConfigurationProperties("hourledger.ingest.access-tokens.claims")
record ClaimSettings(
        @DefaultValue("sub") String sender,
        @DefaultValue("usage_sources") String sources,
        @DefaultValue("usage_source_prefixes") String sourcePrefixes,
        @DefaultValue("usage_types") String types,
        @DefaultValue("usage_instances") String instances,
        @DefaultValue("usage_products") String products) {

    ClaimSettings {
        long different = Stream.of(sender, sources, sourcePrefixes, types, instances, products)
                .filter(name -> !name.isBlank())
                .distinct()
                .count();
        if (different < 6) {
            throw new IllegalArgumentException(
                    "hourledger.ingest.access-tokens.claims: each of the six needs a claim of its own");
        }
    }
}
