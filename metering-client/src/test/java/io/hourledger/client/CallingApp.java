package io.hourledger.client;

import java.net.URI;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An app that records usage without end and can be killed. It numbers its calls, and the amount of each is its number. What it called and
 * what returned stands in a file that a killed process leaves as it was.
 */
final class CallingApp {

    static final String INSTANCE = "calling-";
    private static final SummedMeter EGRESS = SummedMeter.of("web.egress", "bytes");
    private static final long BETWEEN_CALLS_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final int SENT = 0;
    private static final int NOT_SENT = 1;

    private CallingApp() {}

    /** Which calls were made, and which returned. */
    static final class Calls {

        private static final int CALLED_AT = 0;
        private static final int RETURNED_AT = 8;
        private static final int ENDS_AT = 16;

        private final MappedByteBuffer bytes;

        Calls(Path file) throws Exception {
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                bytes = channel.map(MapMode.READ_WRITE, 0, 32);
            }
        }

        long called() {
            return bytes.getLong(CALLED_AT);
        }

        long returned() {
            return bytes.getLong(RETURNED_AT);
        }

        void call(long number) {
            bytes.putLong(CALLED_AT, number);
        }

        void returned(long number) {
            bytes.putLong(RETURNED_AT, number);
        }

        void end() {
            bytes.putLong(ENDS_AT, 1);
        }

        boolean ends() {
            return bytes.getLong(ENDS_AT) != 0;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Calls calls = new Calls(Path.of(arguments[1]));
        MeteringClient client = MeteringClient.builder(
                        URI.create(arguments[2]), IngestProcess.SOURCE, () -> IngestProcess.KEY)
                .spillTo(Path.of(arguments[0]), 1 << 24)
                .batch(50, Duration.ofMillis(20))
                .build();
        for (long number = calls.called() + 1; !calls.ends(); number++) {
            calls.call(number);
            client.usage(INSTANCE + number % 7, EGRESS, number);
            calls.returned(number);
            LockSupport.parkNanos(BETWEEN_CALLS_NANOS);
        }
        FlushResult result = client.close(Duration.ofSeconds(60));
        System.out.println(result + " " + client.figures());
        System.exit(result instanceof FlushResult.AllSent ? SENT : NOT_SENT);
    }
}
