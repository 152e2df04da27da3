package io.hourledger.standalone.traffic;

import io.hourledger.standalone.traffic.AccessLogLine.NotInFormat;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads who is billed for a line: one address or one host name. Anything else is refused, since a wrong buyer is worse than a line that
 * is not counted.
 */
final class ClientName {

    private static final int MAX_CHARS = 255;

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 =
            Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:]*(\\d{1,3}(\\.\\d{1,3}){3})?(%[0-9A-Za-z_.-]+)?");

    private ClientName() {}

    /**
     * @param bytes the field as ISO 8859-1, one character a byte
     * @return the name as UTF-8 has it; bytes that are no UTF-8 as the web servers escape them ({@code \xe9}), so that two names stay two
     */
    static String of(String bytes) throws NotInFormat {
        if (bytes.isEmpty() || bytes.equals("-")) {
            throw new NotInFormat("the client is missing");
        }
        for (int i = 0; i < bytes.length(); i++) {
            char c = bytes.charAt(i);
            if (c < ' ' || c == 0x7f) {
                throw new NotInFormat(String.format(
                        Locale.ROOT,
                        "there is a control character (0x%02x) in the client; was the log cut by copytruncate?",
                        (int) c));
            }
        }
        if (bytes.length() > MAX_CHARS) {
            throw new NotInFormat("the client has more than " + MAX_CHARS + " characters");
        }
        String name = decoded(bytes);
        if (isIpv6(name)) {
            return name;
        }
        if (name.startsWith("[") && name.endsWith("]") && isIpv6(name.substring(1, name.length() - 1))) {
            return name.substring(1, name.length() - 1);
        }
        if (name.indexOf(',') >= 0) {
            throw new NotInFormat(
                    "the client is a list of forwarded addresses, and which of them is billed is not said: " + name);
        }
        if (name.indexOf(':') >= 0) {
            throw new NotInFormat(
                    "the client is neither an address nor a host name, but looks like a virtual host with its port: "
                            + name + ". If each line begins with one, say --log-format vhost_combined");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean ofNames = Character.isLetterOrDigit(c) || Character.isSurrogate(c) || "-_.".indexOf(c) >= 0;
            boolean ofEscapes = c == '\\' && i + 1 < name.length() && name.charAt(i + 1) == 'x';
            if (!ofNames && !ofEscapes && Character.getType(c) != Character.NON_SPACING_MARK) {
                throw new NotInFormat("the client is neither an address nor a host name: " + name);
            }
        }
        return name;
    }

    /** Whether a word is an address, where none is expected: then the line is in another format. */
    static boolean isAddress(String word) {
        return IPV4.matcher(word).matches() || isIpv6(word);
    }

    private static boolean isIpv6(String word) {
        return word.chars().filter(c -> c == ':').count() >= 2
                && IPV6.matcher(word).matches();
    }

    private static String decoded(String bytes) {
        byte[] raw = bytes.getBytes(StandardCharsets.ISO_8859_1);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(raw))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            StringBuilder escaped = new StringBuilder();
            for (byte b : raw) {
                if (b >= 0) {
                    escaped.append((char) b);
                } else {
                    escaped.append(String.format(Locale.ROOT, "\\x%02x", b & 0xff));
                }
            }
            return escaped.toString();
        }
    }
}
