package io.hourledger.contracts.access;

import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The header of a record in the usage log that says to which products the key of its event is bound, such as {@code ["egress"]}. It is there only
 * if the key is bound. Since it lies in the log, what was allowed then is known for as long as the event is.
 */
public final class ProductsHeader {

    public static final String NAME = "hourledger-products";

    /** No key may be bound to more, since the header goes with each of its events. */
    static final int MAX_BYTES = 32 * 1024;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Set<String>> PRODUCTS = new TypeReference<>() {};

    private ProductsHeader() {}

    public static byte[] write(Set<String> products) {
        return JSON.writeValueAsBytes(new TreeSet<>(products));
    }

    /**
     * The products.
     *
     * @throws IllegalArgumentException if nobody of ours has written this
     */
    public static Set<String> read(byte[] header) {
        if (header.length > MAX_BYTES) {
            throw new IllegalArgumentException("the products of a key are more than " + MAX_BYTES + " bytes");
        }
        try {
            Set<String> products = JSON.readValue(header, PRODUCTS);
            if (products == null || products.contains(null)) {
                throw new IllegalArgumentException("the products of a key are null");
            }
            return products;
        } catch (JacksonException notProducts) {
            throw new IllegalArgumentException("the products of a key cannot be read", notProducts);
        }
    }
}
