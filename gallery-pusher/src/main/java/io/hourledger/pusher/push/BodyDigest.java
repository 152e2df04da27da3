package io.hourledger.pusher.push;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of a call's body: what an attempt keeps to prove later what was sent. */
final class BodyDigest {

    private BodyDigest() {}

    static byte[] of(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(body);
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
