package io.hourledger.simulator.console;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.JdbcUtils;
import org.springframework.stereotype.Component;

/** CSV of what the gallery holds, row by row from a cursor, in an order that is the same in every run. Times are ISO 8601 UTC. */
@Component
final class Exports {

    private static final String TIME = "to_char(%s at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";

    private static final String RECORDS =
            """
            select r.instance_id, coalesce(i.buyer_id, '') as buyer, coalesce(i.product_id, '') as product,
                   coalesce(%s, r.as_sent ->> 'begin_time') as "begin",
                   coalesce(%s, r.as_sent ->> 'end_time') as "end",
                   r.usage_value, coalesce(r.metering_sn, '') as metering_sn, %s as received_at,
                   shown.state, coalesce(case when shown.state = 'rejected' then r.code end, '') as code
              from gallery.usage_record r
              left join gallery.instance i using (instance_id),
                   lateral (select case when r.state = 'ACCEPTED' and (r.rejected_later_at is null or r.rejected_later_at > ?)
                                        then 'accepted' else 'rejected' end as state) shown
             where ? is null or shown.state = ?
             order by i.buyer_id collate "C", i.product_id collate "C", r.begin_at, r.end_at, r.record_id"""
                    .formatted(time("r.begin_at"), time("r.end_at"), time("r.received_at"));

    private static final String BILL =
            """
            select r.instance_id, i.buyer_id as buyer, i.product_id as product, %s as hour, count(*) as records,
                   sum(r.amount) as usage_value
              from gallery.usage_record r
              join gallery.instance i using (instance_id)
             where r.state = 'ACCEPTED' and (r.rejected_later_at is null or r.rejected_later_at > ?) and not i.test
             group by r.instance_id, i.buyer_id, i.product_id, date_trunc('hour', r.begin_at, 'UTC')
             order by i.buyer_id collate "C", i.product_id collate "C", date_trunc('hour', r.begin_at, 'UTC'), r.instance_id"""
                    .formatted(time("date_trunc('hour', r.begin_at, 'UTC')"));

    private static final String INSTANCES =
            """
            select i.instance_id, i.buyer_id as buyer, i.product_id as product, i.order_id, i.order_line_id, i.charging_mode,
                   case when i.released_at is not null then 'released'
                        when exists (select 1 from gallery.frozen_span f
                                      where f.instance_id = i.instance_id and f.to_at is null) then 'frozen'
                        else 'active' end as state,
                   i.test, %s as started_at, coalesce(%s, '') as released_at
              from gallery.instance i
             order by i.buyer_id collate "C", i.product_id collate "C", i.instance_id"""
                    .formatted(time("i.started_at"), time("i.released_at"));

    private static final String PACKAGES =
            """
            select i.instance_id as package_instance_id, i.buyer_id as buyer, i.product_id as product,
                   coalesce(i.contained::text, '') as contained, coalesce(r.instance_id, '') as instance_id,
                   count(r.record_id) as records, coalesce(sum(r.amount), 0) as collected,
                   %s as started_at, coalesce(%s, '') as released_at
              from gallery.instance i
              left join gallery.usage_record r
                on r.package_instance_id = i.instance_id and r.state = 'ACCEPTED'
               and (r.rejected_later_at is null or r.rejected_later_at > ?)
             where i.charging_mode = 'ON_DEMAND_PKG' and i.stop_when_used_up
             group by i.instance_id, r.instance_id
             order by i.buyer_id collate "C", i.started_at, i.instance_id, r.instance_id"""
                    .formatted(time("i.started_at"), time("i.released_at"));

    private static final int ROWS_AT_ONCE = 2_000;

    private final DataSource database;
    private final Clock business;

    Exports(DataSource database, Clock business) {
        this.database = database;
        this.business = business;
    }

    private static String time(String expression) {
        return TIME.formatted(expression);
    }

    /** @param state accepted or rejected; null for both */
    void usageRecords(@Nullable String state, Writer csv) throws IOException {
        String wanted = state == null ? null : state.toLowerCase(Locale.ROOT);
        write(RECORDS, csv, statement -> {
            statement.setObject(1, business.instant().atOffset(ZoneOffset.UTC));
            statement.setString(2, wanted);
            statement.setString(3, wanted);
        });
    }

    void bill(Writer csv) throws IOException {
        write(BILL, csv, statement -> statement.setObject(1, business.instant().atOffset(ZoneOffset.UTC)));
    }

    /** What was collected from each stop-when-used-up package, by the pay-per-use instance that used it. */
    void packages(Writer csv) throws IOException {
        write(
                PACKAGES,
                csv,
                statement -> statement.setObject(1, business.instant().atOffset(ZoneOffset.UTC)));
    }

    void instances(Writer csv) throws IOException {
        write(INSTANCES, csv, statement -> {});
    }

    private interface Parameters {
        void set(PreparedStatement statement) throws SQLException;
    }

    /** A cursor needs a transaction of its own. */
    private void write(String sql, Writer csv, Parameters parameters) throws IOException {
        Connection connection = DataSourceUtils.getConnection(database);
        try {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setFetchSize(ROWS_AT_ONCE);
                parameters.set(statement);
                try (ResultSet rows = statement.executeQuery()) {
                    writeRows(rows, csv);
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException failed) {
            throw new UncheckedIOException(new IOException("the export could not be read", failed));
        } finally {
            DataSourceUtils.releaseConnection(connection, database);
        }
        csv.flush();
    }

    private static void writeRows(ResultSet rows, Writer csv) throws SQLException, IOException {
        int columns = rows.getMetaData().getColumnCount();
        for (int column = 1; column <= columns; column++) {
            csv.append(column == 1 ? "" : ",").append(JdbcUtils.lookupColumnName(rows.getMetaData(), column));
        }
        csv.append('\n');
        while (rows.next()) {
            for (int column = 1; column <= columns; column++) {
                String value = rows.getString(column);
                csv.append(column == 1 ? "" : ",").append(quoted(value == null ? "" : value));
            }
            csv.append('\n');
        }
    }

    /** RFC 4180. */
    private static String quoted(String value) {
        boolean needsQuotes = Stream.of(",", "\"", "\n", "\r").anyMatch(value::contains);
        return needsQuotes ? '"' + value.replace("\"", "\"\"") + '"' : value;
    }
}
