package io.hourledger.console.layout;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The address of a page with its parameters, encoded. Immutable. */
public final class PageQuery {

    private final String path;
    private final List<Parameter> parameters;

    private record Parameter(String name, String value) {}

    private PageQuery(String path, List<Parameter> parameters) {
        this.path = path;
        this.parameters = List.copyOf(parameters);
    }

    /**
     * @param path such as {@code /finance}
     */
    public static PageQuery of(String path) {
        return new PageQuery(path, List.of());
    }

    /** With this parameter in place of all of its name; without it if the value is null or blank. */
    public PageQuery with(String name, @Nullable Object value) {
        List<Parameter> others = new ArrayList<>(parameters);
        others.removeIf(parameter -> parameter.name.equals(name));
        return new PageQuery(path, others).and(name, value);
    }

    /** With these values of a parameter, in order, in place of all of its name. */
    public PageQuery withAll(String name, List<String> values) {
        PageQuery query = with(name, null);
        for (String value : values) {
            query = query.and(name, value);
        }
        return query;
    }

    /** With one more value of a parameter that may have several. */
    private PageQuery and(String name, @Nullable Object value) {
        String text = value == null ? "" : text(value);
        if (text.isBlank()) {
            return this;
        }
        List<Parameter> more = new ArrayList<>(parameters);
        more.add(new Parameter(name, text));
        return new PageQuery(path, more);
    }

    private static String text(Object value) {
        return value instanceof Enum<?> constant ? constant.name().toLowerCase(Locale.ROOT) : value.toString();
    }

    @Override
    public String toString() {
        return parameters.isEmpty()
                ? path
                : path + "?"
                        + parameters.stream()
                                .map(parameter -> parameter.name + "=" + URLEncoder.encode(parameter.value, UTF_8))
                                .collect(Collectors.joining("&"));
    }
}
