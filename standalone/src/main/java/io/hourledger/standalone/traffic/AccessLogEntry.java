package io.hourledger.standalone.traffic;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.Locale;

/**
 * One line of an access log in Apache's combined format:
 *
 * <pre>{@code client identity user [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 203023 "referer" "agent"}</pre>
 *
 * @param client who asked
 * @param time when, to the second
 * @param bytes the size of the answer; {@code -} is zero
 */
record AccessLogEntry(String client, Instant time, long bytes) {

    private static final int MAX_CLIENT_CHARS = 255;

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("dd/MMM/uuuu:HH:mm:ss xx")
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    /** A line that is not in the combined format; the message says where it departs from it. */
    static final class NotCombinedFormat extends Exception {
        private static final long serialVersionUID = 1L;

        NotCombinedFormat(String why) {
            super(why, null, false, false);
        }
    }

    static AccessLogEntry parse(String line) throws NotCombinedFormat {
        return new Scanner(line).entry();
    }

    /** Walks over one line, from left to right. */
    private static final class Scanner {

        private final String line;
        private int at;

        Scanner(String line) {
            this.line = line;
        }

        AccessLogEntry entry() throws NotCombinedFormat {
            if (line.isBlank()) {
                throw new NotCombinedFormat("the line is empty");
            }
            String client = word("the client's address");
            if (client.length() > MAX_CLIENT_CHARS) {
                throw new NotCombinedFormat("the client's address has more than " + MAX_CLIENT_CHARS + " characters");
            }
            word("the identity");
            // A user's name may hold spaces: it ends where the time begins.
            int bracket = line.indexOf('[', at);
            if (bracket < 0) {
                throw new NotCombinedFormat("there is no time in [brackets]");
            }
            if (bracket < at + 2 || line.charAt(bracket - 1) != ' ') {
                throw new NotCombinedFormat("the user is missing before the time");
            }
            at = bracket;
            Instant time = time();
            space("the time");
            quoted("the request");
            space("the request");
            status();
            long bytes = size();
            quoted("the referer");
            space("the referer");
            quoted("the agent");
            if (at != line.length()) {
                throw new NotCombinedFormat("there is more behind the agent");
            }
            return new AccessLogEntry(client, time, bytes);
        }

        private String word(String what) throws NotCombinedFormat {
            int end = line.indexOf(' ', at);
            if (end <= at) {
                throw new NotCombinedFormat(what + " is missing");
            }
            String word = line.substring(at, end);
            at = end + 1;
            return word;
        }

        private void space(String behind) throws NotCombinedFormat {
            if (at >= line.length() || line.charAt(at) != ' ') {
                throw new NotCombinedFormat("the line ends behind " + behind + ", or a space is missing there");
            }
            at++;
        }

        private Instant time() throws NotCombinedFormat {
            int end = line.indexOf(']', at);
            if (end < 0) {
                throw new NotCombinedFormat("the time's closing bracket is missing");
            }
            String text = line.substring(at + 1, end);
            at = end + 1;
            try {
                return OffsetDateTime.parse(text, TIME).toInstant();
            } catch (DateTimeException notATime) {
                throw new NotCombinedFormat("the time is not like 17/May/2015:10:05:03 +0000: " + shortened(text));
            }
        }

        private void quoted(String what) throws NotCombinedFormat {
            if (at >= line.length() || line.charAt(at) != '"') {
                throw new NotCombinedFormat(what + " in \"quotes\" is missing");
            }
            at++;
            while (at < line.length() && line.charAt(at) != '"') {
                at += line.charAt(at) == '\\' ? 2 : 1;
            }
            if (at >= line.length()) {
                throw new NotCombinedFormat("the closing quote of " + what + " is missing");
            }
            at++;
        }

        private void status() throws NotCombinedFormat {
            String status = word("the status");
            if (status.length() != 3 || !digitsOnly(status)) {
                throw new NotCombinedFormat("the status is not three digits: " + shortened(status));
            }
        }

        private long size() throws NotCombinedFormat {
            String size = word("the size");
            if (size.equals("-")) {
                return 0;
            }
            // 18 digits: the largest value that a usage event may carry, and well inside a long
            if (size.length() > 18 || !digitsOnly(size)) {
                throw new NotCombinedFormat("the size is neither a number of bytes nor -: " + shortened(size));
            }
            return Long.parseLong(size);
        }

        private static boolean digitsOnly(String text) {
            return text.chars().allMatch(c -> c >= '0' && c <= '9');
        }

        private static String shortened(String text) {
            return text.length() <= 40 ? text : text.substring(0, 40) + "…";
        }
    }
}
