package io.hourledger.contracts.access;

/**
 * Bounds of one key, below those that hold for all. Zero sets none.
 *
 * @param eventsPerSecond on average; a request that is under way is taken whole
 * @param bodyBytes the largest body of one request
 * @param memoryPercent of the memory for bodies, what the key's requests hold together
 */
public record KeyLimits(int eventsPerSecond, int bodyBytes, int memoryPercent) {

    /** As for all keys. */
    public static final KeyLimits NONE = new KeyLimits(0, 0, 0);

    private static final int WHOLE = 100;

    public KeyLimits {
        if (eventsPerSecond < 0 || bodyBytes < 0) {
            throw new IllegalArgumentException("a bound of a key is a number above zero");
        }
        if (memoryPercent < 0 || memoryPercent > WHOLE) {
            throw new IllegalArgumentException("the share of memory is a number from 1 to 100 percent");
        }
    }
}
