package io.hourledger.ledger;

import io.hourledger.ledger.instance.SellerPolicy;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import io.hourledger.ledger.instance.SellerPolicy.UsageBeforeOpened;
import io.hourledger.ledger.instance.SellerPolicy.VolumeExtra;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.ledger.*} of a seller account.
 *
 * @param lateWindow where usage goes whose hour has a record already: {@code hold}, {@code shorter} or {@code reserved-tail}
 * @param volumeExtra what becomes of a further record in an hour under volume pricing: {@code hold} or {@code bill}
 * @param usageBeforeOpened what becomes of usage in the opening hour from before the opening: {@code hold} or {@code bill}
 */
@ConfigurationProperties("hourledger.ledger")
public record LedgerSettings(
        @DefaultValue("hold") LateWindow lateWindow,
        @DefaultValue("hold") VolumeExtra volumeExtra,
        @DefaultValue("hold") UsageBeforeOpened usageBeforeOpened) {

    SellerPolicy policy() {
        return new SellerPolicy(lateWindow, volumeExtra, usageBeforeOpened);
    }
}
