package io.hourledger.ingest.token;

import com.nimbusds.jwt.JWTClaimsSet;
import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a sender of a token's claims. What cannot be read bounds nothing, so such a token allows nothing at all. */
final class ScopeClaims {

    /** Tells the id of a sender from that of an API key, which may have the same name. */
    private static final String ID_PREFIX = "token:";

    private final ClaimSettings names;
    private final String requiredScope;

    ScopeClaims(ClaimSettings names, String requiredScope) {
        this.names = names;
        this.requiredScope = requiredScope;
    }

    /** The token allows nothing here; the message is for its sender. */
    static final class NothingAllowed extends Exception {
        private static final long serialVersionUID = 1L;

        NothingAllowed(String why) {
            super(why, null, false, false);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    ApiKey senderOf(JWTClaimsSet claims) throws NothingAllowed {
        if (!requiredScope.isEmpty() && !scopes(claims).contains(requiredScope)) {
            throw new NothingAllowed("the token lacks the scope " + requiredScope);
        }
        List<String> sources = texts(claims, names.sources());
        List<String> prefixes = texts(claims, names.sourcePrefixes());
        if (sources.isEmpty() && prefixes.isEmpty()) {
            throw new NothingAllowed("the token names no source: it needs the claim " + names.sources() + " or "
                    + names.sourcePrefixes());
        }
        String id = ID_PREFIX + sender(claims);
        try {
            KeyScope scope = new KeyScope(
                    sources,
                    prefixes,
                    bound(claims, names.types()),
                    bound(claims, names.instances()),
                    bound(claims, names.products()));
            return new ApiKey(id, id, Set.of(), scope, KeyLimits.NONE);
        } catch (IllegalArgumentException unfit) {
            throw new NothingAllowed(String.valueOf(unfit.getMessage()));
        }
    }

    /** It goes into logs and into a header of each record. */
    private String sender(JWTClaimsSet claims) throws NothingAllowed {
        if (!(claims.getClaim(names.sender()) instanceof String sender)
                || sender.isBlank()
                || sender.length() > ApiKey.MAX_CHARS - ID_PREFIX.length()
                || sender.chars().anyMatch(Character::isISOControl)) {
            throw new NothingAllowed("the claim " + names.sender() + " must be a text of 1 to "
                    + (ApiKey.MAX_CHARS - ID_PREFIX.length()) + " characters");
        }
        return sender;
    }

    /** By RFC 8693 one text with spaces, elsewhere often a list under another name. */
    private static List<String> scopes(JWTClaimsSet claims) throws NothingAllowed {
        List<String> scopes = new ArrayList<>(texts(claims, "scp"));
        for (String text : texts(claims, "scope")) {
            scopes.addAll(Arrays.asList(text.split(" ", -1)));
        }
        return scopes;
    }

    /** An empty list would mean all to a {@link KeyScope}, and means none to whoever made the token. */
    private static Set<String> bound(JWTClaimsSet claims, String name) throws NothingAllowed {
        List<String> texts = texts(claims, name);
        if (claims.getClaims().containsKey(name) && texts.isEmpty()) {
            throw new NothingAllowed("the claim " + name + " is empty, so the token allows nothing");
        }
        return Set.copyOf(texts);
    }

    private static List<String> texts(JWTClaimsSet claims, String name) throws NothingAllowed {
        @Nullable Object claim = claims.getClaim(name);
        if (claim == null) {
            return List.of();
        }
        if (claim instanceof String text) {
            return List.of(text);
        }
        List<String> texts = new ArrayList<>();
        for (Object element : claim instanceof List<?> list ? list : List.of(claim)) {
            if (!(element instanceof String text)) {
                throw new NothingAllowed("the claim " + name + " must be a text or a list of texts");
            }
            texts.add(text);
        }
        return texts;
    }
}
