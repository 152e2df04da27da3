package io.hourledger.cli.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.ledger.seal.SealSigner;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** JSON, one object a line; the last line signs all bytes before it. {@code VerifyProof.java} reads it. */
final class ProofFile {

    private static final String FORM = "hourledger-proof-1";

    private final JsonMapper mapper = new JsonMapper();
    private final MessageDigest sha256 = sha256();
    private final OutputStream out;
    private final SealSigner signer;

    private ProofFile(OutputStream out, SealSigner signer) {
        this.out = out;
        this.signer = signer;
    }

    /**
     * @param about in words, what it is a proof of
     */
    static ProofFile begin(OutputStream out, SealSigner signer, String about) throws IOException {
        ProofFile file = new ProofFile(out, signer);
        Map<String, Object> first = new LinkedHashMap<>();
        first.put("form", FORM);
        first.put("about", about);
        first.put("publicKey", signer.publicKey());
        file.line(first);
        return file;
    }

    void add(String kind, Object value) throws IOException {
        line(Map.of(kind, value));
    }

    private void line(Map<String, Object> members) throws IOException {
        byte[] line = (mapper.writeValueAsString(members) + "\n").getBytes(UTF_8);
        sha256.update(line);
        out.write(line);
    }

    void sign() throws IOException {
        String signature = signer.sign(FORM + " " + HexFormat.of().formatHex(sha256.digest()));
        out.write(("{\"signature\":\"" + signature + "\"}\n").getBytes(UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
