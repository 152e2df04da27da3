package io.hourledger.pusher.appinfo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Where the buyer of an instance uses the app, and as whom (koogallery.md, section 4.4). The marketplace shows it to the buyer.
 *
 * @param frontEndUrl where the buyer uses the app
 * @param adminUrl where the buyer administers it; null if nowhere else
 * @param login the first account; null if the buyer needs none
 * @param memo anything else for the buyer; null for nothing
 */
public record AppInfo(String frontEndUrl, @Nullable String adminUrl, @Nullable Login login, @Nullable String memo) {

    private static final int URL_CHARS = 512;
    private static final int MEMO_CHARS = 1024;
    private static final int ESCAPED_CHARS = 6;

    /**
     * @throws IllegalArgumentException if the marketplace would not take it; the message is a sentence that names the field
     */
    public AppInfo {
        address("frontEndUrl", frontEndUrl);
        if (adminUrl != null) {
            address("adminUrl", adminUrl);
        }
        if (memo != null) {
            text("memo", memo);
            int escaped =
                    memo.chars().map(one -> one < 0x80 ? 1 : ESCAPED_CHARS).sum();
            require(
                    escaped <= MEMO_CHARS,
                    "memo has more than " + MEMO_CHARS + " characters, where one outside of ASCII counts as "
                            + ESCAPED_CHARS);
        }
    }

    /**
     * An account of the app. It is never printed.
     *
     * @param password the first one; null if the buyer has it already
     */
    public record Login(String userName, @Nullable String password) {

        /** So long that 16 characters of IV and the Base64 of the padded cipher text stay within the marketplace's 128 characters. */
        private static final int MAX_BYTES = 79;

        public Login {
            shortText("userName", userName);
            if (password != null) {
                shortText("password", password);
            }
        }

        private static void shortText(String name, String value) {
            text(name, value);
            require(
                    value.getBytes(UTF_8).length <= MAX_BYTES,
                    name + " has more than " + MAX_BYTES
                            + " bytes of UTF-8: encrypted it would be longer than the marketplace takes");
        }

        @Override
        public String toString() {
            return "Login[hidden]";
        }
    }

    private static void address(String name, String value) {
        require(value.length() <= URL_CHARS, name + " has more than " + URL_CHARS + " characters");
        try {
            URI address = new URI(value);
            require(
                    ("https".equals(address.getScheme()) || "http".equals(address.getScheme()))
                            && address.getHost() != null
                            && address.getUserInfo() == null
                            && value.chars().allMatch(one -> one > ' ' && one < 0x7F),
                    name + " must be an address such as https://app.example.com/login, in ASCII, without a user");
        } catch (URISyntaxException notOne) {
            throw new IllegalArgumentException(name + " is no address", notOne);
        }
    }

    private static void text(String name, String value) {
        require(!value.isBlank(), name + " is empty: leave it out");
        require(
                value.codePoints().noneMatch(AppInfo::unprintable),
                name + " has control characters or half a character");
    }

    private static boolean unprintable(int codePoint) {
        return Character.isISOControl(codePoint)
                || Character.getType(codePoint) == Character.SURROGATE
                || Character.getType(codePoint) == Character.UNASSIGNED;
    }

    private static void require(boolean met, String sentence) {
        if (!met) {
            throw new IllegalArgumentException(sentence);
        }
    }
}
