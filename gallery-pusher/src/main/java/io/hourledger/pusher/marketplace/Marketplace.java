package io.hourledger.pusher.marketplace;

import java.time.Duration;

/**
 * One marketplace as pushing sees it.
 *
 * @param usage where usage records are handed in
 * @param answers what comes back means
 * @param records how usage records are spelled
 * @param collectedAfter how long after an hour's end its records are collected: what comes later is late
 */
public record Marketplace(UsagePushPort usage, AnswerReader answers, RecordFormat records, Duration collectedAfter) {}
