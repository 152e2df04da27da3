package io.hourledger.pusher.push;

import io.hourledger.pusher.push.SentCallJournal.SuspensionDecision;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Stops pushing until a person lifts it. A suspension of all accounts says that the database may know less than the marketplace; at most one is
 * open, and it ends by reconciling. A suspension of one account is a person's word, and says nothing of the database. The journal has a
 * person's word too, so it outlives a database that goes back.
 */
final class PushSuspension {

    private static final String ITSELF = "gallery-pusher";

    private static final String SUSPEND =
            "insert into pusher.push_suspension (who, why) values (:who, :why) on conflict ((true)) where resumed_at is null do nothing";

    private static final String NOT_JOURNALED =
            """
            select id, 'SUSPENDED' as verb, who, why, since as at from pusher.account_suspension
             where account = :account and journaled_at is null
            union all
            select id, 'RESUMED', resumed_by, resumed_why, resumed_at from pusher.account_suspension
             where account = :account and resumed_at is not null and resumption_journaled_at is null
             order by at, verb desc""";

    private static final String IS_JOURNALED =
            """
            update pusher.account_suspension
               set journaled_at = coalesce(journaled_at, clock_timestamp()),
                   resumption_journaled_at = case when :resumed then clock_timestamp() else resumption_journaled_at end
             where id = :id""";

    /** Of one account at most one stands; a person has suspended it anew since then. */
    private static final String ENTER_SUSPENDED =
            """
            insert into pusher.account_suspension (id, account, since, who, why, journaled_at,
                                                   resumed_at, resumed_by, resumed_why, resumption_journaled_at)
            select :id, :account, :at, :who, :why, clock_timestamp(),
                   case when stands then clock_timestamp() end, case when stands then :itself end,
                   case when stands then 'a later suspension of this account stands' end,
                   case when stands then clock_timestamp() end
              from (select exists (select from pusher.account_suspension
                                    where account = :account and resumed_at is null) as stands) as other
            on conflict (id) do nothing""";

    private static final String ENTER_RESUMED =
            """
            update pusher.account_suspension
               set resumed_at = :at, resumed_by = :who, resumed_why = :why, resumption_journaled_at = clock_timestamp()
             where id = :id and account = :account and resumed_at is null""";

    private final JdbcClient jdbc;

    PushSuspension(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Suspends all accounts, unless they are suspended already. QueueWatch says so, as of every suspension. */
    void suspend(String why) {
        jdbc.sql(SUSPEND).param("who", ITSELF).param("why", why).update();
    }

    /** The suspension of all accounts that is not lifted. */
    OptionalLong open() {
        return jdbc.sql("select id from pusher.push_suspension where resumed_at is null")
                .query(Long.class)
                .optional()
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    /** Who has suspended an account alone, and why; empty if nobody has. */
    Optional<String> ofAccount(String account) {
        return jdbc.sql(
                        """
                        select who || ': ' || why from pusher.account_suspension
                         where account = :account and resumed_at is null""")
                .param("account", account)
                .query(String.class)
                .optional();
    }

    /** What a person decided of an account and the journal does not have, the oldest first. */
    List<SuspensionDecision> notJournaled(String account) {
        return jdbc.sql(NOT_JOURNALED)
                .param("account", account)
                .query((row, n) -> new SuspensionDecision(
                        account,
                        Objects.requireNonNull(row.getObject("id", UUID.class)),
                        SuspensionDecision.Verb.valueOf(row.getString("verb")),
                        row.getString("who"),
                        row.getString("why"),
                        row.getObject("at", OffsetDateTime.class).toInstant()))
                .list();
    }

    /** The journal has it. */
    void journaled(SuspensionDecision decision) {
        jdbc.sql(IS_JOURNALED)
                .param("id", decision.suspension())
                .param("resumed", decision.verb() == SuspensionDecision.Verb.RESUMED)
                .update();
    }

    /** Enters what the journal has, in the words of the person who decided it. False if the database knew it. */
    boolean enter(SuspensionDecision decision) {
        JdbcClient.StatementSpec entry =
                switch (decision.verb()) {
                    case SUSPENDED -> jdbc.sql(ENTER_SUSPENDED).param("itself", ITSELF);
                    case RESUMED -> jdbc.sql(ENTER_RESUMED);
                };
        return entry.param("id", decision.suspension())
                        .param("account", decision.account())
                        .param("at", decision.at().atOffset(ZoneOffset.UTC))
                        .param("who", decision.who())
                        .param("why", decision.why())
                        .update()
                == 1;
    }
}
