package io.hourledger.ingest.accept;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.ingest.accept.Admission.Ticket;
import io.hourledger.ingest.accept.LineIntake.Stop;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.ingest.accept.UsageEventsServlet.Sent;
import io.hourledger.ingest.accept.UsageLog.Origin;
import io.hourledger.service.BodyStream;
import io.hourledger.service.RequestBodies;
import io.hourledger.service.RequestBodies.GivenUp;
import io.hourledger.service.RequestBodies.Limits;
import io.hourledger.service.RequestBodies.Outcome;
import io.hourledger.service.RequestBodies.Reason;
import io.hourledger.service.RequestBodies.Whole;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/**
 * Leads each request from its headers to its answer. The answer is written when the log has confirmed the last event, or when the time for that
 * is over, by a virtual thread of the request and never by one of the log, of the poller or of the deadlines: who logs or reads slowly would hold
 * up all others.
 */
final class Exchanges implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Exchanges.class);
    private static final long NO_TIMEOUT_OF_THE_SERVER = 0L;

    private final AcceptSettings settings;
    private final Limits limits;
    private final Refusals refusals;
    private final RequestBodies bodies;
    private final Admission admission;
    private final Intakes intakes;
    private final KeyRates rates;
    private final IngestMetrics metrics;
    private final Answers answers;
    private final BodyEvents bodyEvents;
    private final ExecutorService answering = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("answer-", 0).factory());

    Exchanges(
            AcceptSettings settings,
            BodySettings body,
            RequestBodies bodies,
            Admission admission,
            KeyRates rates,
            Intakes intakes,
            IngestMetrics metrics) {
        this.settings = settings;
        this.limits = new Limits(Math.toIntExact(settings.maxBody().toBytes()), body.timeout());
        this.bodies = bodies;
        this.admission = admission;
        this.intakes = intakes;
        this.rates = rates;
        this.metrics = metrics;
        this.refusals = new Refusals(settings.maxBatchEvents(), settings.retryAfter());
        this.answers = new Answers(refusals.retryAfterSeconds());
        this.bodyEvents = new BodyEvents(refusals, settings.maxBatchEvents());
    }

    Refusals refusals() {
        return refusals;
    }

    /** @throws RefusedRequest if a body of this length would be refused anyway */
    void requireLength(ApiKey sender, long announced) {
        Limits own = limitsOf(sender);
        if (announced > own.bytes()) {
            throw refusals.tooLarge(own.bytes());
        }
    }

    private Limits limitsOf(ApiKey sender) {
        int share = admission.mostBytes(sender.limits().memoryPercent());
        int bytes = (int) Math.min(Math.min(limits.bytes(), share), mostBytesOf(sender));
        return new Limits(bytes, limits.within());
    }

    private static long mostBytesOf(ApiKey sender) {
        int bytes = sender.limits().bodyBytes();
        return bytes == 0 ? Long.MAX_VALUE : bytes;
    }

    /**
     * Returns at once, and the answer follows. But a single event that is here with its headers is answered in this thread: to leave it and
     * come back costs more than all else that is done for one event.
     */
    void begin(Sent sent, HttpServletResponse response) throws IOException {
        byte[] here = bodyEvents.bytesThatAreHere(sent, limits.bytes());
        if (here.length > 0 && here.length == sent.request().getContentLengthLong()) {
            new Exchange(sent, response, null).answerHere(here);
            return;
        }
        Exchange exchange = new Exchange(sent, response, sent.request().startAsync());
        if (sent.readAsItComes()) {
            exchange.readLines();
        } else {
            exchange.read(here);
        }
    }

    /** Answers a request of which nothing was taken, in the thread that calls. */
    void refuse(RefusedRequest refused, HttpServletResponse response) throws IOException {
        metrics.requestRefused(refused.code());
        refused.answer().writeTo(response);
    }

    @Override
    public void close() {
        answering.close();
    }

    /** One request, from its headers to its answer. */
    private final class Exchange implements AsyncListener {

        private final Sent sent;
        private final HttpServletResponse response;
        private final Limits own;
        private final Ticket ticket;
        private final Preferences preferences;
        private final @Nullable AsyncContext async;
        private final AtomicBoolean over = new AtomicBoolean();

        /** @param async null if it is answered in the thread that it came with */
        Exchange(Sent sent, HttpServletResponse response, @Nullable AsyncContext async) {
            this.sent = sent;
            this.response = response;
            this.own = limitsOf(sent.sender());
            this.ticket =
                    admission.ticket(sent.sender().id(), sent.sender().limits().memoryPercent());
            this.preferences = sent.form().single()
                    ? Preferences.NONE
                    : new Preferences(Collections.list(sent.request().getHeaders("Prefer")));
            this.async = async;
            if (async != null) {
                async.setTimeout(NO_TIMEOUT_OF_THE_SERVER);
                async.addListener(this);
            }
        }

        /** Reads on behind what is here. */
        void read(byte[] here) throws IOException {
            if (here.length > 0 && !ticket.grow(here.length)) {
                body(new GivenUp(Reason.NO_ROOM));
            } else {
                bodies.readAsync(sent.request(), here, own, ticket::grow, this::body);
            }
        }

        void answerHere(byte[] body) {
            try {
                if (!ticket.grow(body.length)) {
                    throw refusals.noRoom(ticket.last());
                }
                Optional<Taken> taken = take(body);
                if (taken.isPresent()) {
                    taken.get().answers().await(settings.answerTimeout());
                    answer(taken.get());
                }
            } catch (RefusedRequest refused) {
                end(refused);
            } catch (RuntimeException | Error bug) {
                endBroken(bug);
            }
        }

        /** Events that were handed over at a moment of elapsed time. */
        private record Taken(PendingAnswers answers, List<Slice> items, long start) {}

        void body(Outcome outcome) {
            try {
                switch (outcome) {
                    case Whole whole ->
                        take(bodyEvents.expanded(sent.coding(), whole.bytes(), own.bytes(), ticket))
                                .ifPresent(this::answerWhenComplete);
                    case GivenUp(Reason reason)
                    when reason == Reason.TOO_SLOW || reason == Reason.BROKEN_OFF ->
                        end(refusals.of(
                                reason,
                                ticket.last(),
                                own.bytes())); // in this thread, or the server answers with an error of its own
                    case GivenUp(Reason reason) -> throw refusals.of(reason, ticket.last(), own.bytes());
                }
            } catch (RefusedRequest refused) {
                answering.execute(() -> end(refused));
            } catch (RuntimeException | Error bug) {
                try {
                    answering.execute(() -> endBroken(bug));
                } finally {
                    ticket.leave(); // also when there is no memory for a thread
                }
            }
        }

        /** Empty if there is nothing to wait for. */
        private Optional<Taken> take(byte[] body) {
            if (!ticket.enter()) {
                throw refusals.noRoom(ticket.last());
            }
            byte[] events = sent.form() == RequestForm.BINARY ? BinaryMode.asStructured(sent.request(), body) : body;
            List<Slice> items = bodyEvents.cut(sent.form(), events);
            if (sent.onlyAsks()) {
                JsonAnswer answer = answers.toCheck(intakes.usage().check(sent.sender(), events, items), items);
                endBy(answer);
                return Optional.empty();
            }
            long start = System.nanoTime(); // elapsed time, for the metric
            rates.charge(sent.sender(), items.size());
            PendingAnswers pending = intakes.of(sent).take(sent.sender(), sent.origin(), events, items);
            return Optional.of(new Taken(pending, items, start));
        }

        private void endBy(JsonAnswer answer) {
            if (async == null) {
                end(answer);
            } else {
                answering.execute(() -> end(answer));
            }
        }

        private void answerWhenComplete(Taken taken) {
            Runnable answer = () -> answering.execute(() -> answer(taken));
            Future<?> timeout = bodies.after(settings.answerTimeout(), answer);
            taken.answers().whenComplete(() -> {
                timeout.cancel(false);
                answer.run();
            });
        }

        void readLines() throws IOException {
            Origin origin = sent.origin();
            LineIntake lines = new LineIntake(
                    (body, items) -> {
                        rates.charge(sent.sender(), items.size());
                        return intakes.of(sent).take(sent.sender(), origin, body, items);
                    },
                    ticket,
                    settings.maxBatchEvents(),
                    mostBytesOf(sent.sender()),
                    answering);
            BodyStream stream = bodies.stream(sent.request(), lines);
            lines.tell(stream::resume, stop -> {
                stream.stop();
                if (stop == Stop.TOO_SLOW || stop == Stop.BROKEN_OFF) {
                    answer(lines, stop, System.nanoTime()); // in this thread, or the server answers with an error
                } else {
                    answerWhenSettled(lines, stop);
                }
            });
            stream.begin(own.within());
        }

        private void answerWhenSettled(LineIntake lines, Stop stop) {
            long start = System.nanoTime(); // elapsed time, for the metric
            Runnable answer = () -> answering.execute(() -> answer(lines, stop, start));
            Future<?> timeout = bodies.after(settings.answerTimeout(), answer);
            lines.whenSettled(() -> {
                timeout.cancel(false);
                answer.run();
            });
        }

        private void answer(LineIntake lines, Stop stop, long start) {
            try {
                List<ItemAnswer> now = lines.now();
                List<Slice> items = lines.items();
                Optional<RefusedRequest> refused = refusal(stop);
                if (refused.isEmpty()) {
                    end(answers.toMany(now, items, preferences), now, start);
                } else if (now.isEmpty()) {
                    end(refused.get());
                } else if (end(answers.toPart(refused.get(), now, items, preferences), now, start)) {
                    metrics.requestRefused(refused.get().code());
                    NotAcceptedLog.request(refused.get());
                }
            } catch (RuntimeException | Error bug) {
                endBroken(bug);
            }
        }

        /** Why no more was read; empty if the answers say it themselves. */
        private Optional<RefusedRequest> refusal(Stop stop) {
            return switch (stop) {
                case WHOLE, UNCONFIRMED -> Optional.empty();
                case TOO_MANY -> Optional.of(refusals.tooMany());
                case TOO_LARGE ->
                    Optional.of(refusals.tooLarge(sent.sender().limits().bodyBytes()));
                case NO_ROOM -> Optional.of(refusals.of(Reason.NO_ROOM, ticket.last(), own.bytes()));
                case TOO_SLOW -> Optional.of(refusals.of(Reason.TOO_SLOW, ticket.last(), own.bytes()));
                case BROKEN_OFF -> Optional.of(refusals.of(Reason.BROKEN_OFF, ticket.last(), own.bytes()));
            };
        }

        private void answer(Taken taken) {
            try {
                List<ItemAnswer> now = taken.answers().now();
                boolean single = sent.form().single();
                end(
                        single ? answers.toOne(now.get(0)) : answers.toMany(now, taken.items(), preferences),
                        now,
                        taken.start());
            } catch (RuntimeException | Error bug) {
                // the server has no time-out of its own here: without an answer the request would stay for ever
                endBroken(bug);
            }
        }

        private void end(RefusedRequest refused) {
            if (over.compareAndSet(false, true)) {
                NotAcceptedLog.request(refused);
                try {
                    refuse(refused, response);
                } catch (IOException | RuntimeException gone) {
                    log.atDebug().setCause(gone).log("the client is gone");
                } finally {
                    leave();
                }
            }
        }

        private boolean end(JsonAnswer answer, List<ItemAnswer> items, long start) {
            boolean ended = end(answer);
            if (ended) {
                metrics.answered(sent.sender().name(), items, Duration.ofNanos(System.nanoTime() - start));
                rates.giveBack(sent.sender(), BatchResult.of(items).unavailable());
                NotAcceptedLog.events(sent.sender().name(), items);
            }
            return ended;
        }

        private boolean end(JsonAnswer answer) {
            if (!over.compareAndSet(false, true)) {
                return false;
            }
            try {
                answer.writeTo(response);
            } catch (IOException gone) {
                log.atDebug().setCause(gone).log("the client is gone");
            } finally {
                leave();
            }
            return true;
        }

        private void endBroken(Throwable bug) {
            log.atError().setCause(bug).log("request broken");
            end(new RefusedRequest(
                    HttpStatus.INTERNAL_SERVER_ERROR, Codes.INTERNAL, "this is our mistake; it is logged"));
        }

        private void leave() {
            ticket.leave();
            try {
                if (async != null) {
                    async.complete();
                }
            } catch (IllegalStateException ended) {
                log.atDebug().setCause(ended).log("the server had ended the request");
            }
        }

        @Override
        public void onComplete(AsyncEvent event) {
            ticket.leave();
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            // it has none
        }

        @Override
        public void onError(AsyncEvent event) {
            // the client went away; whoever comes to answer finds that out
            over.set(true);
            ticket.leave();
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // it is not started again
        }
    }
}
