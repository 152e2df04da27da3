package io.hourledger.ledger.installation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides from what a database says of itself, and what the journal says of its installation, what the database is. The journal must have been
 * read before the database: then whoever has drawn on the same database in between is seen there.
 */
final class IncarnationRules {

    private IncarnationRules() {}

    /** What follows. */
    sealed interface Decision {

        /** The database draws a new incarnation. */
        record DrawAnew(DrawReason reason, long number) implements Decision {}

        /** What it has drawn must be journaled: it never was, or the journal has lost that one entry with a power cut. */
        record JournalDraw(Draw draw) implements Decision {}

        /** Nothing is to be done. */
        record Stay(IncarnationStatus status) implements Decision {}
    }

    /**
     * @param all the incarnations of this installation, in their order
     */
    static Decision decide(InstallationRow row, List<Incarnation> all) {
        Incarnation newest = all.isEmpty() ? null : all.getLast();
        Draw own = row.draw();
        if (own == null) {
            return anew(newest == null ? DrawReason.FIRST : DrawReason.RESTORED, row, newest);
        }
        if (newest != null && newest.draw().equals(own.id())) {
            return ofNewest(row, own, newest);
        }
        boolean isJournaled = all.stream().anyMatch(one -> one.draw().equals(own.id()));
        if (newest != null && (isJournaled || newest.number() >= own.number())) {
            return ofOlder(row, own, isJournaled, all);
        }
        return !own.journaled() || (newest != null && newest.draw().equals(own.previous()))
                ? new Decision.JournalDraw(own)
                : new Decision.Stay(new IncarnationStatus.JournalLost(own.number()));
    }

    /** The server is the one that drew it, or another life of that server, or a copy of it: a copy gets an incarnation of its own. */
    private static Decision ofNewest(InstallationRow row, Draw own, Incarnation newest) {
        if (isPromoted(row, own)) {
            return anew(DrawReason.PROMOTED, row, newest);
        }
        return row.server().equals(own.server())
                ? new Decision.Stay(new IncarnationStatus.InForce(own.number()))
                : anew(DrawReason.RESTARTED, row, newest);
    }

    /**
     * Another database was faster. Only a restore, a person or a promotion may come after it, and a promotion only after mere starts of the server
     * that the standby had not heard of. An old primary must not, not even if it was given a timeline of its own since.
     *
     * @param isJournaled whether this database's own incarnation was in force once
     */
    private static Decision ofOlder(InstallationRow row, Draw own, boolean isJournaled, List<Incarnation> all) {
        Incarnation newest = all.getLast();
        if (isPromoted(row, own) && onlyStartedSince(own, all)) {
            return anew(DrawReason.PROMOTED, row, newest);
        }
        boolean deposes =
                switch (own.reason()) {
                    case PROMOTED -> onlyStartedSince(own, all);
                    case RESTORED, PERSON -> true;
                    case FIRST, RESTARTED -> false;
                };
        return !isJournaled && deposes
                ? anew(own.reason(), row, newest)
                : new Decision.Stay(new IncarnationStatus.Superseded(own.number(), newest));
    }

    /** Whether nobody was promoted or restored since, and no person has decided. */
    private static boolean onlyStartedSince(Draw own, List<Incarnation> all) {
        return all.stream()
                .filter(one -> one.number() >= own.number() && !one.draw().equals(own.id()))
                .allMatch(one -> one.reason() == DrawReason.RESTARTED);
    }

    private static boolean isPromoted(InstallationRow row, Draw own) {
        return !row.server().isOnTimelineOf(own.server());
    }

    static Decision.DrawAnew anew(DrawReason reason, InstallationRow row, @Nullable Incarnation newest) {
        return new Decision.DrawAnew(reason, Math.max(row.number(), newest == null ? 0 : newest.number()) + 1);
    }
}
