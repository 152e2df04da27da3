package io.hourledger.pusher.marketplace;

/**
 * One marketplace as pushing sees it.
 *
 * @param usage where usage records are handed in
 * @param answers what comes back means
 * @param records how usage records are spelled
 * @param deadlines by when records must be there
 * @param maxRecords records in one call at most
 * @param unclear what becomes of a record without a clear answer
 */
public record Marketplace(
        UsagePushPort usage,
        AnswerReader answers,
        RecordFormat records,
        Deadlines deadlines,
        int maxRecords,
        Unclear unclear) {

    /** What becomes of a record whose call got no clear answer. */
    public enum Unclear {

        /** The identical record goes again: the marketplace takes it once. */
        GOES_AGAIN,

        /** The marketplace may take it twice, so only a person can settle it. */
        NEEDS_A_PERSON
    }
}
