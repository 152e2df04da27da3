package io.hourledger.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts a {@link MeteringClient} together. A bad setting is refused with a sentence that says how to mend it. */
public final class MeteringClientBuilder {

    private static final int MEGABYTE = 1024 * 1024;
    private static final int MOST_OF_A_REQUEST = 10_000;
    private static final int MIN_BYTES = 128 * 1024;

    private final URI service;
    private final String source;
    private final Supplier<String> apiKey;
    private Clock clock = Clock.systemUTC();
    private @Nullable Path folder;
    private long maxBytes = 64L * MEGABYTE;
    private Duration blockAtMost = Duration.ofSeconds(5);
    private int maxBatch = 500;
    private Duration maxAge = Duration.ofMillis(200);
    private Duration timeout = Duration.ofSeconds(30);
    private Supplier<@Nullable String> traceparent = () -> null;
    private @Nullable MeteringListener listener;

    MeteringClientBuilder(URI service, String source, Supplier<String> apiKey) {
        this.service = service;
        this.source = CallChecks.name("source", source);
        this.apiKey = apiKey;
        require(
                "http".equals(service.getScheme()) || "https".equals(service.getScheme()),
                "the service is an address such as https://metering.example.com, and not " + service);
    }

    /**
     * Records usage in files of this folder, which outlive the process. Any number of processes may share the folder. It must lie on a
     * local disk, since locks of network file systems cannot be trusted.
     *
     * @param maxBytes the most that waiting usage takes; rejected usage may take as much
     */
    public MeteringClientBuilder spillTo(Path folder, long maxBytes) {
        this.folder = folder;
        return bound(maxBytes);
    }

    /**
     * Records usage in memory, which ends with the process. Rejected usage then needs a {@link #listener}.
     *
     * @param maxBytes the most that waiting usage takes
     */
    public MeteringClientBuilder inMemory(long maxBytes) {
        this.folder = null;
        return bound(maxBytes);
    }

    private MeteringClientBuilder bound(long maxBytes) {
        require(maxBytes >= MIN_BYTES, "max bytes must be at least " + MIN_BYTES + ", and is " + maxBytes);
        this.maxBytes = maxBytes;
        return this;
    }

    /** When there is no room, a call waits for so long, and fails then. The default is 5 s. */
    public MeteringClientBuilder blockWhenFull(Duration atMost) {
        require(!atMost.isNegative(), "a call cannot block for " + atMost + "; zero is to fail at once");
        this.blockAtMost = atMost;
        return this;
    }

    /** When there is no room, a call fails at once. */
    public MeteringClientBuilder failWhenFull() {
        return blockWhenFull(Duration.ZERO);
    }

    /**
     * Sends a batch when so many usages wait, or when the first has waited for so long.
     *
     * @param maxUsages the default is 500
     * @param maxAge the default is 200 ms
     */
    public MeteringClientBuilder batch(int maxUsages, Duration maxAge) {
        require(
                maxUsages > 0 && maxUsages <= MOST_OF_A_REQUEST,
                "a batch has 1 to " + MOST_OF_A_REQUEST + " usages, and not " + maxUsages);
        require(maxAge.toMillis() > 0, "a batch's age must be at least 1 ms, and is " + maxAge);
        this.maxBatch = maxUsages;
        this.maxAge = maxAge;
        return this;
    }

    /** How long a request may take with its answer; longer than the service's own answer time-out. The default is 30 s. */
    public MeteringClientBuilder timeout(Duration timeout) {
        require(timeout.toMillis() > 0, "the time-out must be at least 1 ms, and is " + timeout);
        this.timeout = timeout;
        return this;
    }

    /**
     * Sends a trace's context with each request, for whoever looks for it beside the usage.
     *
     * @param traceparent is asked before each request, by the thread that sends; W3C's form, or null for none
     */
    public MeteringClientBuilder traceparent(Supplier<@Nullable String> traceparent) {
        this.traceparent = traceparent;
        return this;
    }

    /** Where the time of usage comes from. */
    public MeteringClientBuilder clock(Clock clock) {
        this.clock = clock;
        return this;
    }

    /** Hooks for metrics and alarms. */
    public MeteringClientBuilder listener(MeteringListener listener) {
        this.listener = listener;
        return this;
    }

    /**
     * Builds the client and begins to send what earlier processes have left.
     *
     * @throws UncheckedIOException if the folder cannot be used
     */
    public MeteringClient build() {
        require(
                folder != null || listener != null,
                "rejected usage would be lost in silence: give the client a folder or a listener");
        SafeListener hooks = new SafeListener(listener == null ? new MeteringListener() {} : listener);
        BufferBounds bounds = BufferBounds.of(maxBytes, blockAtMost, maxBatch);
        try {
            SegmentStore store = folder == null
                    ? new MemorySegments(source, bounds.segmentBytes())
                    : SpillFolder.open(folder, source, bounds.segmentBytes());
            UsageBuffer buffer = new UsageBuffer(store, bounds);
            SendingLoop sending = new SendingLoop(
                    buffer,
                    new HttpIngest(service, apiKey, traceparent, timeout),
                    new RejectedUsages(folder, maxBytes, hooks),
                    hooks,
                    maxBatch,
                    maxAge);
            return new MeteringClient(buffer, sending, clock);
        } catch (IOException noFolder) {
            throw new UncheckedIOException("the spill folder cannot be used: " + folder, noFolder);
        }
    }

    private static void require(boolean met, String sentence) {
        if (!met) {
            throw new IllegalArgumentException(sentence);
        }
    }
}
