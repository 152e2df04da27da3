package io.hourledger.pusher.push;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says at start, in place of a stack trace, whose database it is. */
final class AnotherSellersDatabaseAnalyzer extends AbstractFailureAnalyzer<AnotherSellersDatabaseException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, AnotherSellersDatabaseException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
