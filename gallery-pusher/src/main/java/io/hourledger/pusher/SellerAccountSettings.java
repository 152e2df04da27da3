package io.hourledger.pusher;

import io.hourledger.pusher.push.SellerAccount;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that one seller account has.
 *
 * @param name a label of ours
 * @param baseUrl the site that it sells on
 * @param fallbackUrl where to go when that is down
 * @param hostsKnowEachOther whether the marketplace confirmed that the two know each other's usage records
 * @param callsPerSecond the ceiling of its rate
 * @param shadow whether nothing of it is reported until a person says from which hour on
 */
record SellerAccountSettings(
        String name,
        Keys keys,
        URI baseUrl,
        @Nullable URI fallbackUrl,
        boolean hostsKnowEachOther,
        double callsPerSecond,
        boolean shadow) {

    /**
     * Its keys. They are never printed.
     *
     * @param sellerKey the interconnection key
     * @param oldSellerKey the one before, while it is changed in the seller console
     * @param accessKey AK, for query order
     * @param secretKey SK, for query order
     */
    record Keys(String sellerKey, @Nullable String oldSellerKey, String accessKey, String secretKey) {

        /** Those that calls are signed with, the oldest first. */
        List<String> allSellerKeys() {
            return oldSellerKey == null || oldSellerKey.isBlank()
                    ? List.of(sellerKey)
                    : List.of(oldSellerKey, sellerKey);
        }

        @Override
        public String toString() {
            return "Keys[hidden]";
        }
    }

    SellerAccount account() {
        return new SellerAccount(name, shadow ? SellerAccount.Beginning.IN_SHADOW : SellerAccount.Beginning.REPORTS);
    }
}
