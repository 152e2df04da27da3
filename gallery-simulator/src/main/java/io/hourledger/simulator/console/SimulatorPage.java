package io.hourledger.simulator.console;

import io.hourledger.simulator.fault.Fault;
import io.hourledger.simulator.fault.Faults;
import io.hourledger.simulator.settings.SimulatorSettings;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** The simulator at a glance, for people: one page without a script or anything from elsewhere. */
@RestController
final class SimulatorPage {

    private static final int MOST_RECORDS = 200;
    private static final int MOST_FAULTS = 200;

    private static final String RECORDS =
            """
            select to_char(r.received_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as received,
                   coalesce(i.buyer_id, '') as buyer, coalesce(i.product_id, '') as product, r.instance_id,
                   coalesce(to_char(r.begin_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), '') as "begin",
                   coalesce(to_char(r.end_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), '') as "end",
                   coalesce(r.usage_value, '') as usage_value, coalesce(r.metering_sn, '') as metering_sn,
                   case when r.state <> 'ACCEPTED' then 'rejected'
                        when r.rejected_later_at <= :now then 'rejected later'
                        else 'accepted' end as state,
                   coalesce(r.code, '') as code
              from gallery.usage_record r
              left join gallery.instance i using (instance_id)
             order by r.record_id desc limit :most""";

    private static final String STYLE =
            "body{font-family:sans-serif;margin:1.5em}table{border-collapse:collapse;margin:.5em 0 1.5em}"
                    + "td,th{border:1px solid #bbb;padding:.2em .6em;text-align:left}";

    private final JdbcClient database;
    private final Statistics statistics;
    private final Faults faults;
    private final SimulatorSettings settings;
    private final Clock business;

    SimulatorPage(
            JdbcClient database, Statistics statistics, Faults faults, SimulatorSettings settings, Clock business) {
        this.database = database;
        this.statistics = statistics;
        this.faults = faults;
        this.settings = settings;
        this.business = business;
    }

    @GetMapping(path = "/sim/page", produces = MediaType.TEXT_HTML_VALUE + ";charset=UTF-8")
    String page() {
        Statistics.Figures figures = statistics.figures();
        StringBuilder html = new StringBuilder("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<title>KooGallery simulator</title><style>")
                .append(STYLE)
                .append("</style></head><body><h1>KooGallery simulator</h1>");
        table(
                html,
                "Seller account",
                List.of("access key", "business time"),
                List.of(List.of(settings.accessKey(), business.instant().toString())));
        table(html, "What must be 0", List.of("what", "count"), violations(figures));
        table(html, "Usage records", List.of("state", "records"), records(figures));
        table(
                html,
                "Calls by code",
                List.of("code", "calls"),
                rows(figures.calls().byCode()));
        table(
                html,
                "Calls by status",
                List.of("status", "calls"),
                rows(figures.calls().byStatus()));
        table(html, "Switches thrown", List.of("kind", "on", "hits", "may still hit"), switches());
        table(
                html,
                "Newest usage records, " + MOST_RECORDS + " at most",
                List.of(
                        "received",
                        "buyer",
                        "product",
                        "instance",
                        "begin",
                        "end",
                        "amount",
                        "metering_sn",
                        "state",
                        "code"),
                newestRecords());
        return html.append("</body></html>").toString();
    }

    private static List<List<String>> violations(Statistics.Figures figures) {
        Statistics.Duplicates twice = figures.records().duplicates();
        return List.of(
                row(
                        "calls above the ceiling of " + figures.rate().callsPerSecond() + " a second",
                        figures.rate().violations()),
                row("calls before a Retry-After was over", figures.rate().retryAfterViolations()),
                row("records for a window that has one", twice.sameWindow()),
                row("records with a metering_sn that says something else", twice.sameMeteringSn()));
    }

    private static List<List<String>> records(Statistics.Figures figures) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("stored", figures.records().stored()));
        rows.add(row("accepted when they came", figures.records().accepted()));
        rows.add(row("rejected later", figures.records().rejectedLater()));
        rows.add(row(
                "seen twice, the same in every field",
                figures.records().duplicates().identical()));
        rows.add(row("accepted by minute 15", figures.timeliness().acceptedByMinute15()));
        figures.records().rejected().forEach((code, records) -> rows.add(row("rejected as " + code, records)));
        return rows;
    }

    private List<List<String>> switches() {
        List<Fault> all = faults.all();
        return all.subList(Math.max(0, all.size() - MOST_FAULTS), all.size()).stream()
                .map(fault -> List.of(
                        fault.kind().word(),
                        fault.active() ? "yes" : "no",
                        Long.toString(fault.hits().done()),
                        Long.toString(fault.remaining())))
                .toList();
    }

    private List<List<String>> newestRecords() {
        return database.sql(RECORDS)
                .param("now", business.instant().atOffset(ZoneOffset.UTC))
                .param("most", MOST_RECORDS)
                .query((row, number) -> {
                    List<String> cells = new ArrayList<>();
                    for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
                        cells.add(row.getString(column));
                    }
                    return cells;
                })
                .list();
    }

    private static List<List<String>> rows(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .map(count -> row(count.getKey(), count.getValue()))
                .toList();
    }

    private static List<String> row(String what, long count) {
        return List.of(what, Long.toString(count));
    }

    private static void table(StringBuilder html, String title, List<String> head, List<List<String>> rows) {
        html.append("<h2>").append(HtmlUtils.htmlEscape(title)).append("</h2><table><tr>");
        head.forEach(
                cell -> html.append("<th>").append(HtmlUtils.htmlEscape(cell)).append("</th>"));
        html.append("</tr>");
        for (List<String> row : rows) {
            html.append("<tr>");
            row.forEach(cell ->
                    html.append("<td>").append(HtmlUtils.htmlEscape(cell)).append("</td>"));
            html.append("</tr>\n");
        }
        html.append("</table>");
    }
}
