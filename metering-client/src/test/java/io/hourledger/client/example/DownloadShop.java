package io.hourledger.client.example;

import io.hourledger.client.FlushResult;
import io.hourledger.client.MeteringClient;
import io.hourledger.client.SummedMeter;
import io.hourledger.client.UsageNotRecordedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A shop whose buyers download files. Each line of its input is a download: the buyer's instance and how many bytes went out. The address of
 * metering-ingest, the folder, and the key (in the environment) are all it needs.
 */
public final class DownloadShop {

    private static final SummedMeter EGRESS = SummedMeter.of("web.egress", "bytes");

    private DownloadShop() {}

    public static void main(String[] arguments) throws Exception {
        BufferedReader downloads = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        FlushResult result =
                serve(URI.create(arguments[0]), Path.of(arguments[1]), () -> System.getenv("METERING_KEY"), downloads);
        System.out.println(result);
    }

    public static FlushResult serve(URI service, Path folder, Supplier<String> apiKey, BufferedReader downloads)
            throws IOException, InterruptedException {
        try (MeteringClient metering = MeteringClient.builder(service, "/shop", apiKey)
                .spillTo(folder, 64 << 20)
                .build()) {
            for (String line = downloads.readLine(); line != null; line = downloads.readLine()) {
                String instance = line.substring(0, line.indexOf(' '));
                long bytes = Long.parseLong(line.substring(line.indexOf(' ') + 1));
                try {
                    metering.usage(instance, EGRESS, bytes);
                } catch (UsageNotRecordedException notRecorded) {
                    System.err.println("not billed: " + line + ": " + notRecorded.getMessage());
                }
            }
            return metering.close(Duration.ofSeconds(30));
        }
    }
}
