package io.hourledger.ledger.store;

import org.springframework.dao.OptimisticLockingFailureException;

/** Another writer has appended to the same instance since its state was read; what was decided must be decided again. */
final class ConcurrentWriteException extends OptimisticLockingFailureException {

    ConcurrentWriteException() {
        super("another writer has appended to the same instance");
    }
}
