package io.hourledger.service;

import java.util.List;

/** The service does not start with these settings; the message says all that is wrong, and how to mend it. */
public final class WrongSettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongSettingsException(List<String> wrong) {
        super(String.join("\n", wrong) + "\nAll settings: docs/configuration.md");
    }
}
