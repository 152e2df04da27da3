package io.hourledger.pusher.files;

import io.hourledger.contracts.instance.DecidedBy;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which files of the seller console were compared with the ledger, by whom, and what was left for a person. */
public final class ImportedFiles {

    private static final String ADD =
            """
            insert into pusher.marketplace_file
                (kind, digest, month, account, listed, same, decided, differing, amount_difference, imported_at, who, why)
            values (:kind, decode(:digest, 'hex'), :month, :account, :listed, :same, :decided, :differing, :difference, :at, :who,
                :why)""";

    private static final String ACCEPT =
            """
            update pusher.marketplace_file
               set accepted_at = :at, accepted_by = :who, accepted_why = :why
             where encode(digest, 'hex') = :digest and differing > 0 and accepted_at is null""";

    private static final String NEWEST =
            """
            select kind, encode(digest, 'hex') as digest, month, account, listed, same, decided, differing, amount_difference,
                   imported_at, who, why
              from pusher.marketplace_file order by id desc limit :most""";

    private final JdbcClient jdbc;

    public ImportedFiles(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * One comparison.
     *
     * @param digest SHA-256 of the file's bytes, in hexadecimal digits
     * @param month of a bill; null for other files
     * @param account the seller account of a bill; null for other files, and if there was one account alone
     * @param tally what its rows came to
     * @param at business time
     */
    public record ImportedFile(
            String kind,
            String digest,
            @Nullable YearMonth month,
            @Nullable String account,
            Tally tally,
            DecidedBy by,
            Instant at) {}

    /**
     * What the rows of a file came to.
     *
     * @param listed rows of the file
     * @param same of which the ledger says the same
     * @param decided of which the ledger was told now
     * @param differing findings that a person must look at, of the ledger's records that the file lacks, too
     * @param difference what the file's amounts of those are above the ledger's
     */
    public record Tally(long listed, long same, long decided, long differing, BigDecimal difference) {}

    public void add(ImportedFile file) {
        YearMonth month = file.month();
        jdbc.sql(ADD)
                .param("kind", file.kind())
                .param("digest", file.digest())
                .param("month", month == null ? null : month.atDay(1))
                .param("account", file.account())
                .param("listed", file.tally().listed())
                .param("same", file.tally().same())
                .param("decided", file.tally().decided())
                .param("differing", file.tally().differing())
                .param("difference", file.tally().difference())
                .param("at", file.at().atOffset(ZoneOffset.UTC))
                .param("who", file.by().who())
                .param("why", file.by().why())
                .update();
    }

    /**
     * Takes what differs in a file as it is.
     *
     * @return whether there is such a file with something open
     */
    public boolean accept(String digest, DecidedBy by, Instant at) {
        return jdbc.sql(ACCEPT)
                        .param("at", at.atOffset(ZoneOffset.UTC))
                        .param("who", by.who())
                        .param("why", by.why())
                        .param("digest", digest)
                        .update()
                > 0;
    }

    /** The newest first. */
    public List<ImportedFile> newest(int most) {
        return jdbc.sql(NEWEST)
                .param("most", most)
                .query((row, n) -> new ImportedFile(
                        row.getString("kind"),
                        row.getString("digest"),
                        Optional.ofNullable(row.getObject("month", LocalDate.class))
                                .map(YearMonth::from)
                                .orElse(null),
                        row.getString("account"),
                        new Tally(
                                row.getLong("listed"),
                                row.getLong("same"),
                                row.getLong("decided"),
                                row.getLong("differing"),
                                row.getBigDecimal("amount_difference")),
                        new DecidedBy(row.getString("who"), row.getString("why")),
                        row.getObject("imported_at", OffsetDateTime.class).toInstant()))
                .list();
    }
}
