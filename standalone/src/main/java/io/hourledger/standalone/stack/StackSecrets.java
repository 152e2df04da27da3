package io.hourledger.standalone.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The secrets of one stack: drawn once, kept beside its data where only its owner reads them, handed to the services as settings.
 *
 * @param operatorToken opens the operator endpoints, and the console
 * @param apiKey lets an app send usage events, and see its instances
 * @param sellerKey signs what the seller and the marketplace tell each other
 * @param accessKey AK of the query-order call
 * @param secretKey SK of the query-order call
 * @param digestKey of the digests over the ledger's events
 * @param signingKey of the seals and proofs, 32 bytes
 * @param idKey under which the aggregator identifies events; must never change while there is data
 */
public record StackSecrets(
        String operatorToken,
        String apiKey,
        String sellerKey,
        String accessKey,
        String secretKey,
        String digestKey,
        String signingKey,
        String idKey) {

    private static final String FILE = "keys.properties";
    private static final String SIGNING_KEY = "signing-key";
    private static final int KEY_BYTES = 16;

    /** The keys of the stack in this folder; drawn when it has none. */
    public static StackSecrets of(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return Files.exists(file) ? read(file) : draw(file);
        } catch (IOException unusable) {
            throw new UncheckedIOException("the keys cannot be read or kept: " + file, unusable);
        }
    }

    /** The keys of the stack in this folder, if it has any. */
    public static Optional<StackSecrets> existing(Path folder) {
        return Files.exists(folder.resolve(FILE)) ? Optional.of(of(folder)) : Optional.empty();
    }

    private static StackSecrets draw(Path file) throws IOException {
        SecureRandom random = new SecureRandom();
        StackSecrets keys = new StackSecrets(
                key(random),
                key(random),
                key(random),
                key(random),
                key(random),
                key(random),
                key(random) + key(random),
                key(random));
        Properties properties = new Properties();
        properties.setProperty("operator-token", keys.operatorToken);
        properties.setProperty("api-key", keys.apiKey);
        properties.setProperty("seller-key", keys.sellerKey);
        properties.setProperty("access-key", keys.accessKey);
        properties.setProperty("secret-key", keys.secretKey);
        properties.setProperty("digest-key", keys.digestKey);
        properties.setProperty(SIGNING_KEY, keys.signingKey);
        properties.setProperty("id-key", keys.idKey);
        write(properties, file); // fails if another process drew some meanwhile
        return keys;
    }

    private static void write(Properties properties, Path file, CopyOption... options) throws IOException {
        Path beside = file.resolveSibling(FILE + ".next");
        Files.deleteIfExists(beside);
        Files.createFile(beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var out = Files.newBufferedWriter(beside, StandardCharsets.UTF_8)) {
            properties.store(out, "The keys of this stack. Drawn once; the services get them as settings.");
        }
        Files.move(beside, file, options);
    }

    private static StackSecrets read(Path file) throws IOException {
        Properties properties = new Properties();
        try (var in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(in);
        }
        if (!properties.containsKey(SIGNING_KEY)) {
            SecureRandom random = new SecureRandom(); // a folder from before seals were signed
            properties.setProperty(SIGNING_KEY, key(random) + key(random));
            write(properties, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return new StackSecrets(
                known(properties, "operator-token", file),
                known(properties, "api-key", file),
                known(properties, "seller-key", file),
                known(properties, "access-key", file),
                known(properties, "secret-key", file),
                known(properties, "digest-key", file),
                known(properties, SIGNING_KEY, file),
                known(properties, "id-key", file));
    }

    private static String known(Properties properties, String name, Path file) throws IOException {
        String value = properties.getProperty(name);
        if (value == null || value.isBlank()) {
            throw new IOException(file + " does not name " + name);
        }
        return value;
    }

    private static String key(SecureRandom random) {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** As the services are told. */
    public Map<String, Object> settings() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("hourledger.operator-token", operatorToken);
        settings.put("hourledger.ingest.api-keys[0].name", "local-stack");
        settings.put("hourledger.ingest.api-keys[0].sha256", sha256(apiKey));
        settings.put("hourledger.ingest.api-keys[0].source-prefixes[0]", "");
        settings.put("hourledger.instances.api-keys[0].name", "local-stack");
        settings.put("hourledger.instances.api-keys[0].sha256", sha256(apiKey));
        settings.put("hourledger.instances.api-keys[0].products[0]", "*");
        settings.put("hourledger.instances.token-secret", sha256("usage tokens: " + operatorToken));
        settings.put("hourledger.console.tokens[0].name", "operator");
        settings.put("hourledger.console.tokens[0].role", "operator");
        settings.put("hourledger.console.tokens[0].sha256", sha256(operatorToken));
        settings.put("hourledger.simulator.seller-key", sellerKey);
        settings.put("hourledger.simulator.access-key", accessKey);
        settings.put("hourledger.simulator.secret-key", secretKey);
        settings.put("hourledger.pusher.seller-key", sellerKey);
        settings.put("hourledger.pusher.access-key", accessKey);
        settings.put("hourledger.pusher.secret-key", secretKey);
        settings.put("hourledger.ledger.digest-key", digestKey);
        settings.put("hourledger.seals.signing-key", signingKey);
        settings.put("hourledger.aggregator.id-key", idKey);
        return settings;
    }

    private static String sha256(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
