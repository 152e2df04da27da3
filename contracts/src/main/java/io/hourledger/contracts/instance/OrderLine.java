package io.hourledger.contracts.instance;

/** Names the line of the marketplace's order that asked for an instance. */
public record OrderLine(String orderId, String orderLineId) {}
