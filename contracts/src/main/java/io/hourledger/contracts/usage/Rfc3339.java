package io.hourledger.contracts.usage;

import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import org.jspecify.annotations.Nullable;

/**
 * Moments as RFC 3339 writes them: {@code 2026-11-24T13:05:00.25+08:00}. Here the offset is needed. Of a fraction nine digits are read and
 * the others cut off. No clock of ours has leap seconds, so one is the last nanosecond of the second before it, and in the same hour.
 */
final class Rfc3339 {

    private static final int FRACTION_START = 20;
    private static final int MAX_FRACTION_DIGITS = 9;
    private static final int OFFSET_LENGTH = 6;
    private static final int LEAP_SECOND = 60;
    private static final int LAST_NANO = 999_999_999;
    private static final long FIRST_SECOND = 0;
    private static final long END_SECOND = LocalDate.of(9999, 12, 31).toEpochDay() * 86_400 + 86_400;

    private Rfc3339() {}

    /** Null if the text is not such a moment, or not in the years 1970 to 9999 of UTC. */
    static @Nullable Instant parse(String text) {
        int length = text.length();
        if (length < FRACTION_START
                || text.charAt(4) != '-'
                || text.charAt(7) != '-'
                || (text.charAt(10) != 'T' && text.charAt(10) != 't')
                || text.charAt(13) != ':'
                || text.charAt(16) != ':') {
            return null;
        }
        int year = digits(text, 0, 4);
        int month = digits(text, 5, 2);
        int day = digits(text, 8, 2);
        int hour = digits(text, 11, 2);
        int minute = digits(text, 14, 2);
        int second = digits(text, 17, 2);
        boolean onTheCalendar = year >= 0
                && month >= 1
                && month <= 12
                && day >= 1
                && day <= YearMonth.of(year, month).lengthOfMonth();
        boolean onTheClock =
                hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= LEAP_SECOND;
        if (!onTheCalendar || !onTheClock) {
            return null;
        }
        int at = FRACTION_START - 1;
        int nanos = 0;
        if (text.charAt(at) == '.') {
            int fractionEnd = FRACTION_START;
            while (fractionEnd < length && isDigit(text.charAt(fractionEnd))) {
                fractionEnd++;
            }
            int count = fractionEnd - FRACTION_START;
            if (count == 0) {
                return null;
            }
            int read = Math.min(count, MAX_FRACTION_DIGITS);
            nanos = digits(text, FRACTION_START, read);
            for (int i = read; i < MAX_FRACTION_DIGITS; i++) {
                nanos *= 10;
            }
            at = fractionEnd;
        }
        long local = LocalDate.of(year, month, day).toEpochDay() * 86_400 + hour * 3_600L + minute * 60L + second;
        Integer offset = offsetSeconds(text, at);
        if (offset == null) {
            return null;
        }
        long moment = local - offset;
        if (second == LEAP_SECOND) {
            if (!beginsAMonth(moment)) {
                return null;
            }
            moment--;
            nanos = LAST_NANO;
        }
        return moment < FIRST_SECOND || moment >= END_SECOND ? null : Instant.ofEpochSecond(moment, nanos);
    }

    /** Leap seconds come at the end of a month in UTC, and nowhere else. */
    private static boolean beginsAMonth(long moment) {
        return moment % 86_400 == 0 && LocalDate.ofEpochDay(moment / 86_400).getDayOfMonth() == 1;
    }

    private static @Nullable Integer offsetSeconds(String text, int at) {
        int left = text.length() - at;
        if (left == 1 && (text.charAt(at) == 'Z' || text.charAt(at) == 'z')) {
            return 0;
        }
        if (left != OFFSET_LENGTH || text.charAt(at + 3) != ':') {
            return null;
        }
        int hours = digits(text, at + 1, 2);
        int minutes = digits(text, at + 4, 2);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return null;
        }
        int seconds = hours * 3_600 + minutes * 60;
        return switch (text.charAt(at)) {
            case '+' -> seconds;
            case '-' -> -seconds;
            default -> null;
        };
    }

    /** The number these characters write, or -1 if one of them is not a digit. */
    private static int digits(String text, int start, int count) {
        int number = 0;
        for (int i = start; i < start + count; i++) {
            char c = text.charAt(i);
            if (!isDigit(c)) {
                return -1;
            }
            number = number * 10 + (c - '0');
        }
        return number;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
