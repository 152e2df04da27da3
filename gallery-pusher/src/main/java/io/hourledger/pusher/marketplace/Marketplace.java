package io.hourledger.pusher.marketplace;

/**
 * One marketplace as pushing sees it.
 *
 * @param usage where usage records are handed in
 * @param answers what comes back means
 * @param records how usage records are spelled
 * @param deadlines by when records must be there
 */
public record Marketplace(UsagePushPort usage, AnswerReader answers, RecordFormat records, Deadlines deadlines) {}
