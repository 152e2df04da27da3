package io.hourledger.standalone.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority of its own, made by keytool, with one certificate for a server on the loopback address. All files are PEM. */
final class TestAuthority {

    private static final String PASSWORD = "changeit";

    private final Path folder;
    private final KeyStore store;

    private TestAuthority(Path folder, KeyStore store) {
        this.folder = folder;
        this.store = store;
    }

    static TestAuthority in(Path folder) throws Exception {
        Files.createDirectories(folder);
        Path file = folder.resolve("keys.p12");
        keytool(file, "ca", "-dname", "CN=authority in " + folder.getFileName(), "-ext", "bc:c");
        keytool(file, "server", "-dname", "CN=server", "-signer", "ca", "-ext", "san=ip:127.0.0.1,dns:localhost");
        return new TestAuthority(folder, KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray()));
    }

    private static void keytool(Path file, String alias, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString(),
                "-alias",
                alias));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
    }

    /** The certificate that a client trusts. */
    Path certificate() throws Exception {
        return Files.writeString(
                folder.resolve("ca.pem"),
                pem("CERTIFICATE", store.getCertificate("ca").getEncoded()));
    }

    /** The server's certificate, then those that signed it. */
    Path serverCertificates() throws Exception {
        return Files.writeString(folder.resolve("server.pem"), chain());
    }

    /** The server's key, for its owner alone, as PostgreSQL demands. */
    Path serverKey() throws Exception {
        return owners(folder.resolve("server.key"), key());
    }

    /** Key and certificates in one file, as Kafka reads them. */
    Path serverKeyAndCertificates() throws Exception {
        return owners(folder.resolve("server-with-key.pem"), key() + chain());
    }

    private String key() throws Exception {
        return pem("PRIVATE KEY", store.getKey("server", PASSWORD.toCharArray()).getEncoded());
    }

    private String chain() throws Exception {
        StringBuilder chain = new StringBuilder();
        for (Certificate certificate : store.getCertificateChain("server")) {
            chain.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        return chain.toString();
    }

    private static Path owners(Path file, String text) throws IOException {
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String pem(String kind, byte[] encoded) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
                + "\n-----END " + kind + "-----\n";
    }
}
