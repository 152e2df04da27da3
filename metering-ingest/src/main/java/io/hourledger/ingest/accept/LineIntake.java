package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.Admission.Ticket;
import io.hourledger.ingest.accept.ItemAnswer.Status;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.service.BodyStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the events of a body of lines while it comes. Of the body it holds one line and what waits for the log, and when that is much
 * nothing more is read until the log has confirmed some of it. Safe for many threads.
 */
final class LineIntake implements BodyStream.Reader {

    /** How much of one body may wait for the log. */
    static final int MOST_WAITING_BYTES = 256 * 1024;

    /** What is known of an event until all are answered. */
    private static final int BYTES_OF_AN_ANSWER = 256;

    /** Why no more lines are read. */
    enum Stop {
        /** All are. */
        WHOLE,
        /** At least one event is not confirmed, so all are to be sent again. */
        UNCONFIRMED,
        TOO_MANY,
        /** More bytes came than the key may send in one request. */
        TOO_LARGE,
        NO_ROOM,
        TOO_SLOW,
        BROKEN_OFF
    }

    /** Hands events over to the log. */
    interface Log {
        PendingAnswers take(byte[] body, List<Slice> items);
    }

    private record Part(PendingAnswers answers, List<Slice> items) {}

    private final Log log;
    private final Ticket ticket;
    private final int mostEvents;
    private final long mostBytes;
    private final Executor executor;

    private final LineCutter lines = new LineCutter();
    private final List<Part> parts = new ArrayList<>();
    private Runnable goOn = () -> {};
    private Consumer<Stop> whenRead = why -> {};
    private @Nullable Runnable whenSettled;
    private @Nullable Stop stop;
    private int events;
    private long bytesRead;
    private int waitingBytes;
    private int waitingParts;
    private boolean paused;

    /**
     * @param mostBytes of the whole body
     * @param executor runs what the log's own thread must not
     */
    LineIntake(Log log, Ticket ticket, int mostEvents, long mostBytes, Executor executor) {
        this.log = log;
        this.ticket = ticket;
        this.mostEvents = mostEvents;
        this.mostBytes = mostBytes;
        this.executor = executor;
    }

    /**
     * Says whom to tell, before the first line comes.
     *
     * @param resume run when more may come, after {@link #take} wanted no more
     * @param read told once, when no more lines are read; before {@link #ended} returns if the body came too slowly or broke off
     */
    synchronized void tell(Runnable resume, Consumer<Stop> read) {
        goOn = resume;
        whenRead = read;
    }

    @Override
    public synchronized boolean take(byte[] bytes, int length) {
        if (stop == null) {
            bytesRead += length;
            if (bytesRead > mostBytes) {
                stop(Stop.TOO_LARGE);
            } else if (ticket.grow(length)) {
                int before = lines.heldBytes() + length;
                List<Slice> items = lines.take(bytes, length);
                ticket.shrink(before - lines.heldBytes() - bytes(items));
                handOver(items);
            } else {
                stop(Stop.NO_ROOM);
            }
        }
        paused = stop != null || waitingBytes >= MOST_WAITING_BYTES;
        return !paused;
    }

    @Override
    public synchronized void ended(BodyStream.End end) {
        if (stop != null) {
            return;
        }
        switch (end) {
            case WHOLE -> {
                handOver(lines.last());
                stop(Stop.WHOLE);
            }
            case TOO_SLOW -> stopAtOnce(Stop.TOO_SLOW);
            case BROKEN_OFF -> stopAtOnce(Stop.BROKEN_OFF);
        }
    }

    private void handOver(List<Slice> items) {
        List<Slice> allowed = items.subList(0, Math.min(items.size(), mostEvents - events));
        int bytes = bytes(items);
        if (!ticket.grow(BYTES_OF_AN_ANSWER * allowed.size())) {
            stop(Stop.NO_ROOM);
        } else if (!allowed.isEmpty()) {
            PendingAnswers answers = log.take(lines.body(), allowed);
            parts.add(new Part(answers, List.copyOf(allowed)));
            events += allowed.size();
            waitingBytes += bytes;
            waitingParts++;
            answers.whenComplete(() -> executor.execute(() -> settled(answers, bytes)));
        }
        if (allowed.size() < items.size()) {
            stop(Stop.TOO_MANY);
        }
    }

    /** The first reason counts. */
    private void stop(Stop why) {
        if (stop == null) {
            stop = why;
            executor.execute(() -> whenRead.accept(why));
        }
    }

    private void stopAtOnce(Stop why) {
        stop = why;
        whenRead.accept(why);
    }

    private void settled(PendingAnswers answers, int bytes) {
        Runnable next = noteSettled(answers, bytes);
        if (next != null) {
            next.run();
        }
    }

    private synchronized @Nullable Runnable noteSettled(PendingAnswers answers, int bytes) {
        waitingBytes -= bytes;
        waitingParts--;
        ticket.shrink(bytes);
        if (answers.now().stream().anyMatch(answer -> answer.status() == Status.UNAVAILABLE)) {
            stop(Stop.UNCONFIRMED);
        }
        if (stop != null) {
            return waitingParts == 0 ? whenSettled : null;
        }
        boolean resumed = paused && waitingBytes <= MOST_WAITING_BYTES / 2;
        paused &= !resumed;
        return resumed ? goOn : null;
    }

    /** {@code told} runs once all that was handed over is answered, after {@code whenRead}; in this thread if it is already. */
    void whenSettled(Runnable told) {
        if (!isOpen(told)) {
            told.run();
        }
    }

    private synchronized boolean isOpen(Runnable told) {
        whenSettled = told;
        return waitingParts > 0;
    }

    /** Where each event that was handed over stands in the body, by its line. */
    synchronized List<Slice> items() {
        return parts.stream().flatMap(part -> part.items().stream()).toList();
    }

    /** The answers as they stand; what is still open is unconfirmed. */
    synchronized List<ItemAnswer> now() {
        return parts.stream().flatMap(part -> part.answers().now().stream()).toList();
    }

    private static int bytes(List<Slice> items) {
        return items.stream().mapToInt(Slice::length).sum();
    }
}
