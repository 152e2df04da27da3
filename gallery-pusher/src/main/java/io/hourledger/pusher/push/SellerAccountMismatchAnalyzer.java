package io.hourledger.pusher.push;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says at start, in place of a stack trace, why the database does not fit. */
final class SellerAccountMismatchAnalyzer extends AbstractFailureAnalyzer<SellerAccountMismatchException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SellerAccountMismatchException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
