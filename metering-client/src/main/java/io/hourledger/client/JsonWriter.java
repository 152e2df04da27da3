package io.hourledger.client;

import java.util.HexFormat;

/** Writes strings as JSON does. */
final class JsonWriter {

    private static final HexFormat HEX = HexFormat.of();

    private JsonWriter() {}

    static void string(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                json.append("\\u").append(HEX.toHexDigits(c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
