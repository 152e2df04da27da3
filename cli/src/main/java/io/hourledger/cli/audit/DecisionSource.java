package io.hourledger.cli.audit;

import java.util.List;

/**
 * A table that keeps who decided something.
 *
 * @param table with its schema; a database without it has no such decisions
 * @param who the column, or the payload's member, that names the person
 * @param decisions text of a query for {@code at}, {@code who}, {@code why}, {@code what} was decided and {@code about} which thing
 */
record DecisionSource(String table, String who, String decisions) {

    /** All of them. A test holds them against the columns that the schemas have. */
    static final List<DecisionSource> ALL = List.of(
            new DecisionSource(
                    "ledger.event",
                    "payload",
                    """
                    select recorded_at as at, payload ->> 'who' as who, payload ->> 'why' as why, event_type as what,
                           'instance ' || instance_id || coalesce(', record ' || (payload ->> 'meteringSn'), '')
                           || coalesce(', hour ' || (payload ->> 'hour'), '') as about
                      from ledger.event
                     where payload ->> 'who' is not null"""),
            new DecisionSource(
                    "ledger.installation",
                    "decided_by",
                    """
                    select drawn_at as at, decided_by as who, why, 'installation-' || drawn_because as what,
                           'installation ' || id as about
                      from ledger.installation
                     where decided_by is not null"""),
            new DecisionSource(
                    "ledger.api_key",
                    "decided_by",
                    """
                    select created_at as at, decided_by as who, why, 'api-key-created' as what, 'key ' || name as about
                      from ledger.api_key"""),
            new DecisionSource(
                    "ledger.api_key",
                    "revoked_by",
                    """
                    select revoked_at as at, revoked_by as who, revoked_why as why, 'api-key-revoked' as what, 'key ' || name as about
                      from ledger.api_key
                     where revoked_by is not null"""),
            new DecisionSource(
                    "ledger.api_key_secret",
                    "decided_by",
                    """
                    select s.created_at as at, s.decided_by as who, s.why, 'api-key-secret-drawn' as what, 'key ' || k.name as about
                      from ledger.api_key_secret s join ledger.api_key k on k.id = s.key_id"""),
            new DecisionSource(
                    "ledger.dead_letter_decision",
                    "decided_by",
                    """
                    select decided_at as at, decided_by as who, why, 'dead-letter-retried' as what,
                           'instance ' || instance_id || ', event ' || sequence_number || ', reader ' || reader as about
                      from ledger.dead_letter_decision"""),
            new DecisionSource(
                    "aggregator.catalogue",
                    "published_by",
                    """
                    select coalesce(published_at, effective_from, '-infinity') as at, published_by as who, why,
                           'catalogue-published' as what, 'version ' || version as about
                      from aggregator.catalogue"""),
            new DecisionSource(
                    "aggregator.partition_resumption",
                    "decided_by",
                    """
                    select resumed_at as at, decided_by as who, why, 'partition-resumed' as what,
                           'partition ' || partition || ', halted as ' || reason || ', offset ' || from_offset || ' to ' || to_offset as about
                      from aggregator.partition_resumption"""),
            new DecisionSource(
                    "aggregator.log_gap",
                    "decided_by",
                    """
                    select decided_at as at, decided_by as who, why, 'records-skipped' as what,
                           'partition ' || partition || ', offset ' || from_offset || ' to before ' || to_offset as about
                      from aggregator.log_gap"""),
            new DecisionSource(
                    "aggregator.amendment",
                    "decided_by",
                    """
                    select recorded_at as at, decided_by as who, why, 'usage-event-' || kind as what,
                           'instance ' || instance || ', event ' || event_id || ' of ' || source || ', hour ' || hour as about
                      from aggregator.amendment"""),
            new DecisionSource(
                    "aggregator.quarantine_decision",
                    "decided_by",
                    """
                    select decided_at as at, decided_by as who, why, 'quarantined-' || decision as what,
                           'partition ' || partition || ', offset ' || log_offset as about
                      from aggregator.quarantine_decision"""),
            new DecisionSource(
                    "aggregator.usage_write_off",
                    "decided_by",
                    """
                    select decided_at as at, decided_by as who, why, was || '-usage-written-off' as what,
                           'instance ' || instance || ', hour ' || hour || ', revision ' || revision || ', meter ' || meter as about
                      from aggregator.usage_write_off"""),
            new DecisionSource(
                    "ledger.seller_account",
                    "added_by",
                    """
                    select since as at, added_by as who, added_why as why, 'account-added' as what, 'account ' || account as about
                      from ledger.seller_account
                     where added_by is not null"""),
            new DecisionSource(
                    "ledger.removed_seller_account",
                    "removed_by",
                    """
                    select removed_at as at, removed_by as who, why, 'account-removed' as what, 'account ' || account as about
                      from ledger.removed_seller_account"""),
            new DecisionSource(
                    "pusher.account_suspension",
                    "who",
                    """
                    select since as at, who, why, 'account-suspended' as what, 'account ' || account as about
                      from pusher.account_suspension"""),
            new DecisionSource(
                    "pusher.account_suspension",
                    "resumed_by",
                    """
                    select resumed_at as at, resumed_by as who, resumed_why as why, 'account-resumed' as what,
                           'account ' || account as about
                      from pusher.account_suspension
                     where resumed_by is not null"""),
            new DecisionSource(
                    "ledger.seller_account",
                    "live_by",
                    """
                    select live_at as at, live_by as who, live_why as why, 'shadow-ended' as what, 'account ' || account as about
                      from ledger.seller_account
                     where live_by is not null"""),
            new DecisionSource(
                    "pusher.notice_dead_letter",
                    "resent_by",
                    """
                    select resent_at as at, resent_by as who, why, 'notice-resent' as what,
                           'endpoint ' || endpoint || ', notice at ' || position as about
                      from pusher.notice_dead_letter
                     where resent_by is not null"""),
            new DecisionSource(
                    "pusher.deferred_change",
                    "dismissed_by",
                    """
                    select dismissed_at as at, dismissed_by as who, dismissed_because as why, kind || '-dismissed' as what,
                           'instance ' || instance_id || coalesce(', order ' || order_id, '') as about
                      from pusher.deferred_change
                     where dismissed_by is not null"""),
            new DecisionSource(
                    "pusher.dismissed_change",
                    "dismissed_by",
                    """
                    select dismissed_at as at, dismissed_by as who, dismissed_because as why, kind || '-dismissed' as what,
                           'instance ' || instance_id || ', order ' || order_id as about
                      from pusher.dismissed_change"""),
            new DecisionSource(
                    "pusher.named_product",
                    "decided_by",
                    """
                    select decided_at as at, decided_by as who, decided_because as why, 'product-named' as what,
                           'instance ' || instance_id || ', order ' || order_id || ': ' || product_id as about
                      from pusher.named_product"""),
            new DecisionSource(
                    "pusher.package_instance",
                    "decided_by",
                    """
                    select added_at as at, decided_by as who, decided_because as why, 'package-placed' as what,
                           'package ' || package_instance_id || ' at instance ' || instance_id as about
                      from pusher.package_instance
                     where decided_by is not null"""),
            new DecisionSource(
                    "pusher.push_suspension",
                    "who",
                    """
                    select since as at, who, why, 'pushing-suspended' as what, 'suspension ' || id as about
                      from pusher.push_suspension"""),
            new DecisionSource(
                    "pusher.push_suspension",
                    "resumed_by",
                    """
                    select resumed_at as at, resumed_by as who, resumed_why as why, 'pushing-resumed' as what, 'suspension ' || id as about
                      from pusher.push_suspension
                     where resumed_by is not null"""),
            new DecisionSource(
                    "pusher.sent_by_lost_database",
                    "decided_by",
                    """
                    select decided_at as at, decided_by as who, decided_why as why, 'sent-before-restore-' || decision as what,
                           'record ' || metering_sn as about
                      from pusher.sent_by_lost_database
                     where decided_by is not null"""),
            new DecisionSource(
                    "pusher.unsent_after_restore",
                    "decided_by",
                    """
                    select decided_at as at, decided_by as who, decided_why as why, 'unsent-before-restore-' || decision as what,
                           'record ' || metering_sn as about
                      from pusher.unsent_after_restore"""),
            new DecisionSource(
                    "pusher.marketplace_file",
                    "who",
                    """
                    select imported_at as at, who, why, kind || '-file-imported' as what,
                           'file ' || id || coalesce(' of ' || to_char(month, 'YYYY-MM'), '') as about
                      from pusher.marketplace_file"""),
            new DecisionSource(
                    "pusher.marketplace_file",
                    "accepted_by",
                    """
                    select accepted_at as at, accepted_by as who, accepted_why as why, kind || '-file-accepted' as what,
                           'file ' || id || coalesce(' of ' || to_char(month, 'YYYY-MM'), '') as about
                      from pusher.marketplace_file
                     where accepted_by is not null"""));
}
