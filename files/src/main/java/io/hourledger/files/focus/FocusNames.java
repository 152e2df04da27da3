package io.hourledger.files.focus;

import java.util.Map;

/**
 * What the ledger does not know and a FOCUS file must say.
 *
 * @param billingAccountId the seller's account with the marketplace: the file is the seller's view
 * @param serviceProvider who sells the app
 * @param serviceName the app
 * @param units the unit of each meter
 */
public record FocusNames(
        String billingAccountId, String serviceProvider, String serviceName, Map<String, String> units) {

    /** Whose machines the app runs on, and who writes the invoices. */
    static final String MARKETPLACE = "Huawei Cloud";

    String unitOf(String meter) {
        String unit = units.get(meter);
        if (unit == null) {
            throw new IllegalArgumentException("no catalogue at hand says the unit of meter " + meter);
        }
        return unit;
    }
}
