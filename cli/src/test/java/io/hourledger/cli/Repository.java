package io.hourledger.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the repository is, for tests that read its files. */
public final class Repository {

    private Repository() {}

    public static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("metering"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
