package io.hourledger.client;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON text (RFC 8259) into maps, lists, strings, decimals and booleans. An answer of the service is all it is for; so the
 * client brings no JSON library that could meet another version of itself in an app.
 */
final class JsonReader {

    private static final int MAX_DEPTH = 32;

    private final String text;
    private int at;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    /** The object that the text writes; empty if it writes none. */
    static Optional<Map<String, @Nullable Object>> object(String text) {
        try {
            JsonReader reader = new JsonReader(text);
            reader.skipSpace();
            if (reader.peek() != '{') {
                return Optional.empty();
            }
            Map<String, @Nullable Object> object = reader.readObject();
            reader.skipSpace();
            return reader.at == text.length() ? Optional.of(object) : Optional.empty();
        } catch (NotJson notJson) {
            return Optional.empty();
        }
    }

    private @Nullable Object value() throws NotJson {
        skipSpace();
        return switch (peek()) {
            case '{' -> readObject();
            case '[' -> readArray();
            case '"' -> readString();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            case 'n' -> literal("null", null);
            default -> readNumber();
        };
    }

    private Map<String, @Nullable Object> readObject() throws NotJson {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        open('{');
        while (more('}', members.isEmpty())) {
            skipSpace();
            String name = readString();
            skipSpace();
            expect(':');
            members.put(name, value());
        }
        return members;
    }

    private List<@Nullable Object> readArray() throws NotJson {
        List<@Nullable Object> items = new ArrayList<>();
        open('[');
        while (more(']', items.isEmpty())) {
            items.add(value());
        }
        return items;
    }

    private void open(char bracket) throws NotJson {
        expect(bracket);
        if (++depth > MAX_DEPTH) {
            throw new NotJson();
        }
    }

    /** Whether another member or item follows; steps over the comma before it or the bracket behind the last. */
    private boolean more(char bracket, boolean first) throws NotJson {
        skipSpace();
        if (peek() == bracket) {
            at++;
            depth--;
            return false;
        }
        if (!first) {
            expect(',');
        }
        return true;
    }

    private String readString() throws NotJson {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (peek() != '"') {
            char c = next();
            if (c < ' ') {
                throw new NotJson();
            }
            string.append(c == '\\' ? escaped() : c);
        }
        at++;
        return string.toString();
    }

    private char escaped() throws NotJson {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) (hexDigit() << 12 | hexDigit() << 8 | hexDigit() << 4 | hexDigit());
            default -> throw new NotJson();
        };
    }

    private int hexDigit() throws NotJson {
        char c = next();
        int digit = c < 128 ? Character.digit(c, 16) : -1;
        if (digit < 0) {
            throw new NotJson();
        }
        return digit;
    }

    private BigDecimal readNumber() throws NotJson {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(start, at);
        if (!number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")) {
            throw new NotJson();
        }
        return new BigDecimal(number);
    }

    private @Nullable Object literal(String word, @Nullable Object meaning) throws NotJson {
        if (!text.startsWith(word, at)) {
            throw new NotJson();
        }
        at += word.length();
        return meaning;
    }

    private void skipSpace() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private void expect(char c) throws NotJson {
        if (next() != c) {
            throw new NotJson();
        }
    }

    private char next() throws NotJson {
        char c = peek();
        at++;
        return c;
    }

    private char peek() throws NotJson {
        if (at >= text.length()) {
            throw new NotJson();
        }
        return text.charAt(at);
    }

    private static final class NotJson extends Exception {
        private static final long serialVersionUID = 1;
    }
}
