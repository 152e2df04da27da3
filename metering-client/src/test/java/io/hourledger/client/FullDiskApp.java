package io.hourledger.client;

import java.net.URI;
import java.nio.file.Path;

/** An app whose files may not grow as large as a spill file is. */
final class FullDiskApp {

    private static final int SPILL_BYTES = 1 << 24;

    private FullDiskApp() {}

    public static void main(String[] arguments) {
        try (MeteringClient client = MeteringClient.builder(URI.create("http://127.0.0.1:1"), "/shop", () -> "key")
                .spillTo(Path.of(arguments[0]), SPILL_BYTES)
                .failWhenFull()
                .build()) {
            client.usage("i-1", CountedMeter.of("web.request"));
            System.out.println("recorded");
        } catch (UsageNotRecordedException noDisk) {
            System.out.println(noDisk.getMessage());
        }
    }
}
