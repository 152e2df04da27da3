package io.hourledger.aggregator.postgres;

import io.hourledger.embedded.TestRelay;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a client and PostgreSQL. After so many bytes of answers it passes on nothing more, as a frozen client takes nothing more; and after
 * so many bytes of requests, as a frozen client sends nothing more.
 */
final class StallingRelay extends TestRelay {

    private final int server;
    private final AtomicLong answersUntilStall = new AtomicLong(Long.MAX_VALUE);
    private final AtomicLong requestsUntilStall = new AtomicLong(Long.MAX_VALUE);
    private final CountDownLatch stalled = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    StallingRelay(int server) {
        this.server = server;
    }

    void stallAfter(long bytesOfAnswers) {
        answersUntilStall.set(bytesOfAnswers);
    }

    void stallAfterRequests(long bytes) {
        requestsUntilStall.set(bytes);
    }

    void awaitStall() throws InterruptedException {
        stalled.await();
    }

    void release() {
        answersUntilStall.set(Long.MAX_VALUE);
        requestsUntilStall.set(Long.MAX_VALUE);
        released.countDown();
    }

    @Override
    public void close() {
        release();
        super.close();
    }

    @Override
    protected int server() {
        return server;
    }

    @Override
    protected void awaitAnswer(int bytes) throws InterruptedException {
        passOrStall(answersUntilStall, bytes);
    }

    @Override
    protected void awaitRequest(int bytes) throws InterruptedException {
        passOrStall(requestsUntilStall, bytes);
    }

    private void passOrStall(AtomicLong untilStall, int bytes) throws InterruptedException {
        if (untilStall.addAndGet(-bytes) < 0) {
            stalled.countDown();
            released.await();
        }
    }
}
