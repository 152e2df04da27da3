package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The main code of every module declares no name with an image in it, and no two types of one name. Names are what the compiler's parser
 * reads as declared: packages, types, methods, fields, parameters, variables.
 */
@Tag("fast")
class IdentifierWordsTest {

    /** Words that the glossary replaces by terms of the field, in the forms that names take. */
    private static final Set<String> IMAGES = words(
            """
            house houses housed door doors book books booked lift lifts lifted judge judges judged judging
            pace paces paced hear hears heard kept keeper disturber manners outside
            """);

    /** Names that may have such a word, each with its reason. */
    private static final Map<String, String> ALLOWED = Map.of(
            "reasonOutside", "a preposition: the reason outside the instance's life",
            "OUTSIDE_LIFE", "a preposition, and a reason that events in the ledger have");

    private static final String HUMPS = "_|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])";

    @Test
    void no_name_in_the_main_code_has_an_image_in_it() throws IOException {
        Set<String> images = new TreeSet<>();
        Set<String> allowed = new HashSet<>();
        for (Declared declared : declared()) {
            boolean image = Arrays.stream(declared.name().split(HUMPS))
                    .map(word -> word.toLowerCase(Locale.ROOT))
                    .anyMatch(IMAGES::contains);
            if (image && ALLOWED.containsKey(declared.name())) {
                allowed.add(declared.name());
            } else if (image) {
                images.add(declared.name() + " in " + declared.file());
            }
        }
        assertThat(images).isEmpty();
        assertThat(allowed).as("what is allowed is still needed").isEqualTo(ALLOWED.keySet());
    }

    @Test
    void no_two_types_have_one_name() throws IOException {
        Map<String, List<Path>> filesByType = declared().stream()
                .filter(Declared::topLevelType)
                .collect(Collectors.groupingBy(
                        Declared::name, TreeMap::new, Collectors.mapping(Declared::file, Collectors.toList())));
        assertThat(filesByType).isNotEmpty();
        filesByType.values().removeIf(files -> files.size() == 1);
        assertThat(filesByType).isEmpty();
    }

    private record Declared(String name, boolean topLevelType, Path file) {}

    private static List<Declared> declared() throws IOException {
        Path root = Repository.root();
        List<Declared> declared = new ArrayList<>();
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "tests run on a JDK");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask parser = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources(root)));
            for (CompilationUnitTree unit : parser.parse()) {
                Path file = root.relativize(Path.of(unit.getSourceFile().toUri()));
                new Names(file, unit.getTypeDecls(), declared).scan(unit, null);
            }
        }
        return declared;
    }

    private static List<Path> sources(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .filter(file -> file.toString().endsWith(".java"))
                    .toList();
        }
    }

    private static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+"));
    }

    private static final class Names extends TreeScanner<Void, Void> {

        private final Path file;
        private final List<? extends Tree> topLevel;
        private final List<Declared> declared;

        Names(Path file, List<? extends Tree> topLevel, List<Declared> declared) {
            this.file = file;
            this.topLevel = topLevel;
            this.declared = declared;
        }

        @Override
        public Void visitCompilationUnit(CompilationUnitTree unit, Void none) {
            Path folder = Objects.requireNonNull(file.getParent());
            add(Objects.requireNonNull(folder.getFileName()).toString(), false);
            return super.visitCompilationUnit(unit, none);
        }

        @Override
        public Void visitClass(ClassTree type, Void none) {
            add(type.getSimpleName().toString(), topLevel.contains(type));
            return super.visitClass(type, none);
        }

        @Override
        public Void visitMethod(MethodTree method, Void none) {
            add(method.getName().toString(), false);
            return super.visitMethod(method, none);
        }

        @Override
        public Void visitVariable(VariableTree variable, Void none) {
            add(variable.getName().toString(), false);
            return super.visitVariable(variable, none);
        }

        private void add(String name, boolean topLevelType) {
            declared.add(new Declared(name, topLevelType, file));
        }
    }
}
