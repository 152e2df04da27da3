package io.hourledger.cli.catalogue;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What became of reading a catalogue from a file. */
sealed interface CatalogueReading {

    record Valid(Catalogue catalogue) implements CatalogueReading {}

    /** The file is there, and no service would start with it. */
    record Invalid(String sentence) implements CatalogueReading {}

    /**
     * @throws UncheckedIOException if the file cannot be read
     */
    static CatalogueReading of(Path file) {
        try {
            return new Valid(CatalogueFile.read(Files.readAllBytes(file)));
        } catch (IllegalArgumentException invalid) {
            return new Invalid(String.valueOf(invalid.getMessage()));
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the catalogue " + file + " cannot be read", unreadable);
        }
    }
}
