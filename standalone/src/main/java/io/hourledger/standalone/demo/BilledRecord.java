package io.hourledger.standalone.demo;

import java.math.BigDecimal;
import java.time.Instant;

/** A usage record as the gallery has accepted it. */
record BilledRecord(String instanceId, String meteringSn, Instant begin, Instant end, BigDecimal amount) {}
