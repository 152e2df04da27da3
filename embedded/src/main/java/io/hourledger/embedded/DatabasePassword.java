package io.hourledger.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The password of an embedded server's owner: drawn before the server's files are made, then kept among them, so that a backup has it, too.
 * Whoever may read the folder may connect, and nobody else.
 */
final class DatabasePassword {

    private static final String FILE = "owner.password";

    /** PostgreSQL's own mark of a folder that initdb has made. */
    private static final String MADE = "PG_VERSION";

    private DatabasePassword() {}

    /** Where the password is while initdb makes the files, which needs an empty folder. */
    static Path besides(Path folder) {
        return folder.toAbsolutePath().resolveSibling(folder.getFileName() + "." + FILE);
    }

    /**
     * The password of the server in this folder; drawn if there is no server yet.
     *
     * @throws IOException if it cannot be read or kept, with a sentence for a person
     */
    static String of(Path folder) throws IOException {
        Path stored = folder.resolve(FILE);
        if (Files.exists(stored)) {
            return Files.readString(stored).strip();
        }
        Path besides = besides(folder);
        if (!Files.exists(besides)) {
            if (Files.exists(folder.resolve(MADE))) {
                throw new IOException("the PostgreSQL in " + folder + " has no " + FILE
                        + ": another program or an earlier build has made it. Give another folder");
            }
            OwnersFile.write(besides, RandomPassword.draw() + "\n");
        }
        return Files.readString(besides).strip();
    }

    /** Once the server's files are there. */
    static void keep(Path folder) throws IOException {
        Path besides = besides(folder);
        if (Files.exists(folder.resolve(FILE))) {
            // of a server whose making broke off, before this one was put in its place
            Files.deleteIfExists(besides);
        } else if (Files.exists(besides)) {
            Files.move(besides, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
