package io.hourledger.client;

/**
 * Shows what a client did since it was built, for whatever metrics the app has.
 *
 * @param recorded calls of {@code usage} that returned
 * @param accepted usages that the service has
 * @param rejected usages that the service refused for good
 * @param requests requests sent
 * @param failedRequests requests after which nothing was known to be taken
 * @param waiting usages that have no answer yet, those of former processes included
 * @param usedBytes memory or disk that waiting usage takes
 * @param maxBytes how much it may take
 */
public record ClientFigures(
        long recorded,
        long accepted,
        long rejected,
        long requests,
        long failedRequests,
        long waiting,
        long usedBytes,
        long maxBytes) {}
