package io.hourledger.pusher.appinfo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Encrypts accounts for the database, so that a copy of it tells nobody's password. AES-GCM, each text bound to its instance and field. */
public final class LoginCipher {

    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param key 32 bytes that are not in the database
     */
    public LoginCipher(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    byte[] encrypt(String instanceId, String field, String text) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] encrypted =
                    cipher(Cipher.ENCRYPT_MODE, nonce, instanceId, field).doFinal(text.getBytes(UTF_8));
            byte[] both = Arrays.copyOf(nonce, NONCE_BYTES + encrypted.length);
            System.arraycopy(encrypted, 0, both, NONCE_BYTES, encrypted.length);
            return both;
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    /** Empty if it was encrypted under another key, or for another instance or field. */
    Optional<String> decrypt(String instanceId, String field, byte[] encrypted) {
        if (encrypted.length < NONCE_BYTES) {
            return Optional.empty();
        }
        try {
            byte[] text = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(encrypted, NONCE_BYTES), instanceId, field)
                    .doFinal(encrypted, NONCE_BYTES, encrypted.length - NONCE_BYTES);
            return Optional.of(new String(text, UTF_8));
        } catch (GeneralSecurityException anotherKey) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String instanceId, String field) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD((field + "\n" + instanceId).getBytes(UTF_8));
        return cipher;
    }

    @Override
    public String toString() {
        return "LoginCipher[hidden]";
    }
}
