package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The configuration table is held against the settings records of all services: names and defaults. */
@Tag("fast")
class ConfigurationTableTest {

    static final Path TABLE = Repository.root().resolve("docs/configuration.md");

    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([^|]+) \\| ([^|]+) \\| (.+) \\|");

    @Test
    void every_setting_stands_in_the_table_with_its_default() throws Exception {
        assertThat(inTheTable()).isEqualTo(inTheCode());
    }

    @Test
    void every_setting_has_a_meaning() throws Exception {
        for (String line : Files.readAllLines(TABLE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                assertThat(row.group(4)).as(row.group(1)).isNotBlank();
            }
        }
    }

    /** A setting that is not on the list stops every start. */
    @Test
    void the_services_know_every_setting_of_the_table_and_no_other() throws Exception {
        List<String> known = Files.readAllLines(
                        Repository.root().resolve("service/src/main/resources/io/hourledger/service/settings.txt"))
                .stream()
                .filter(line -> line.startsWith("hourledger"))
                .map(line -> line.split(" ", -1)[0])
                .toList();
        assertThat(known).containsExactlyInAnyOrderElementsOf(inTheTable().keySet());
    }

    /** Names of all settings, as a person writes them. */
    static Map<String, String> inTheCode() throws ClassNotFoundException {
        Map<String, Set<String>> defaults = new TreeMap<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.hourledger")) {
            if (type.isAnnotatedWith(ConfigurationProperties.class)) {
                Class<?> record = Class.forName(type.getName());
                collect(
                        record,
                        record.getAnnotation(ConfigurationProperties.class).value(),
                        defaults);
            }
        }
        Map<String, String> written = new TreeMap<>();
        defaults.forEach((name, values) -> written.put(name, String.join(" / ", values)));
        return written;
    }

    private static void collect(Class<?> record, String prefix, Map<String, Set<String>> defaults) {
        assertThat(record.isRecord()).as("settings are records: " + record).isTrue();
        for (RecordComponent component : record.getRecordComponents()) {
            String name = prefix + "." + kebab(component.getName());
            Class<?> element = elementOf(component.getGenericType());
            boolean list = component.getType() == List.class;
            if (element.isRecord()) {
                collect(element, list ? name + "[]" : name, defaults);
            } else {
                String suffix = list ? "[]" : component.getType() == Map.class ? ".*" : "";
                defaults.computeIfAbsent(name + suffix, any -> new TreeSet<>()).add(defaultOf(record, component));
            }
        }
    }

    private static Class<?> elementOf(Type type) {
        if (type instanceof ParameterizedType parameterized) {
            Type[] arguments = parameterized.getActualTypeArguments();
            return (Class<?>) arguments[arguments.length - 1];
        }
        return (Class<?>) type;
    }

    private static String defaultOf(Class<?> record, RecordComponent component) {
        RecordComponent[] components = record.getRecordComponents();
        for (int i = 0; i < components.length; i++) {
            if (components[i].getName().equals(component.getName())) {
                DefaultValue value =
                        record.getDeclaredConstructors()[0].getParameters()[i].getAnnotation(DefaultValue.class);
                return value == null || value.value().length == 0 ? "–" : "`" + String.join(",", value.value()) + "`";
            }
        }
        throw new AssertionError(component);
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static Map<String, String> inTheTable() throws IOException {
        Map<String, String> rows = new TreeMap<>();
        for (String line : Files.readAllLines(TABLE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                assertThat(rows.put(row.group(1), row.group(3).strip()))
                        .as("twice: " + row.group(1))
                        .isNull();
            }
        }
        return rows;
    }
}
