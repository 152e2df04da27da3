package io.hourledger.contracts.instance;

/**
 * A person who decided what no machine can.
 *
 * @param who by whatever name the installation knows people
 * @param why a sentence for those who read it in a year
 */
public record DecidedBy(String who, String why) {

    private static final int MAX_CHARS = 500;

    public DecidedBy {
        if (who.isBlank() || why.isBlank() || who.length() > MAX_CHARS || why.length() > MAX_CHARS) {
            throw new IllegalArgumentException("a decision needs who and why, of at most " + MAX_CHARS + " characters");
        }
    }
}
