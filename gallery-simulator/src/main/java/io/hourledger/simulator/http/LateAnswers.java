package io.hourledger.simulator.http;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/** Answers that are held back without holding a thread. Delays are machine time. */
@Component
public final class LateAnswers implements DisposableBean {

    private static final long SPARE_MILLIS = 10_000;

    private final ScheduledExecutorService timer;

    LateAnswers() {
        ScheduledThreadPoolExecutor oneThread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "gallery-late-answers");
            thread.setDaemon(true);
            return thread;
        });
        oneThread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        this.timer = oneThread;
    }

    public static DeferredResult<ResponseEntity<byte[]>> now(ResponseEntity<byte[]> answer) {
        DeferredResult<ResponseEntity<byte[]>> result = new DeferredResult<>();
        result.setResult(answer);
        return result;
    }

    public DeferredResult<ResponseEntity<byte[]>> after(Duration delay, ResponseEntity<byte[]> answer) {
        DeferredResult<ResponseEntity<byte[]>> result = new DeferredResult<>(delay.toMillis() + SPARE_MILLIS);
        var unused = timer.schedule(() -> result.setResult(answer), delay.toMillis(), TimeUnit.MILLISECONDS);
        return result;
    }

    @Override
    public void destroy() {
        timer.shutdownNow();
    }
}
