package io.hourledger.client;

import java.lang.System.Logger.Level;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Sends an app's usage to metering-ingest. A call records the usage with its time and returns; a thread sends it in batches.
 *
 * <p><b>What a call promises.</b> When {@code usage} returns, the usage is recorded and gets one id for ever. It is sent under that id until
 * the service has it or rejects it, so it counts once. With a folder this holds over a kill of the process, and whoever uses the folder next
 * goes on. Without a folder it holds as long as the process runs. A call that throws has recorded nothing.
 *
 * <p><b>Where it ends.</b> A power cut may take what was recorded last, unless a {@link #flush} came between. The service takes usage up to
 * its {@code max-age}, so usage that waited longer is rejected as {@code too_old} and written down.
 *
 * <p>Safe for any number of threads.
 */
public final class MeteringClient implements AutoCloseable {

    private static final System.Logger log = System.getLogger(MeteringClient.class.getName());
    private static final Duration CLOSES_WITHIN = Duration.ofSeconds(10);

    private final UsageBuffer buffer;
    private final SendingLoop sending;
    private final Clock clock;
    private final Thread sender;
    private boolean stopped;

    MeteringClient(UsageBuffer buffer, SendingLoop sending, Clock clock) {
        this.buffer = buffer;
        this.sending = sending;
        this.clock = clock;
        this.sender = new Thread(sending, "metering-client");
        sender.setDaemon(true);
        sender.start();
    }

    /**
     * @param service the address of metering-ingest, such as {@code https://metering.example.com}
     * @param source the CloudEvents source that the key may send for, such as {@code /shop/eu-1}
     * @param apiKey asked before each request, so that a key may change while the app runs
     */
    public static MeteringClientBuilder builder(URI service, String source, Supplier<String> apiKey) {
        return new MeteringClientBuilder(service, source, apiKey);
    }

    /**
     * Records that an instance has used this much, now.
     *
     * @param instance the marketplace's instance id
     * @throws UsageNotRecordedException if there is no room for it
     * @throws IllegalArgumentException if the service could never take it
     */
    public void usage(String instance, SummedMeter meter, long amount) {
        record(instance, meter.encoded(), CallChecks.amount(amount));
    }

    /**
     * Records that an instance has used this much, now. No decimal is lost.
     *
     * @param instance the marketplace's instance id
     * @throws UsageNotRecordedException if there is no room for it
     * @throws IllegalArgumentException if the service could never take it
     */
    public void usage(String instance, SummedMeter meter, BigDecimal amount) {
        record(instance, meter.encoded(), CallChecks.amount(amount));
    }

    /**
     * Records that an instance has been used once, now.
     *
     * @param instance the marketplace's instance id
     * @throws UsageNotRecordedException if there is no room for it
     * @throws IllegalArgumentException if the service could never take it
     */
    public void usage(String instance, CountedMeter meter) {
        record(instance, meter.encoded(), "");
    }

    private void record(String instance, byte[] meter, String amount) {
        buffer.append(UsageCodec.encode(clock.instant(), meter, CallChecks.instance(instance), amount));
    }

    /** Has all sent that was recorded before this call, and waits for the answers until the deadline. */
    public FlushResult flush(Duration deadline) throws InterruptedException {
        return buffer.flush(deadline);
    }

    /** What this client did so far. */
    public ClientFigures figures() {
        return buffer.figures(sending.requests(), sending.failedRequests());
    }

    /** Closes within 10 s. Usage that is lost by it, because there is no folder, is logged. */
    @Override
    public void close() {
        try {
            if (close(CLOSES_WITHIN) instanceof FlushResult.StillWaiting left
                    && left.where() == FlushResult.Where.MEMORY) {
                log.log(
                        Level.ERROR,
                        "metering client closed, usages lost: {0}; a spill folder keeps them",
                        left.usages());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Records nothing more, sends what there is until the deadline, and stops. Closing twice is closing once.
     *
     * @return what was not sent, and where it is
     */
    public synchronized FlushResult close(Duration deadline) throws InterruptedException {
        buffer.refuseMore();
        try {
            return buffer.flush(stopped ? Duration.ZERO : deadline);
        } finally {
            stop();
        }
    }

    private void stop() {
        if (stopped) {
            return;
        }
        stopped = true;
        sender.interrupt();
        boolean interrupted = false;
        while (sender.isAlive()) {
            try {
                sender.join();
            } catch (InterruptedException later) {
                interrupted = true; // the sender ends at once, and the folder must be let go of
            }
        }
        buffer.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
