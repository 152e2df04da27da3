package io.hourledger.pusher.marketplace;

/** Where usage records are handed in. */
public interface UsagePushPort {

    /** Longer answers are cut: a thousand abnormal records with their messages fit in. */
    int MAX_ANSWER_BYTES = 1 << 20;

    /**
     * Sends one call and waits for its answer, for a bounded time. Never throws for what the network or the marketplace does.
     *
     * @param body canonical bytes, signed and sent as they are
     * @param latestSendNanos the last moment, by {@link System#nanoTime()}, at which a connection for it may still be begun
     */
    HttpResult push(byte[] body, long latestSendNanos);
}
