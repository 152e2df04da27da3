package io.hourledger.embedded;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Draws passwords that nobody has to type. */
final class RandomPassword {

    private static final int BYTES = 16;

    private RandomPassword() {}

    static String draw() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
