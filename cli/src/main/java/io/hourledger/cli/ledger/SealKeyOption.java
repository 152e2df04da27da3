package io.hourledger.cli.ledger;

import io.hourledger.ledger.seal.SealKey;
import io.hourledger.ledger.seal.SealSigner;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** By which key the signatures of seals are checked. */
final class SealKeyOption {

    static final String SIGNING_KEY = "hourledger.seals.signing-key";

    @Option(
            names = "--public-key",
            paramLabel = "KEY",
            description = "the public key of the seals (default: that of hourledger.seals.signing-key)")
    private @Nullable String publicKey;

    /** Null if nobody said it. */
    @Nullable SealKey of(LedgerDatabase.Open ledger, CliServiceSettings settings) {
        if (publicKey != null) {
            return new SealKey(publicKey.strip());
        }
        String signingKey = settings.of(ledger.stack(), Map.of()).getProperty(SIGNING_KEY);
        return signingKey == null || signingKey.isBlank() ? null : new SealSigner(signingKey.strip()).key();
    }
}
