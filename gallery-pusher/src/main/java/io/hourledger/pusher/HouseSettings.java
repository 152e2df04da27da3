package io.hourledger.pusher;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.core.io.Resource;

/**
 * What all services of the house are told alike.
 *
 * @param catalogue where the meters and products are, as JSON
 * @param operatorToken the bearer token of the operator's endpoints
 */
@ConfigurationProperties("hourledger")
record HouseSettings(@Nullable Resource catalogue, @Nullable String operatorToken) {

    HouseSettings {
        if (catalogue == null || !catalogue.exists()) {
            throw new IllegalArgumentException(
                    "hourledger.catalogue must be the place of the catalogue's JSON file, such"
                            + " as file:/etc/hourledger/catalogue.json, and there is nothing at " + catalogue);
        }
        if (operatorToken == null || operatorToken.isBlank()) {
            throw new IllegalArgumentException(
                    "set hourledger.operator-token: the operator's endpoints are never open to everybody");
        }
    }

    byte[] catalogueFile() throws IOException {
        return catalogue == null ? new byte[0] : catalogue.getContentAsByteArray();
    }

    String token() {
        return operatorToken == null ? "" : operatorToken;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "HouseSettings[catalogue=" + catalogue + "]";
    }
}
