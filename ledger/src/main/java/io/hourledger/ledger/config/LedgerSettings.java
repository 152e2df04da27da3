package io.hourledger.ledger.config;

import io.hourledger.ledger.instance.PackagePolicy;
import io.hourledger.ledger.instance.SellerPolicy;
import io.hourledger.ledger.instance.SellerPolicy.FreezeAtRenewal;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import io.hourledger.ledger.instance.SellerPolicy.UsageBeforeOpened;
import io.hourledger.ledger.instance.SellerPolicy.VolumeExtra;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.ledger.*}: of every seller account that has none of its own.
 *
 * @param lateWindow where usage goes whose hour has a record already: {@code hold}, {@code shorter} or {@code reserved-tail}
 * @param volumeExtra what becomes of a further record in an hour under volume pricing: {@code hold} or {@code bill}
 * @param usageBeforeOpened what becomes of usage in the opening hour from before the opening: {@code hold} or {@code bill}
 * @param freezeAtRenewal what a renewal makes of a freeze: it {@code ends} it, or the freeze {@code stays} until a call to unfreeze
 * @param packageOrder which of several packages usage is drawn from first: {@code oldest-first} or {@code newest-first}
 * @param beyondPackage what becomes of usage that no package holds: {@code withhold} or {@code bill}
 * @param packageOnly pay-per-use products whose usage is never billed without a package
 * @param accounts what single seller accounts have otherwise
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
        @DefaultValue List<OfAccount> accounts,
        @Nullable String digestKey) {

    public LedgerSettings {
        accounts = List.copyOf(accounts);
        if (accounts.stream().map(OfAccount::name).distinct().count() < accounts.size()) {
            throw new IllegalArgumentException("two of hourledger.ledger.accounts have the same name");
        }
    }

    /**
     * What a seller account has otherwise than the others; null for what it has as they have.
     *
     * @param name as {@code hourledger.pusher.account} or one of {@code hourledger.pusher.accounts} has it
     */
    public record OfAccount(
            String name,
            @Nullable LateWindow lateWindow,
            @Nullable VolumeExtra volumeExtra,
            @Nullable UsageBeforeOpened usageBeforeOpened) {

        public OfAccount {
            if (name == null || name.isBlank()) {
                throw new IllegalArgumentException("one of hourledger.ledger.accounts has no name");
            }
        }
    }

    /**
     * Requires that each account that has something otherwise is one of the database: else all of a mistyped one is decided as for all others.
     *
     * @param known those of the database; empty before the first start of the service that reports
     * @throws IllegalArgumentException with a sentence for a person, if one is not
     */
    public void requireAccountsOf(Set<String> known) {
        for (OfAccount own : accounts) {
            if (!known.isEmpty() && !known.contains(own.name())) {
                String names = String.join("', '", new TreeSet<>(known));
                throw new IllegalArgumentException("hourledger.ledger.accounts names the seller account '" + own.name()
                        + "', which this database does not know; it knows '" + names
                        + "'. Correct the name, or add the account by ./metering account add");
            }
        }
    }

    /** What the rules decide by for the instances of a seller account. */
    public SellerPolicy policyOf(String account) {
        SellerPolicy all = policy();
        return accounts.stream()
                .filter(own -> own.name().equals(account))
                .findFirst()
                .map(own -> new SellerPolicy(
                        own.lateWindow() == null ? all.lateWindow() : own.lateWindow(),
                        own.volumeExtra() == null ? all.volumeExtra() : own.volumeExtra(),
                        own.usageBeforeOpened() == null ? all.usageBeforeOpened() : own.usageBeforeOpened(),
                        all.freezeAtRenewal(),
                        all.packages()))
                .orElse(all);
    }

    /** What they decide by for all others. */
    public SellerPolicy policy() {
        return new SellerPolicy(
                lateWindow,
                volumeExtra,
                usageBeforeOpened,
                freezeAtRenewal,
                new PackagePolicy(packageOrder, beyondPackage, PackagePolicy.Coverage.FROM_ITS_OPENING, packageOnly));
    }
}
