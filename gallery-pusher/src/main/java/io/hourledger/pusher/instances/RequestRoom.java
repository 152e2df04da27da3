package io.hourledger.pusher.instances;

import io.hourledger.ledger.api.DatabaseFailure;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/** Lets so many requests use the database at the same time that pushing and callbacks keep the rest of its connections. */
final class RequestRoom {

    private static final Logger LOG = LoggerFactory.getLogger(RequestRoom.class);
    private static final long WAITS_MILLIS = 1000;

    private final Semaphore room;

    RequestRoom(int mostAtOnce) {
        this.room = new Semaphore(mostAtOnce, true);
    }

    /** The answer, or why there is none. */
    ResponseEntity<Object> in(Supplier<ResponseEntity<Object>> request) {
        try {
            if (!room.tryAcquire(WAITS_MILLIS, TimeUnit.MILLISECONDS)) {
                return ApiRefusal.busy().answer();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return ApiRefusal.busy().answer();
        }
        try {
            return request.get();
        } catch (RuntimeException failed) {
            return answer(failed);
        } finally {
            room.release();
        }
    }

    private static ResponseEntity<Object> answer(RuntimeException failed) {
        return switch (DatabaseFailure.of(failed)) {
            case OUTAGE, LOST_RACE -> {
                LOG.atWarn().addKeyValue("why", failed.toString()).log("the database does not answer an app");
                yield ApiRefusal.unavailable().answer();
            }
            case DATA_OR_BUG -> {
                LOG.atError().setCause(failed).log("a request of an app is broken");
                yield new ApiRefusal(HttpStatus.INTERNAL_SERVER_ERROR, "internal", "this is our mistake; it is logged")
                        .answer();
            }
        };
    }
}
