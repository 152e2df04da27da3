package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.OrderLine;
import io.hourledger.contracts.usage.Product;
import org.jspecify.annotations.Nullable;

/**
 * What an instance was opened as.
 *
 * @param product of its order, or the one it was upgraded to since
 * @param test whether it is a debugging instance of the marketplace
 * @param openedBy who opened it without a marketplace; null for one that a buyer has ordered
 */
public record Origin(OrderLine order, Product product, String buyerId, boolean test, @Nullable String openedBy) {

    /** Whether the marketplace has it, and can be told of its usage. */
    public boolean isSold() {
        return openedBy == null;
    }
}
