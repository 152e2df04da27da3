package io.hourledger.cli.instance;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import io.hourledger.standalone.clock.ClockFile;
import io.hourledger.standalone.stack.Service;
import io.hourledger.standalone.stack.StackManifest;
import io.hourledger.standalone.stack.StackSecrets;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import picocli.CommandLine.Option;

/** The stack of this machine that the command speaks with, by its own HTTP interfaces. */
final class RunningStack {

    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    /** Never closed: closing waits without a bound for what is under way, and the process ends anyway. */
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "${sys:metering.home:-.}/data",
            description = "the folder of the stack (default: ${DEFAULT-VALUE})")
    private Path dataDir = Path.of("data");

    Path dataDir() {
        return dataDir;
    }

    StackSecrets secrets() throws IOException {
        return StackSecrets.existing(dataDir).orElseThrow(this::noStack);
    }

    URI address(Service service) throws IOException {
        return StackManifest.address(dataDir, service).orElseThrow(this::noStack);
    }

    /** The latest version of the catalogue that the stack was started with. */
    Catalogue catalogue() throws IOException {
        Path latest = StackManifest.catalogues(dataDir).stream()
                .max(Comparator.comparingInt(file -> version(file.getFileName().toString())))
                .orElseThrow(this::noStack);
        return CatalogueFile.read(Files.readAllBytes(latest));
    }

    private static int version(String fileName) {
        return Integer.parseInt(fileName.substring(0, fileName.indexOf('.')));
    }

    /** Business time: the machine's, unless the stack runs faster. */
    Instant now() {
        return new ClockFile(dataDir.resolve("clock")).reserved().orElseGet(() -> Clock.systemUTC()
                .instant());
    }

    /**
     * @throws IOException if nothing answers, with a sentence that says what to do
     */
    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return send(
                request,
                "the stack in " + dataDir + " does not answer; start it first: ./metering up --data-dir " + dataDir);
    }

    /**
     * @throws IOException with this sentence if nobody listens
     */
    static HttpResponse<String> send(HttpRequest.Builder request, String sentence)
            throws IOException, InterruptedException {
        try {
            return HTTP.send(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
        } catch (ConnectException nobodyListens) {
            throw new IOException(sentence, nobodyListens);
        }
    }

    private IOException noStack() {
        return new IOException(
                "there is no stack in " + dataDir + " yet; start one: ./metering up --data-dir " + dataDir);
    }
}
