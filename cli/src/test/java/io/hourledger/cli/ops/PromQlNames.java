package io.hourledger.cli.ops;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The names in a PromQL query: enough of the language to find them, since promtool checks its grammar. */
public final class PromQlNames {

    private static final Pattern STRING = Pattern.compile("\"[^\"]*\"|'[^']*'");
    private static final Pattern MATCHERS = Pattern.compile("\\{[^}]*}");
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without|on|ignoring)\\s*\\(([^)]*)\\)");
    private static final Pattern BY = Pattern.compile("\\bby\\s*\\(([^)]*)\\)");
    private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");
    private static final Pattern NAME = Pattern.compile("(?<![\\w:.])[a-zA-Z_:][\\w:]*+(?!\\s*\\()");
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_]\\w*(?=\\s*(?:=|!|,|$))");
    private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "by", "on", "offset");

    /** Of Prometheus itself. */
    private static final Set<String> PROMETHEUS = Set.of("up", "ALERTS");

    private PromQlNames() {}

    /** The metrics that a query asks for, without Prometheus's own. */
    public static Set<String> metrics(String query) {
        String bare = STRING.matcher(query).replaceAll("");
        for (Pattern left : new Pattern[] {MATCHERS, GROUPING, RANGE}) {
            bare = left.matcher(bare).replaceAll(" ");
        }
        return NAME.matcher(bare)
                .results()
                .map(MatchResult::group)
                .filter(name -> !WORDS.contains(name) && !PROMETHEUS.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The labels that a query asks for or groups by. */
    public static Set<String> labels(String query) {
        String bare = STRING.matcher(query).replaceAll("");
        Set<String> labels = new TreeSet<>();
        GROUPING.matcher(bare).results().forEach(found -> addLabels(labels, found.group(1)));
        MATCHERS.matcher(bare)
                .results()
                .forEach(found ->
                        addLabels(labels, found.group().replace("{", "").replace("}", "")));
        return labels;
    }

    /** The labels that a query groups by. */
    static Set<String> groupedBy(String query) {
        Set<String> labels = new TreeSet<>();
        BY.matcher(query).results().forEach(found -> addLabels(labels, found.group(1)));
        return labels;
    }

    private static void addLabels(Set<String> labels, String list) {
        LABEL.matcher(list.strip()).results().forEach(label -> labels.add(label.group()));
    }
}
