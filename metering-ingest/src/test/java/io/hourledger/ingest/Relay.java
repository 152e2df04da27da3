package io.hourledger.ingest;

import io.hourledger.embedded.TestRelay;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Stands between a client and a broker, and can keep the broker's answers back while the client's requests still arrive. */
public final class Relay extends TestRelay {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private boolean held;
    private volatile int target;

    public void leadTo(int port) {
        target = port;
    }

    public void holdAnswers(boolean hold) {
        lock.lock();
        try {
            held = hold;
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        holdAnswers(false);
        super.close();
    }

    @Override
    protected int server() {
        return target;
    }

    @Override
    protected void awaitAnswer(int bytes) throws InterruptedException {
        lock.lock();
        try {
            while (held) {
                released.await();
            }
        } finally {
            lock.unlock();
        }
    }
}
