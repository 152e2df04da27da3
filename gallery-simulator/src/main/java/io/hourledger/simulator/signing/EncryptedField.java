package io.hourledger.simulator.signing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

/**
 * Fields that only the seller and the marketplace can read (koogallery.md, section 4.5): 16 characters of a random vector, and behind them
 * base64 of AES-CBC. The AES key is drawn from SHA1PRNG with the seller's key as its seed.
 */
public final class EncryptedField {

    private static final String VECTOR_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int VECTOR_LENGTH = 16;

    private EncryptedField() {}

    /** What {@code encryptType} says. */
    public enum Type {
        AES256(256),
        AES128(128);

        private final int keyBits;

        Type(int keyBits) {
            this.keyBits = keyBits;
        }

        /** Of the field's value: 2 is AES-128; 1 and nothing are AES-256. */
        public static Type of(String encryptType) {
            return encryptType.equals("2") ? AES128 : AES256;
        }
    }

    public static String write(String sellerKey, Type type, String text) {
        SecureRandom random = new SecureRandom();
        StringBuilder vector = new StringBuilder();
        while (vector.length() < VECTOR_LENGTH) {
            vector.append(VECTOR_CHARS.charAt(random.nextInt(VECTOR_CHARS.length())));
        }
        try {
            byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, sellerKey, type, vector.toString())
                    .doFinal(text.getBytes(UTF_8));
            return vector + Base64.getEncoder().encodeToString(encrypted);
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    /** Empty if it was not encrypted so. */
    public static Optional<String> read(String sellerKey, Type type, String field) {
        if (field.length() <= VECTOR_LENGTH) {
            return Optional.empty();
        }
        try {
            byte[] encrypted = Base64.getDecoder().decode(field.substring(VECTOR_LENGTH));
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, sellerKey, type, field.substring(0, VECTOR_LENGTH));
            return Optional.of(new String(cipher.doFinal(encrypted), UTF_8));
        } catch (GeneralSecurityException | IllegalArgumentException notEncrypted) {
            return Optional.empty();
        }
    }

    private static Cipher cipher(int mode, String sellerKey, Type type, String vector) throws GeneralSecurityException {
        SecureRandom seeded = SecureRandom.getInstance("SHA1PRNG");
        seeded.setSeed(sellerKey.getBytes(UTF_8));
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        generator.init(type.keyBits, seeded);
        SecretKey key = generator.generateKey();
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(mode, key, new IvParameterSpec(vector.getBytes(ISO_8859_1)));
        return cipher;
    }
}
