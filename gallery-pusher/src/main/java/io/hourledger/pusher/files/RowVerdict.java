package io.hourledger.pusher.files;

/** What a row of a file comes to beside the ledger. */
public enum RowVerdict {
    SAME("same", Remedy.NONE, "the ledger says the same"),
    REJECTED("rejected", Remedy.DECISION, "it counts as reported, and the marketplace rejected it"),
    NOT_BILLED("not-billed", Remedy.DECISION, "nobody knew what became of it: the marketplace rejected it"),
    DUPLICATE("duplicate", Remedy.DECISION, "the marketplace lists a second copy; the first stands and is billed"),
    DUPLICATE_OF_ANOTHER(
            "duplicate-of-another",
            Remedy.PERSON,
            "the marketplace lists a second copy, and we sent one: see whose copy the first is, and its amount"),
    BILLED("billed", Remedy.DECISION, "nobody knew what became of it: the marketplace billed it"),
    AMOUNT_DIFFERS("amount-differs", Remedy.PERSON, "the ledger has another amount"),
    NOT_IN_LEDGER("not-in-ledger", Remedy.PERSON, "the ledger has no such record"),
    NOT_ON_BILL("not-on-bill", Remedy.PERSON, "it counts as reported, and the bill does not have it"),
    BILLED_THOUGH_NOT_REPORTED(
            "billed-though-not-reported",
            Remedy.PERSON,
            "the ledger counts its amount elsewhere, and the buyer is charged"),
    UNKNOWN_CODE("unknown-code", Remedy.PERSON, "its code is documented nowhere, so nobody knows what it says"),
    SEVERAL_COPIES(
            "several-copies",
            Remedy.PERSON,
            "it went more than once, and the rejection may be of one copy: look the others up"),
    NO_AMOUNT("no-amount", Remedy.PERSON, "without serial number and amount it may be another record of that window"),
    OTHER_MONTH("other-month", Remedy.PERSON, "its window lies outside the month that the bill is for"),
    INCOMPLETE(
            "incomplete",
            Remedy.PERSON,
            "its instance waits, so what the ledger shows of it lacks events; compare the file again once it does not"),
    ON_ITS_WAY("on-its-way", Remedy.PERSON, "the pusher has no answer for it yet; compare the file again later"),
    LISTED_TWICE("listed-twice", Remedy.PERSON, "an earlier row of this file is about the same"),
    NO_CODE("no-code", Remedy.PERSON, "without its code nobody knows whether it is a duplicate: ledger decide dispute"),
    CONTRADICTS_ITSELF("contradicts-itself", Remedy.PERSON, "its serial number is that of another instance or window"),
    UNREADABLE("unreadable", Remedy.PERSON, "a cell can't be read");

    private final String label;
    private final Remedy remedy;
    private final String meaning;

    RowVerdict(String label, Remedy remedy, String meaning) {
        this.label = label;
        this.remedy = remedy;
        this.meaning = meaning;
    }

    /** Who can put it right. */
    public enum Remedy {
        NONE,
        /** The file's own word is enough, once a person has said so. */
        DECISION,
        /** A person must look first. */
        PERSON
    }

    public String label() {
        return label;
    }

    public Remedy remedy() {
        return remedy;
    }

    /** In words, for a person. */
    public String meaning() {
        return meaning;
    }
}
