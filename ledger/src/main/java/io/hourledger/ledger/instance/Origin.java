package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.OrderLine;
import io.hourledger.contracts.usage.Product;

/**
 * What an instance was opened as.
 *
 * @param product of its order, or the one it was upgraded to since
 * @param test whether it is a debugging instance of the marketplace
 */
public record Origin(OrderLine order, Product product, String buyerId, boolean test) {}
