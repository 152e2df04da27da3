package io.hourledger.standalone.traffic;

import io.hourledger.standalone.traffic.AccessLogFormat.Kind;
import io.hourledger.standalone.traffic.AccessLogFormat.Part;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one line of an access log says of its request.
 *
 * <p>A line counts if its billed fields are whole, even if its rest was cut off. A line that departs from its format in any other way is
 * refused, since its fields may be others than they seem.
 *
 * @param client who asked, and is billed
 * @param time when, to the second
 * @param bytes the size of the answer; {@code -} is zero
 */
record AccessLogLine(String client, Instant time, long bytes) {

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("dd/MMM/uuuu:HH:mm:ss xx")
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private static final Instant END_OF_TIME = Instant.parse("+10000-01-01T00:00:00Z");

    /** A line that is not in the format; the message says where it departs from it. */
    static final class NotInFormat extends Exception {
        private static final long serialVersionUID = 1L;

        NotInFormat(String why) {
            super(why, null, false, false);
        }
    }

    static AccessLogLine read(String line, AccessLogFormat format) throws NotInFormat {
        if (line.isBlank()) {
            throw new NotInFormat("the line is empty");
        }
        return new Scanner(line, format).line();
    }

    /** Walks over one line, from left to right. */
    private static final class Scanner {

        private final String line;
        private final List<Part> parts;
        private final boolean formatIsNamed;
        private int at;
        private @Nullable String client;
        private @Nullable Instant time;
        private long bytes;
        private boolean sizeIsRead;
        private boolean identityIsKnown;

        Scanner(String line, AccessLogFormat format) {
            this.line = line;
            this.parts = format.parts();
            this.formatIsNamed = format.isNamed();
        }

        AccessLogLine line() throws NotInFormat {
            for (int i = 0; i < parts.size(); i++) {
                if (at == line.length() && allBilledAreWhole()) {
                    break;
                }
                switch (parts.get(i)) {
                    case Part.Text(String text) -> text(text, i);
                    case Part.Field field -> field(field, i);
                }
            }
            if (at != line.length()) {
                throw new NotInFormat("there is more behind " + before(parts.size()));
            }
            if (client == null || time == null) {
                throw new NotInFormat("the line ends before its client and time");
            }
            return new AccessLogLine(client, time, bytes);
        }

        /** The size has been read, and what ends it: a size at a cut line's end may lack digits. */
        private boolean allBilledAreWhole() {
            return client != null && time != null && sizeIsRead;
        }

        private void text(String text, int part) throws NotInFormat {
            if (line.startsWith(text, at)) {
                at += text.length();
                return;
            }
            boolean cutHere = text.startsWith(line.substring(at)) && at < line.length();
            if (cutHere && allBilledAreWhole()) {
                at = line.length();
                return;
            }
            if (text.strip().equals("\"")) {
                throw new NotInFormat(
                        at >= line.length() || line.charAt(at) != ' '
                                ? "the line ends behind " + before(part) + ", or a space is missing there"
                                : after(part) + " in \"quotes\" is missing");
            }
            throw new NotInFormat("the line ends behind " + before(part) + ", or a space is missing there");
        }

        private void field(Part.Field field, int part) throws NotInFormat {
            switch (field.kind()) {
                case CLIENT -> client = ClientName.of(clientWord(part));
                case TIME -> time = time();
                case STATUS -> status(word(field, part));
                case SIZE -> size(word(field, part), part);
                case USER -> user(part);
                case VIRTUAL_HOST -> virtualHost(field, part);
                case REQUEST, REFERER, AGENT, OTHER -> other(field, part);
            }
        }

        private void other(Part.Field field, int part) throws NotInFormat {
            if (isQuoted(part)) {
                quoted(field);
            } else {
                String word = word(field, part);
                // a list of forwarded addresses has spaces behind its commas
                while (word.endsWith(",") && line.startsWith(" ", at)) {
                    at++;
                    word = word(field, part);
                }
                if (field.words().equals(AccessLogFormat.IDENTITY)) {
                    identityIsKnown = !word.equals("-");
                    if (ClientName.isAddress(word)) {
                        throw new NotInFormat(
                                "the second word is an address, so the first is no client but a virtual host;"
                                        + " if each line begins with one, say --log-format vhost_combined");
                    }
                }
            }
        }

        private boolean isQuoted(int part) {
            return part > 0 && parts.get(part - 1) instanceof Part.Text(String before) && before.endsWith("\"");
        }

        /** Up to the text that follows in the format, or to the end of the line. */
        private String word(Part.Field field, int part) throws NotInFormat {
            int end = part + 1 < parts.size() && parts.get(part + 1) instanceof Part.Text(String next)
                    ? line.indexOf(next.substring(0, 1), at)
                    : line.length();
            if (end < 0) {
                if (at >= line.length()) {
                    throw new NotInFormat(field.words() + " is missing");
                }
                throw new NotInFormat("the line ends in or behind " + field.words() + ", which may have been cut");
            }
            if (end == at) {
                throw new NotInFormat(field.words() + " is missing");
            }
            String word = line.substring(at, end);
            at = end;
            return word;
        }

