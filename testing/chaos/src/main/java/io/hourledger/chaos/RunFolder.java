package io.hourledger.chaos;

import java.nio.file.Path;

/** Where a run keeps what. */
final class RunFolder {

    private RunFolder() {}

    static Path database(Path run) {
        return run.resolve("postgres");
    }

    static Path broker(Path run) {
        return run.resolve("kafka");
    }

    static Path logs(Path run) {
        return run.resolve("logs");
    }

    static Path processIds(Path run) {
        return run.resolve("processes");
    }

    static Path catalogue(Path run) {
        return run.resolve("catalogue.json");
    }
}
