package io.hourledger.standalone.demo;

import java.math.BigDecimal;

/**
 * What the ledger says of an instance.
 *
 * @param metered the sum of all hours, exact
 * @param reported the sum of the records that the gallery accepted
 * @param carried due, but too small for a record
 * @param elsewhere everything that is neither reported nor carried: in flight, unknown, withheld, refused …; zero when all is well
 */
record LedgerInstance(
        String instanceId, BigDecimal metered, BigDecimal reported, BigDecimal carried, BigDecimal elsewhere) {

    static LedgerInstance nothing(String instanceId) {
        return new LedgerInstance(instanceId, BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);
    }
}