        private String clientWord(int part) throws NotInFormat {
            if (!isQuoted(part)) {
                return word(new Part.Field(Kind.CLIENT, "the client's address"), part);
            }
            int end = line.indexOf('"', at);
            if (end < 0) {
                throw new NotInFormat("the closing quote of the client is missing");
            }
            String word = line.substring(at, end);
            at = end;
            return word;
        }

        /** A virtual host may hold colons (IPv6) and is followed by one where the format has its port. */
        private void virtualHost(Part.Field field, int part) throws NotInFormat {
            int space = line.indexOf(' ', at);
            boolean withPort = part + 1 < parts.size()
                    && parts.get(part + 1) instanceof Part.Text(String next)
                    && next.equals(":");
            int end = withPort ? line.lastIndexOf(':', space) : space;
            if (space < 0 || end <= at) {
                throw new NotInFormat(field.words() + (withPort ? " with its port" : "") + " is missing");
            }
            String host = line.substring(at, end);
            if (host.indexOf(',') >= 0 || (!withPort && formatIsNamed && ClientName.isAddress(host))) {
                throw new NotInFormat(
                        "two addresses stand before the time, and which of them is billed is not said; name"
                                + " the whole format, such as --log-format '%{X-Forwarded-For}i %h %l %u %t …'");
            }
            at = end;
        }

        /** A user's name may hold spaces: it ends where the time begins. */
        private void user(int part) throws NotInFormat {
            boolean beforeTime = part + 2 < parts.size()
                    && parts.get(part + 2) instanceof Part.Field next
                    && next.kind() == Kind.TIME;
            if (!beforeTime) {
                word(new Part.Field(Kind.USER, "the user"), part);
                return;
            }
            int bracket = line.indexOf('[', at);
            if (bracket < 0) {
                throw new NotInFormat("there is no time in [brackets]");
            }
            if (bracket < at + 2 || line.charAt(bracket - 1) != ' ') {
                throw new NotInFormat("the user is missing before the time");
            }
            requireOneName(line.substring(at, bracket - 1));
            at = bracket - 1;
        }

        /** Fields that stand before the client, such as a virtual host or what a log collector adds, move it to where a user stands. */
        private void requireOneName(String user) throws NotInFormat {
            String[] words = user.split(" ", -1);
            boolean hasField =
                    words.length > 1 && (identityIsKnown || Arrays.asList(words).contains("-"));
            if (hasField || Arrays.stream(words).anyMatch(ClientName::isAddress)) {
                throw new NotInFormat("there is a field too many before the time, so the first may be no client but a"
                        + " virtual host, or what a log collector adds; if each line begins with a virtual host, say"
                        + " --log-format vhost_combined");
            }
        }

        private Instant time() throws NotInFormat {
            if (at >= line.length() || line.charAt(at) != '[') {
                throw new NotInFormat("there is no time in [brackets]");
            }
            int end = line.indexOf(']', at);
            if (end < 0) {
                throw new NotInFormat("the time's closing bracket is missing");
            }
            String text = line.substring(at + 1, end);
            at = end + 1;
            Instant moment;
            try {
                moment = OffsetDateTime.parse(text, TIME).toInstant();
            } catch (DateTimeException notATime) {
                throw new NotInFormat("the time is not like 17/May/2015:10:05:03 +0000: " + shortened(text));
            }
            if (moment.isBefore(Instant.EPOCH) || !moment.isBefore(END_OF_TIME)) {
                throw new NotInFormat("the time lies outside the years 1970 to 9999, of which usage can be: " + text);
            }
            return moment;
        }

        private void quoted(Part.Field field) throws NotInFormat {
            while (at < line.length() && line.charAt(at) != '"') {
                at += line.charAt(at) == '\\' ? 2 : 1;
            }
            if (at < line.length()) {
                return;
            }
            at = line.length();
            if (!allBilledAreWhole()) {
                throw new NotInFormat("the closing quote of " + field.words() + " is missing");
            }
        }

        private static void status(String status) throws NotInFormat {
            if (status.length() != 3 || !digitsOnly(status)) {
                throw new NotInFormat("the status is not three digits: " + shortened(status));
            }
        }

        private void size(String size, int part) throws NotInFormat {
            boolean last = part == parts.size() - 1;
            sizeIsRead = true;
            if (size.equals("-")) {
                bytes = 0;
                return;
            }
            if (last && size.indexOf(' ') >= 0 && digitsOnly(size.substring(0, size.indexOf(' ')))) {
                throw new NotInFormat("there is more behind the size");
            }
            // 18 digits: the largest value that a usage event may carry, and well inside a long
            if (size.length() > 18 || !digitsOnly(size)) {
                throw new NotInFormat("the size is neither a number of bytes nor -: " + shortened(size));
            }
            bytes = Long.parseLong(size);
        }

        /** The field that the format has before this part, in words. */
        private String before(int part) {
            for (int i = part - 1; i >= 0; i--) {
                if (parts.get(i) instanceof Part.Field field) {
                    return field.words();
                }
            }
            return "its beginning";
        }

        private String after(int part) {
            return part + 1 < parts.size() && parts.get(part + 1) instanceof Part.Field field
                    ? field.words()
                    : "a field";
        }

        private static boolean digitsOnly(String text) {
            return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        }

        private static String shortened(String text) {
            return text.length() <= 40 ? text : text.substring(0, 40) + "…";
        }
    }
}
