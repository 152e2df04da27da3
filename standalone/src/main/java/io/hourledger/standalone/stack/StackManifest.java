package io.hourledger.standalone.stack;

import io.hourledger.contracts.usage.CatalogueFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.io.Resource;

/**
 * What a stack writes down when it starts, so that whoever asks its ledger later asks under the same settings: where its broker listens, how
 * usage is counted, how the ledger decides, and every version of the catalogue it was ever started with.
 */
public final class StackManifest {

    private static final String SETTINGS = "settings.properties";
    private static final String CATALOGUES = "catalogues";
    /** Not a setting of any service: where each listens. */
    private static final String ADDRESS = "local-stack.address.";

    private static final List<String> NOTED = List.of(
            "hourledger.kafka.",
            "hourledger.aggregator.",
            "hourledger.ledger.",
            "hourledger.seals.",
            "hourledger.catalogue",
            ADDRESS);

    private StackManifest() {}

    /** Only its owner may read it: a key may be among the settings. */
    static void write(Path folder, Map<String, Object> settings) {
        Properties noted = new Properties();
        settings.forEach((name, value) -> {
            if (NOTED.stream().anyMatch(name::startsWith)) {
                noted.setProperty(name, value.toString());
            }
        });
        try {
            Path beside = folder.resolve(SETTINGS + ".next");
            Files.deleteIfExists(beside);
            Files.createFile(
                    beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (var out = Files.newBufferedWriter(beside, StandardCharsets.UTF_8)) {
                noted.store(
                        out,
                        "What this stack was started with last. Read by ./metering ledger; changing it changes nothing else.");
            }
            Files.move(beside, folder.resolve(SETTINGS), StandardCopyOption.REPLACE_EXISTING);
            keepCatalogue(folder, noted.getProperty("hourledger.catalogue"));
        } catch (IOException unwritable) {
            throw new UncheckedIOException("the settings cannot be noted in " + folder, unwritable);
        }
    }

    private static void keepCatalogue(Path folder, String location) throws IOException {
        if (location == null) {
            return;
        }
        Resource catalogue = new DefaultResourceLoader().getResource(location);
        if (catalogue.exists()) {
            byte[] bytes = catalogue.getContentAsByteArray();
            Path stored = Files.createDirectories(folder.resolve(CATALOGUES))
                    .resolve(CatalogueFile.read(bytes).version() + ".json");
            Files.write(stored, bytes);
        }
    }

    /** By the names of the configuration table; empty if the stack was never started. */
    public static Map<String, Object> settings(Path folder) {
        Path file = folder.resolve(SETTINGS);
        Map<String, Object> settings = new TreeMap<>();
        if (Files.exists(file)) {
            Properties noted = new Properties();
            try (var in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                noted.load(in);
            } catch (IOException unreadable) {
                throw new UncheckedIOException("the stack's settings cannot be read: " + file, unreadable);
            }
            noted.stringPropertyNames().forEach(name -> settings.put(name, noted.getProperty(name)));
        }
        return settings;
    }

    /** Where a service of the stack listened when it was started last; empty if it never was. */
    public static Optional<URI> address(Path folder, Service service) {
        return Optional.ofNullable(settings(folder).get(addressOf(service)))
                .map(address -> URI.create(address.toString()));
    }

    static String addressOf(Service service) {
        return ADDRESS + service.name().toLowerCase(Locale.ROOT);
    }

    /** Every version of the catalogue that the stack was started with. */
    public static List<Path> catalogues(Path folder) {
        Path stored = folder.resolve(CATALOGUES);
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(stored)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(stored, "*.json")) {
                found.forEach(files::add);
            } catch (IOException unreadable) {
                throw new UncheckedIOException("the stack's catalogues cannot be read: " + stored, unreadable);
            }
        }
        return files;
    }
}
