package io.hourledger.console.access;

import java.util.Locale;

/** What a token lets its holder do. All roles see all pages. None decides anything yet. */
enum Role {
    READER,
    FINANCE,
    OPERATOR;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
