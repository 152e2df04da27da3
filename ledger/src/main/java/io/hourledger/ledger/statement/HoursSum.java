package io.hourledger.ledger.statement;

import io.hourledger.ledger.instance.Account;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * What some hours came to, such as those of a month, and where it is now.
 *
 * @param instance the instance whose hours they are; its id is empty if they are of several instances
 * @param metered sum of what was metered
 * @param credits sum of what recounts took back; zero or less
 * @param accounts every account but {@link Account#CARRIED}
 * @param withheldWrittenOff what of the amount written off was in no record
 */
public record HoursSum(
        BilledInstance instance,
        BigDecimal metered,
        BigDecimal credits,
        Map<Account, BigDecimal> accounts,
        BigDecimal withheldWrittenOff) {

    public HoursSum {
        accounts = Collections.unmodifiableMap(new EnumMap<>(accounts));
    }

    static HoursSum of(ResultSet row, BilledInstance instance) throws SQLException {
        Map<Account, BigDecimal> accounts = new EnumMap<>(Account.class);
        for (Account account : Account.values()) {
            if (account != Account.CARRIED) {
                accounts.put(account, row.getBigDecimal(column(account)));
            }
        }
        return new HoursSum(
                instance,
                row.getBigDecimal("metered"),
                row.getBigDecimal("credits"),
                accounts,
                row.getBigDecimal("withheld_written_off"));
    }

    static String column(Account account) {
        return account.label().replace('-', '_');
    }

    /**
     * @param account not {@link Account#CARRIED}
     */
    public BigDecimal in(Account account) {
        return Objects.requireNonNull(accounts.get(account));
    }

    /**
     * What these hours leave to later records, less what their own records took over from earlier hours. A remainder that was written off when
     * the instance ended is of no hour, and is still in here.
     */
    public BigDecimal carriedOn() {
        return metered.add(credits).subtract(accounts.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add));
    }

    /** Of both together, for several buyers: under the meter of this one. */
    public HoursSum plus(HoursSum other) {
        Map<Account, BigDecimal> sums = new EnumMap<>(accounts);
        other.accounts.forEach((account, amount) -> sums.merge(account, amount, BigDecimal::add));
        return new HoursSum(
                new BilledInstance("", instance.meter(), ""),
                metered.add(other.metered),
                credits.add(other.credits),
                sums,
                withheldWrittenOff.add(other.withheldWrittenOff));
    }
}
