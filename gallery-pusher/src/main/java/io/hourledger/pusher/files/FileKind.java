package io.hourledger.pusher.files;

/** What a file of the marketplace's seller console lists. */
public enum FileKind {
    /** Usage records that were accepted and rejected later, each with a code. */
    REJECTED("rejected"),
    /** What the marketplace charged in one month. */
    BILL("bill");

    private final String label;

    FileKind(String label) {
        this.label = label;
    }

    /** As the command line and the table of imported files spell it. */
    public String label() {
        return label;
    }
}
