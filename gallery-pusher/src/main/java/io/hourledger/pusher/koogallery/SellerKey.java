package io.hourledger.pusher.koogallery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The seller's interconnection key: it signs what is pushed, verifies who calls back, and signs what is answered (koogallery.md, sections
 * 1.2, 4.2, 4.3). It is never printed.
 */
public final class SellerKey {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int FIELD_KEY_BITS = 256;
    private static final int IV_CHARS = 16;
    private static final String IV_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private final String text;
    private final SecretKeySpec key;
    private final SecretKey fieldKey;
    private final SecureRandom random = new SecureRandom();

    public SellerKey(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("the seller's interconnection key is empty");
        }
        this.text = text;
        this.key = new SecretKeySpec(text.getBytes(UTF_8), ALGORITHM);
        this.fieldKey = fieldKey(text);
    }

    /** {@code base64(hmac("ts={ts}&nonce={nonce}&body={body}"))}, over exactly the bytes that are sent. */
    public String pushSignature(String ts, String nonce, byte[] body) {
        Mac mac = mac();
        mac.update(("ts=" + ts + "&nonce=" + nonce + "&body=").getBytes(UTF_8));
        mac.update(body);
        return Base64.getEncoder().encodeToString(mac.doFinal());
    }

    /** The value of the header {@code Body-Sign} for an answer of these bytes; both values stand in double quotes. */
    public String bodySign(byte[] answer) {
        return "sign_type=\"HMAC-SHA256\", signature=\"" + Base64.getEncoder().encodeToString(mac().doFinal(answer))
                + "\"";
    }

    /**
     * A sensitive field of an answer: 16 characters of IV, then {@code base64(AES256-CBC)} (koogallery.md, section 4.5). The marketplace's
     * sample draws the AES key from a generator that has the interconnection key as its seed.
     */
    public String encryptedField(String value) {
        StringBuilder iv = new StringBuilder(IV_CHARS);
        for (int i = 0; i < IV_CHARS; i++) {
            iv.append(IV_ALPHABET.charAt(random.nextInt(IV_ALPHABET.length())));
        }
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    fieldKey,
                    new IvParameterSpec(iv.toString().getBytes(UTF_8)));
            return iv + Base64.getEncoder().encodeToString(cipher.doFinal(value.getBytes(UTF_8)));
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    /** Another key of 32 bytes that follows from this one, for a purpose of our own. */
    public byte[] derived(String purpose) {
        return mac().doFinal(("hourledger " + purpose).getBytes(UTF_8));
    }

    /** Whether a V2.0 call over these raw bytes was signed with this key. Takes equally long for every wrong signature. */
    public boolean signedCall(byte[] rawBody, String nonce, String timestamp, String signature) {
        String inner = HexFormat.of().formatHex(mac().doFinal(rawBody));
        byte[] expected = mac().doFinal((text + nonce + timestamp + inner).getBytes(UTF_8));
        return MessageDigest.isEqual(
                HexFormat.of().formatHex(expected).getBytes(UTF_8),
                signature.toLowerCase(Locale.ROOT).getBytes(UTF_8));
    }

    /**
     * Whether a V1.0 call was signed with this key. Takes equally long for every wrong token.
     *
     * @param parameters all but the token, {@code name=value} by name with {@code &} between, decoded
     */
    public boolean signedQuery(String parameters, String timeStamp, String authToken) {
        Mac mac = mac(new SecretKeySpec((text + timeStamp).getBytes(UTF_8), ALGORITHM));
        byte[] expected = mac.doFinal(parameters.getBytes(UTF_8));
        return MessageDigest.isEqual(Base64.getEncoder().encode(expected), authToken.getBytes(UTF_8));
    }

    private Mac mac() {
        return mac(key);
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    private static SecretKey fieldKey(String text) {
        try {
            SecureRandom seeded = SecureRandom.getInstance("SHA1PRNG");
            seeded.setSeed(text.getBytes(UTF_8));
            KeyGenerator generator = KeyGenerator.getInstance("AES");
            generator.init(FIELD_KEY_BITS, seeded);
            return generator.generateKey();
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    @Override
    public String toString() {
        return "SellerKey[hidden]";
    }
}
