package io.hourledger.pusher.notice;

import java.util.Optional;
import java.util.stream.Stream;

/** What a notice tells; the CloudEvents {@code type} never changes its meaning. */
public enum NoticeType {
    OPENED("instance.opened"),
    RENEWED("instance.renewed"),
    FROZEN("instance.frozen"),
    UNFROZEN("instance.unfrozen"),
    UPGRADED("instance.upgraded"),
    EXPIRED("instance.expired"),
    RELEASED("instance.released"),
    PACKAGE_USED_UP("package.used-up"),
    THRESHOLD_REACHED("threshold.reached");

    private final String text;

    NoticeType(String name) {
        this.text = "io.hourledger." + name;
    }

    /** The CloudEvents {@code type}. */
    public String text() {
        return text;
    }

    static Optional<NoticeType> of(String text) {
        return Stream.of(values()).filter(type -> type.text.equals(text)).findFirst();
    }
}
