package io.hourledger.contracts.instance;

/**
 * Says where in the usage log the counted events stand: all in one partition.
 *
 * @param firstOffset the offset of the first of them
 * @param lastOffset the offset of the last of them; others may stand between the two
 */
public record LogPosition(int partition, long firstOffset, long lastOffset) {}
