package io.hourledger.files.focus;

import java.util.Arrays;
import java.util.Optional;

/** The versions of the FOCUS specification that a file can follow, the oldest first. */
public enum FocusVersion {
    V1_2("1.2"),
    V1_3("1.3"),
    V1_4("1.4");

    private final String number;

    FocusVersion(String number) {
        this.number = number;
    }

    public String number() {
        return number;
    }

    public static Optional<FocusVersion> of(String number) {
        return Arrays.stream(values())
                .filter(version -> version.number.equals(number))
                .findFirst();
    }

    boolean isFrom(FocusVersion first) {
        return compareTo(first) >= 0;
    }
}
