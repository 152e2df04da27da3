package io.hourledger.standalone.traffic;

import io.hourledger.standalone.traffic.AccessLogLine.NotInFormat;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Reads who is billed for a line: one address or one host name. Anything else is refused, since a wrong buyer is worse than a line that
 * is not counted.
 */
final class ClientName {

    private static final int MAX_CHARS = 255;

    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

    /** No host name does, so that it can be told from an address (RFC 1123, section 2.1). */
    private static final Pattern ENDS_IN_NUMBER = Pattern.compile("(.*\\.)?(\\d+|0[xX][0-9a-fA-F]*)\\.?");

    /** Two or more, so that one alone stays (RFC 5952, section 4.2.2). */
    private static final Pattern ZERO_GROUPS = Pattern.compile("\\b0(:0)+\\b");

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
        if (name.indexOf(',') >= 0) {
            throw new NotInFormat(
                    "the client is a list of forwarded addresses, and which of them is billed is not said: " + name);
        }
        String literal = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        if (hasFormOfIpv6(literal)) {
            return ipv6(literal);
        }
        if (isAddressWithPort(name)) {
            throw new NotInFormat(
                    "the client is an address with a port: " + name + ". If each line has one, name the whole"
                            + " format, such as --log-format '%h:%{remote}p %l %u %t …'");
        }
        if (name.indexOf(':') >= 0) {
            throw new NotInFormat(
                    "the client is neither an address nor a host name, but looks like a virtual host with its port: "
                            + name + ". If each line begins with one, say --log-format vhost_combined");
        }
        if (ENDS_IN_NUMBER.matcher(name).matches() && !IPV4.matcher(name).matches()) {
            throw new NotInFormat("the client is neither an address nor a host name: " + name);
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
        String single = word.endsWith(",") ? word.substring(0, word.length() - 1) : word;
        return IPV4.matcher(single).matches() || hasFormOfIpv6(single) || isAddressWithPort(single);
    }

    private static boolean isAddressWithPort(String word) {
        int colon = word.lastIndexOf(':');
        if (colon <= 0 || !word.substring(colon + 1).matches("\\d{1,5}")) {
            return false;
        }
        String host = word.substring(0, colon);
        return IPV4.matcher(host).matches() || (host.startsWith("[") && host.endsWith("]"));
    }

    private static boolean hasFormOfIpv6(String word) {
        return word.chars().filter(c -> c == ':').count() >= 2
                && IPV6.matcher(word).matches();
    }

    /** One spelling for each address (RFC 5952), or one client would be several buyers; of an IPv4 address that is mapped, its own. */
    private static String ipv6(String literal) throws NotInFormat {
        int zone = literal.indexOf('%');
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(zone < 0 ? literal : literal.substring(0, zone));
        } catch (IllegalArgumentException noAddress) {
            throw new NotInFormat("the client is neither an address nor a host name: " + literal);
        }
        if (address instanceof Inet4Address) {
            return address.getHostAddress();
        }
        return compressed(address.getAddress()) + (zone < 0 ? "" : literal.substring(zone));
    }

    /** The first of the longest runs of two or more zero groups is written as {@code ::}. */
    private static String compressed(byte[] address) {
        StringBuilder groups = new StringBuilder();
        for (int i = 0; i < address.length; i += 2) {
            groups.append(i == 0 ? "" : ":")
                    .append(Integer.toHexString(((address[i] & 0xff) << 8) | (address[i + 1] & 0xff)));
        }
        Optional<MatchResult> longest = ZERO_GROUPS
                .matcher(groups)
                .results()
                .reduce((one, next) -> next.group().length() > one.group().length() ? next : one);
        if (longest.isEmpty()) {
            return groups.toString();
        }
        String before = groups.substring(0, Math.max(0, longest.get().start() - 1));
        String after = groups.substring(Math.min(groups.length(), longest.get().end() + 1));
        return before + "::" + after;
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
