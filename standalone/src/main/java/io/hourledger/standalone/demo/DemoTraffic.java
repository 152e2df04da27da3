package io.hourledger.standalone.demo;

import io.hourledger.standalone.traffic.Survey;
import io.hourledger.standalone.traffic.Traffic;
import java.io.IOException;

/** The traffic of a demo, before anything is started. */
final class DemoTraffic {

    /** So many lines are shown with their reason when all were refused. */
    private static final int REASONS_SHOWN = 5;

    private DemoTraffic() {}

    /**
     * Reads the traffic before anything is started.
     *
     * @throws IOException if it cannot be read, or there is no request in it, with the reasons
     */
    static Survey survey(Traffic traffic) throws IOException {
        Survey survey = Survey.of(traffic);
        if (survey.isEmpty()) {
            throw new IOException(noRequestIn(traffic, survey));
        }
        return survey;
    }

    private static String noRequestIn(Traffic traffic, Survey survey) {
        StringBuilder sentence =
                new StringBuilder("there is no request in " + traffic.description() + ", and none was billed");
        survey.malformed().stream().limit(REASONS_SHOWN).forEach(bad -> sentence.append("\n  line ")
                .append(bad.number())
                .append(": ")
                .append(bad.why()));
        if (survey.malformedLines() > REASONS_SHOWN) {
            sentence.append("\n  and ")
                    .append(survey.malformedLines() - REASONS_SHOWN)
                    .append(" lines more");
        }
        return sentence.append("\nIf the log has another format, name it with --log-format.")
                .toString();
    }
}
