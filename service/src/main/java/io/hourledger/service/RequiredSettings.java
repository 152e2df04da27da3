package io.hourledger.service;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.core.io.Resource;

/**
 * What all services are told alike. Each asks for what it needs, and does not start without it.
 *
 * @param catalogue where the meters and products are, as JSON; null for a service that counts nothing
 * @param operatorToken the bearer token of the operator's pages; null for a service that has none
 */
@ConfigurationProperties("hourledger")
public record RequiredSettings(@Nullable Resource catalogue, @Nullable String operatorToken) {

    /**
     * Reads the catalogue.
     *
     * @throws IllegalArgumentException if there is none, or it is not one; the message says how to mend it
     */
    Catalogue readCatalogue() {
        if (catalogue == null || !catalogue.exists()) {
            throw new IllegalArgumentException(
                    "hourledger.catalogue must be the place of the catalogue's JSON file, such"
                            + " as file:/etc/hourledger/catalogue.json, and there is nothing at " + catalogue);
        }
        try {
            return CatalogueFile.read(catalogue.getContentAsByteArray());
        } catch (IOException unreadable) {
            throw new UncheckedIOException("hourledger.catalogue: cannot read " + catalogue, unreadable);
        }
    }

    /**
     * The token, for a service that has pages for an operator.
     *
     * @throws IllegalArgumentException if none is set
     */
    String requiredOperatorToken() {
        if (operatorToken == null || operatorToken.isBlank()) {
            throw new IllegalArgumentException(
                    "hourledger.operator-token is not set: the operator's pages are never open, so give them a secret");
        }
        return operatorToken;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "RequiredSettings[catalogue=" + catalogue + "]";
    }
}
