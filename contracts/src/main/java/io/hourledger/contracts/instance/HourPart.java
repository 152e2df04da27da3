package io.hourledger.contracts.instance;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * The usage of a part of an hour, {@code [from, to)}, in which neither the life of the instance nor its product changes.
 *
 * @param amount below zero if a later revision takes usage back
 */
public record HourPart(Instant from, Instant to, BigDecimal amount) {}
