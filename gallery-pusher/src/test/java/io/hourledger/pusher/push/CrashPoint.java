package io.hourledger.pusher.push;

import io.hourledger.contracts.marketplace.UsageRecord;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.RecordFormat;
import io.hourledger.pusher.marketplace.SentRecord;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets the machine fail between any two steps of a push. The steps are seen from outside, by what stands around the ports that a push goes
 * through: the pusher knows nothing of it.
 */
interface CrashPoint {

    enum Step {
        /** Records are claimed, and their attempt is not stored. */
        CLAIMED,
        /** The attempt is stored, and not written down outside the database. */
        ATTEMPT_STORED,
        /** The attempt is written down, and not made. */
        WRITTEN_DOWN,
        /** The call was made, and its answer is not stored. */
        SENT,
        /** The answer is stored, and not settled. */
        ANSWER_STORED,
        /** The ledger and the queue know, and nothing of it is committed. */
        LEDGER_TOLD,
        /** All is committed, and what came of the call is not written down. */
        SETTLED,
        /** What came of the call is written down, too. */
        OUTCOME_WRITTEN_DOWN
    }

    CrashPoint NONE = step -> {};

    void reached(Step step);

    /** An attempt is spelled just before it is stored. */
    default RecordFormat around(RecordFormat format) {
        return new RecordFormat() {
            @Override
            public byte[] bytes(UsageRecord record) {
                return format.bytes(record);
            }

            @Override
            public byte[] body(List<byte[]> records) {
                reached(Step.CLAIMED);
                return format.body(records);
            }

            @Override
            public List<SentRecord> read(byte[] body) {
                return format.read(body);
            }

            @Override
            public SentRecord readOne(byte[] bytes) {
                return format.readOne(bytes);
            }
        };
    }

    default UsagePushPort around(UsagePushPort port) {
        return (body, latestSendNanos) -> {
            reached(Step.WRITTEN_DOWN);
            HttpResult result = port.push(body, latestSendNanos);
            reached(Step.SENT);
            return result;
        };
    }

    default SentCallJournal around(SentCallJournal journal) {
        return new SentCallJournal() {
            @Override
            public long sent(SentCall call) {
                reached(Step.ATTEMPT_STORED);
                return journal.sent(call);
            }

            @Override
            public long settled(SettledCall call) {
                long place = journal.settled(call);
                reached(Step.OUTCOME_WRITTEN_DOWN);
                return place;
            }

            @Override
            public long decided(SuspensionDecision decision) {
                return journal.decided(decision);
            }

            @Override
            public Extent read(long from, Consumer<Page> reader) {
                return journal.read(from, reader);
            }

            @Override
            public Optional<String> whyNotToSend() {
                return journal.whyNotToSend();
            }

            @Override
            public boolean isSuperseded() {
                return journal.isSuperseded();
            }

            @Override
            public boolean isStored() {
                return journal.isStored();
            }
        };
    }

    /** For the transaction in which outcomes are settled. */
    default TransactionTemplate around(TransactionTemplate transaction) {
        return new TransactionTemplate(Objects.requireNonNull(transaction.getTransactionManager()), transaction) {
            private static final long serialVersionUID = 1;

            @Override
            public <T> T execute(TransactionCallback<T> work) {
                reached(Step.ANSWER_STORED);
                T result = super.execute(tx -> {
                    T done = work.doInTransaction(tx);
                    reached(Step.LEDGER_TOLD);
                    return done;
                });
                reached(Step.SETTLED);
                return result;
            }
        };
    }
}
