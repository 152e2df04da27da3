package io.hourledger.ingest.kafka;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** So that whoever starts the service reads the sentence and not a stack trace. */
final class UnsafeTopicAnalyzer extends AbstractFailureAnalyzer<UnsafeTopicException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, UnsafeTopicException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
