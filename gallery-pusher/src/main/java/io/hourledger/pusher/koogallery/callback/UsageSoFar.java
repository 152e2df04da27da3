package io.hourledger.pusher.koogallery.callback;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;

/** The running totals that {@code queryInstance} asks for. */
public interface UsageSoFar {

    /** What was metered of each instance since it was opened; an instance the ledger does not know is left out. */
    Map<String, BigDecimal> totals(Collection<String> instanceIds);
}
