package io.hourledger.pusher.koogallery;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The interconnection keys of one seller account: one, or two while it is changed in the seller console, where nobody can say at which moment the
 * marketplace takes the new one. The newest stands first.
 */
public final class SellerKeys {

    private final List<SellerKey> keys;

    private SellerKeys(List<SellerKey> keys) {
        this.keys = keys;
    }

    /**
     * @param newest what the account is to be signed with
     * @param before the key before; null unless it is being changed
     */
    public static SellerKeys of(String newest, @Nullable String before) {
        return new SellerKeys(
                before == null || before.isBlank() || before.equals(newest)
                        ? List.of(new SellerKey(newest))
                        : List.of(new SellerKey(newest), new SellerKey(before)));
    }

    /** The key that was set last. */
    public SellerKey newest() {
        return keys.getFirst();
    }

    /** The key that something was signed with; empty if none of them was used. All are tried, in the same time whichever fits. */
    public Optional<SellerKey> thatSigned(Predicate<SellerKey> signed) {
        SellerKey found = null;
        for (SellerKey key : keys) {
            found = signed.test(key) ? key : found;
        }
        return Optional.ofNullable(found);
    }

    /** Whether it is being changed: then a refused signature may be any host's that knows the other key. */
    public boolean areTwo() {
        return keys.size() > 1;
    }

    /** The other key than this one; empty if there is no other. */
    Optional<SellerKey> besides(SellerKey key) {
        return keys.stream().filter(other -> other != key).findFirst();
    }
}
