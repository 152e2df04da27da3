package io.hourledger.ledger.config;

import io.hourledger.ledger.instance.PackagePolicy;
import io.hourledger.ledger.instance.SellerPolicy;
import io.hourledger.ledger.instance.SellerPolicy.FreezeAtRenewal;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import io.hourledger.ledger.instance.SellerPolicy.UsageBeforeOpened;
import io.hourledger.ledger.instance.SellerPolicy.VolumeExtra;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.ledger.*} of a seller account.
 *
 * @param lateWindow where usage goes whose hour has a record already: {@code hold}, {@code shorter} or {@code reserved-tail}
 * @param volumeExtra what becomes of a further record in an hour under volume pricing: {@code hold} or {@code bill}
 * @param usageBeforeOpened what becomes of usage in the opening hour from before the opening: {@code hold} or {@code bill}
 * @param freezeAtRenewal what a renewal makes of a freeze: it {@code ends} it, or the freeze {@code stays} until a call to unfreeze
 * @param packageOrder which of several packages usage is drawn from first: {@code oldest-first} or {@code newest-first}
 * @param beyondPackage what becomes of usage that no package holds: {@code withhold} or {@code bill}
 * @param packageOnly pay-per-use products whose usage is never billed without a package
 * @param digestKey the key of the events' digests, the same in every process that writes to the ledger, and nowhere in its database; none
 *     keeps events without digests
 */
@ConfigurationProperties("hourledger.ledger")
public record LedgerSettings(
        @DefaultValue("hold") LateWindow lateWindow,
        @DefaultValue("hold") VolumeExtra volumeExtra,
        @DefaultValue("hold") UsageBeforeOpened usageBeforeOpened,
        @DefaultValue("ends") FreezeAtRenewal freezeAtRenewal,
        @DefaultValue("oldest-first") PackagePolicy.Order packageOrder,
        @DefaultValue("withhold") PackagePolicy.Beyond beyondPackage,
        @DefaultValue Set<String> packageOnly,
        @Nullable String digestKey) {

    /** What the rules decide by. */
    public SellerPolicy policy() {
        return new SellerPolicy(
                lateWindow,
                volumeExtra,
                usageBeforeOpened,
                freezeAtRenewal,
                new PackagePolicy(packageOrder, beyondPackage, PackagePolicy.Coverage.FROM_ITS_OPENING, packageOnly));
    }
}
