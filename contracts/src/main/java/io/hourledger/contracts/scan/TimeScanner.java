package io.hourledger.contracts.scan;

import static io.hourledger.contracts.scan.TextBytes.LONGS;

import java.time.LocalDate;
import java.time.YearMonth;

/** Reads the time of an ordinary event. Events of one hour follow each other, so the hour is worked out once. */
final class TimeScanner {

    private static final long HOUR_BYTES = 0xffffffffffL;

    /** By the number of decimals. */
    private static final int[] NANOS_OF_LAST_DIGIT = {
        1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1
    };

    /** The date and hour read last, as bytes, and the second at which that hour began. */
    private long dateBytes;

    private long hourBytes;
    private long hourStart;

    /** Reads {@code 2026-11-24T13:05:07Z}, with up to nine decimals of the second. */
    boolean scan(byte[] bytes, int offset, int length, EventView view) {
        int t = offset;
        if (length < 20 || length > 30) {
            return false;
        }
        long date = (long) LONGS.get(bytes, t);
        long hour = (long) LONGS.get(bytes, t + 8) & HOUR_BYTES;
        if (date != dateBytes || hour != hourBytes) {
            if (!scanHour(bytes, t)) {
                return false;
            }
            dateBytes = date;
            hourBytes = hour;
        }
        int minute = twoDigits(bytes, t + 14);
        int second = twoDigits(bytes, t + 17);
        int last = t + length - 1;
        if (bytes[t + 13] != ':' || bytes[t + 16] != ':' || bytes[last] != 'Z') {
            return false;
        }
        if (minute < 0 || minute > 59 || second < 0 || second > 59) {
            return false;
        }
        view.epochSecond = hourStart + minute * 60L + second;
        view.nanos = 0;
        if (length == 20) {
            return true;
        }
        int fraction = length - 21;
        if (bytes[t + 19] != '.' || fraction == 0) {
            return false;
        }
        int nanos = 0;
        for (int i = t + 20; i < last; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            nanos = nanos * 10 + digit;
        }
        view.nanos = nanos * NANOS_OF_LAST_DIGIT[fraction];
        return true;
    }

    /** Reads {@code 2026-11-24T13}. */
    private boolean scanHour(byte[] bytes, int t) {
        int century = twoDigits(bytes, t);
        int yearOfCentury = twoDigits(bytes, t + 2);
        int month = twoDigits(bytes, t + 5);
        int day = twoDigits(bytes, t + 8);
        int hour = twoDigits(bytes, t + 11);
        if (century < 0 || yearOfCentury < 0 || bytes[t + 4] != '-' || bytes[t + 7] != '-' || bytes[t + 10] != 'T') {
            return false;
        }
        int year = century * 100 + yearOfCentury;
        if (year < 1970
                || month < 1
                || month > 12
                || day < 1
                || day > YearMonth.of(year, month).lengthOfMonth()) {
            return false;
        }
        if (hour < 0 || hour > 23) {
            return false;
        }
        hourStart = (LocalDate.of(year, month, day).toEpochDay() * 24 + hour) * 3600;
        return true;
    }

    /** The number that two digits stand for, or -1. */
    private static int twoDigits(byte[] bytes, int offset) {
        int tens = bytes[offset] - '0';
        int ones = bytes[offset + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
    }
}
