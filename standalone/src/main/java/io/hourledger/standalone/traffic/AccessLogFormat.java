package io.hourledger.standalone.traffic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * States how a web server writes one line of its access log, in the server's own words: an Apache {@code LogFormat} or an nginx
 * {@code log_format}, or the name of a usual one.
 *
 * <p>A format names who is billed (one client), when (one time) and how much (one size). Everything else only has to stand where the
 * format says.
 */
public final class AccessLogFormat {

    /** Formats that servers come with, by the name that they have there. The first that reads most lines is taken for a log. */
    static final Map<String, String> NAMED = named();

    private static Map<String, String> named() {
        Map<String, String> formats = new LinkedHashMap<>();
        formats.put("combined", "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"");
        formats.put("common", "%h %l %u %t \"%r\" %>s %O");
        formats.put("main", formats.get("combined") + " \"%{X-Forwarded-For}i\"");
        formats.put("vhost_combined", "%v:%p " + formats.get("combined"));
        formats.put("vhost_common", "%v:%p " + formats.get("common"));
        formats.put("vhost_combined_without_port", "%v " + formats.get("combined"));
        formats.put("vhost_common_without_port", "%v " + formats.get("common"));
        return formats;
    }

    private static final Pattern APACHE = Pattern.compile("%[<>]?(?:\\{([^}]*)})?([a-zA-Z])|%%");
    private static final Pattern NGINX = Pattern.compile("\\$\\{?([a-z_0-9]+)}?");

    /** The words for {@code %l}. */
    static final String IDENTITY = "the identity";

    /** What a field of a line is. */
    enum Kind {
        CLIENT("the client"),
        USER("the user"),
        TIME("the time"),
        STATUS("the status"),
        SIZE("the size"),
        VIRTUAL_HOST("the virtual host"),
        REQUEST("the request"),
        REFERER("the referer"),
        AGENT("the agent"),
        OTHER("a field");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /** A part of a line. */
    sealed interface Part {

        /** Stands on every line as it stands in the format. */
        record Text(String text) implements Part {}

        /** @param words what a person calls it */
        record Field(Kind kind, String words) implements Part {}
    }

    private final String name;
    private final List<Part> parts;

    private AccessLogFormat(String name, List<Part> parts) {
        this.name = name;
        this.parts = List.copyOf(parts);
    }

    /**
     * Reads a format.
     *
     * @param text one of {@link #NAMED}'s names, an Apache {@code LogFormat} or an nginx {@code log_format}
     * @throws IllegalArgumentException if it is none, with a sentence that says what is missing
     */
    public static AccessLogFormat of(String text) {
        String named = NAMED.get(text);
        if (named != null) {
            return new AccessLogFormat(text, apache(named));
        }
        boolean apache = text.indexOf('%') >= 0;
        boolean nginx = text.indexOf('$') >= 0;
        if (apache == nginx) {
            throw new IllegalArgumentException("no log format: " + text + ". Give one of " + NAMED.keySet()
                    + ", an Apache LogFormat such as '%h %l %u %t \"%r\" %>s %b', or an nginx log_format such as"
                    + " '$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent'");
        }
        AccessLogFormat format = new AccessLogFormat(text, apache ? apache(text) : nginx(text));
        format.require(Kind.CLIENT, "the client (%h, %a or $remote_addr)");
        format.require(Kind.TIME, "the time (%t or [$time_local])");
        format.require(Kind.SIZE, "the size (%b, %B, %O, $body_bytes_sent or $bytes_sent)");
        return format;
    }

    private void require(Kind kind, String words) {
        long found = parts.stream()
                .filter(part -> part instanceof Part.Field field && field.kind == kind)
                .count();
        if (found != 1) {
            throw new IllegalArgumentException("the log format names " + words + " "
                    + (found == 0 ? "nowhere" : found + " times") + ", and must name it once: " + name);
        }
    }

    private static List<Part> apache(String text) {
        List<Part> parts = new ArrayList<>();
        Matcher directive = APACHE.matcher(text);
        int at = 0;
        while (directive.find()) {
            addText(parts, text.substring(at, directive.start()));
            at = directive.end();
            if (directive.group().equals("%%")) {
                addText(parts, "%");
            } else {
                parts.add(apacheField(directive.group(2), directive.group(1), directive.group()));
            }
        }
        addText(parts, text.substring(at));
        return parts;
    }

    private static Part apacheField(String letter, @Nullable String of, String directive) {
        return switch (letter) {
            case "h", "a" -> field(Kind.CLIENT);
            case "u" -> field(Kind.USER);
            case "t" -> {
                if (of != null) {
                    throw new IllegalArgumentException("of times only %t is understood, not " + directive);
                }
                yield field(Kind.TIME);
            }
            case "s" -> field(Kind.STATUS);
            case "b", "B", "O" -> field(Kind.SIZE);
            case "v", "V" -> field(Kind.VIRTUAL_HOST);
            case "r" -> field(Kind.REQUEST);
            case "l" -> new Part.Field(Kind.OTHER, IDENTITY);
            case "i" ->
                field(
                        "Referer".equalsIgnoreCase(of)
                                ? Kind.REFERER
                                : "User-Agent".equalsIgnoreCase(of) ? Kind.AGENT : Kind.OTHER,
                        directive);
            default -> new Part.Field(Kind.OTHER, directive);
        };
    }

    private static List<Part> nginx(String text) {
        List<Part> parts = new ArrayList<>();
        Matcher variable = NGINX.matcher(text);
        int at = 0;
        while (variable.find()) {
            addText(parts, text.substring(at, variable.start()));
            at = variable.end();
            parts.add(
                    switch (variable.group(1)) {
                        case "remote_addr" -> field(Kind.CLIENT);
                        case "remote_user" -> field(Kind.USER);
                        case "time_local" -> field(Kind.TIME);
                        case "status" -> field(Kind.STATUS);
                        case "body_bytes_sent", "bytes_sent" -> field(Kind.SIZE);
                        case "host", "server_name", "http_host" -> field(Kind.VIRTUAL_HOST);
                        case "request" -> field(Kind.REQUEST);
                        case "http_referer" -> field(Kind.REFERER);
                        case "http_user_agent" -> field(Kind.AGENT);
                        default -> new Part.Field(Kind.OTHER, variable.group());
                    });
        }
        addText(parts, text.substring(at));
        return withoutBracketsAroundTheTime(parts);
    }

    /** nginx's format has the time's brackets itself; Apache's {@code %t} brings them along. */
    private static List<Part> withoutBracketsAroundTheTime(List<Part> parts) {
        List<Part> result = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            if (part instanceof Part.Text(String before)
                    && before.endsWith("[")
                    && i + 2 < parts.size()
                    && parts.get(i + 1) instanceof Part.Field time
                    && time.kind == Kind.TIME
                    && parts.get(i + 2) instanceof Part.Text(String after)
                    && after.startsWith("]")) {
                addText(result, before.substring(0, before.length() - 1));
                result.add(time);
                addText(result, after.substring(1));
                i += 2;
            } else {
                result.add(part);
            }
        }
        return result;
    }

    private static Part.Field field(Kind kind) {
        return field(kind, "");
    }

    private static Part.Field field(Kind kind, String directive) {
        return new Part.Field(kind, kind == Kind.OTHER ? directive : kind.words);
    }

    private static void addText(List<Part> parts, String text) {
        if (!text.isEmpty()) {
            parts.add(new Part.Text(text));
        }
    }

    List<Part> parts() {
        return parts;
    }

    /** Whether it is a usual one, which may have been recognised, and nobody may have looked. */
    boolean isNamed() {
        return NAMED.containsKey(name);
    }

    /** Whether nothing follows the size, so that only the line's end says that the size is whole. */
    boolean endsWithSize() {
        return parts.get(parts.size() - 1) instanceof Part.Field last && last.kind == Kind.SIZE;
    }

    /** What it is called, or the format itself. */
    @Override
    public String toString() {
        return name;
    }
}
