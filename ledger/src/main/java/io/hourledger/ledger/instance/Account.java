package io.hourledger.ledger.instance;

import java.util.Arrays;

/**
 * Where an amount that was metered is now. Every amount is in exactly one of these, so their sum is what was metered (invariant 3); an
 * amount that moves leaves one and enters another.
 */
public enum Account {
    /** Due, but in no usage record yet: what did not fit into 4 decimals, or a credit that waits for usage. */
    CARRIED("carried"),
    /** In a usage record whose fate is open. */
    IN_FLIGHT("in-flight"),
    /** In a usage record that the marketplace accepted. */
    REPORTED("reported"),
    /** In a usage record of which no machine can know whether the marketplace took it. */
    UNKNOWN("unknown"),
    /** In no usage record, for a reason that the event names. */
    WITHHELD("withheld"),
    /** In a usage record that the marketplace refused for good. */
    REFUSED("refused"),
    /** In a usage record that was accepted and that the marketplace rejected later. */
    DISPUTED("disputed"),
    /** Given up, by a person or because the instance has ended. */
    WRITTEN_OFF("written-off");

    private final String label;

    Account(String label) {
        this.label = label;
    }

    /** As events and projections spell it. */
    public String label() {
        return label;
    }

    /** The account with that label. */
    public static Account labelled(String label) {
        return Arrays.stream(values())
                .filter(account -> account.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no account is labelled " + label));
    }
}
