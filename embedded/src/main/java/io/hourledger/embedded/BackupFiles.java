package io.hourledger.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.embedded.DatabaseBackup.Facts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** The form of a backup on disk: the names in its folder, its facts and the sums of its files. */
final class BackupFiles {

    static final String DATA = "data";
    static final String SUMS = "SHA256SUMS";
    static final String FACTS = "backup.properties";
    static final String PARTIAL = ".partial";
    private static final int FORM = 1;

    private BackupFiles() {}

    static String lines(Facts facts, String sumOfSums) {
        return String.join(
                        "\n",
                        "form=" + FORM,
                        "made-at=" + facts.madeAt(),
                        "system-identifier=" + facts.systemIdentifier(),
                        "server-version=" + facts.serverVersion(),
                        "start=" + facts.startPosition(),
                        "end=" + facts.endPosition(),
                        "files=" + facts.files(),
                        "bytes=" + facts.bytes(),
                        "sha256-of-sums=" + sumOfSums)
                + "\n";
    }

    static Facts facts(Path backup) throws IOException {
        Path file = backup.resolve(FACTS);
        if (!Files.isRegularFile(file)) {
            throw new IOException(backup + " is no whole backup: " + FACTS + " is missing, which is written last"
                    + (backup.toString().endsWith(PARTIAL) ? "; its making was broken off" : ""));
        }
        Properties stored = new Properties();
        stored.load(new StringReader(Files.readString(file)));
        try {
            if (!stored.getProperty("form", "").equals(Integer.toString(FORM))) {
                throw new IOException("the backup in " + backup + " has another form than this version knows");
            }
            if (!sumOf(backup.resolve(SUMS)).equals(stored.getProperty("sha256-of-sums"))) {
                throw new IOException("the backup in " + backup + " is not what was kept: " + SUMS + " has changed");
            }
            return new Facts(
                    Instant.parse(stored.getProperty("made-at")),
                    stored.getProperty("system-identifier"),
                    Integer.parseInt(stored.getProperty("server-version")),
                    stored.getProperty("start"),
                    stored.getProperty("end"),
                    Long.parseLong(stored.getProperty("files")),
                    Long.parseLong(stored.getProperty("bytes")));
        } catch (RuntimeException unreadable) {
            throw new IOException(file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    static Map<String, String> sums(Path backup, Facts facts) throws IOException {
        Map<String, String> sums = new TreeMap<>();
        for (String line : Files.readAllLines(backup.resolve(SUMS), UTF_8)) {
            sums.put(line.substring(line.indexOf("  ") + 2), line.substring(0, line.indexOf("  ")));
        }
        if (sums.size() != facts.files()) {
            throw new IOException(
                    "the backup in " + backup + " has " + sums.size() + " files and had " + facts.files());
        }
        return sums;
    }

    static void makeLasting(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    static String name(Path root, Path path) {
        return root.relativize(path).toString().replace('\\', '/');
    }

    static String sumOf(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream reading = new DigestInputStream(Files.newInputStream(file), digest)) {
            reading.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
