package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Draws {@code docs/architecture.md} from the poms and the package comments, and is red when the page is not what it draws. The drawn page
 * lies in {@code cli/target/architecture.md} then.
 */
@Tag("fast")
class ArchitecturePageTest {

    private static final Path PAGE = Repository.root().resolve("docs/architecture.md");
    private static final Path DRAWN = Repository.root().resolve("cli/target/architecture.md");
    private static final String GROUP = "io.hourledger";
    private static final Pattern FIRST_SENTENCE = Pattern.compile("/\\*\\*(.*?)\\*/", Pattern.DOTALL);

    @Test
    void the_page_is_what_the_build_says() throws Exception {
        String drawn = page();
        Files.createDirectories(DRAWN.getParent());
        Files.writeString(DRAWN, drawn);
        assertThat(Files.exists(PAGE) ? Files.readString(PAGE) : "")
                .as("docs/architecture.md is not current: cp cli/target/architecture.md docs/architecture.md")
                .isEqualTo(drawn);
    }

    @Test
    void the_readme_names_every_module() throws Exception {
        String readme = Files.readString(Repository.root().resolve("README.md"));
        assertThat(modules()).allSatisfy(module -> assertThat(readme).contains("| `" + module + "` |"));
    }

    private static String page() throws Exception {
        Map<String, List<String>> arrows = arrows();
        StringBuilder page = new StringBuilder(
                """
                # Architecture, drawn from the build

                `ArchitecturePageTest` writes this page from the poms and the package comments. Do not edit it by hand. When the test
                is red, copy what it drew:

                ```
                cp cli/target/architecture.md docs/architecture.md
                ```

                ## Modules

                An arrow goes from a module to a module that its main code depends on. Arrows that follow from others are left out.

                ```mermaid
                graph TD
                """);
        arrows.forEach((module, below) -> below.stream()
                .filter(other -> below.stream().noneMatch(via -> reaches(via, other, arrows)))
                .forEach(other -> page.append("  ")
                        .append(id(module))
                        .append(" --> ")
                        .append(id(other))
                        .append('\n')));
        page.append("```\n\n| module | depends on |\n|---|---|\n");
        arrows.forEach((module, below) -> page.append("| `")
                .append(module)
                .append("` | ")
                .append(below.isEmpty() ? "nothing of ours" : "`" + String.join("`, `", below) + "`")
                .append(" |\n"));
        page.append("\n## Packages\n");
        for (String module : modules()) {
            page.append("\n### ").append(module).append("\n\n| package | what it is |\n|---|---|\n");
            packages(module).forEach((name, comment) -> page.append("| `")
                    .append(name)
                    .append("` | ")
                    .append(comment)
                    .append(" |\n"));
        }
        return page.toString();
    }

    /** Whether one module leads to another by one arrow or more. */
    private static boolean reaches(String from, String to, Map<String, List<String>> arrows) {
        return !from.equals(to)
                && arrows.getOrDefault(from, List.of()).stream()
                        .anyMatch(next -> next.equals(to) || reaches(next, to, arrows));
    }

    private static String id(String module) {
        return module.replace('/', '-');
    }

    private static Map<String, List<String>> arrows() throws Exception {
        List<String> modules = modules();
        Map<String, List<String>> arrows = new TreeMap<>();
        for (String module : modules) {
            List<String> below = new ArrayList<>();
            NodeList dependencies = pom(module).getElementsByTagName("dependency");
            for (int i = 0; i < dependencies.getLength(); i++) {
                Element dependency = (Element) dependencies.item(i);
                if (GROUP.equals(text(dependency, "groupId")) && !"test".equals(text(dependency, "scope"))) {
                    below.add(folderOf(text(dependency, "artifactId"), modules));
                }
            }
            arrows.put(module, below.stream().distinct().sorted().toList());
        }
        return arrows;
    }

    private static String folderOf(String artifact, List<String> modules) {
        return modules.stream()
                .filter(module -> module.equals(artifact) || module.endsWith("/" + artifact))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no module is called " + artifact));
    }

    private static List<String> modules() throws Exception {
        List<String> modules = new ArrayList<>();
        NodeList elements = pom(".").getElementsByTagName("module");
        for (int i = 0; i < elements.getLength(); i++) {
            modules.add(elements.item(i).getTextContent().strip());
        }
        return modules;
    }

    private static Element pom(String module) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Repository.root().resolve(module).resolve("pom.xml").toFile())
                .getDocumentElement();
    }

    private static String text(Element parent, String name) {
        for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child.getNodeName().equals(name)) {
                return child.getTextContent().strip();
            }
        }
        return "";
    }

    /** The packages of a module below {@code io.hourledger}, with the first sentence of their comments. */
    private static Map<String, String> packages(String module) throws IOException {
        Path sources = Repository.root().resolve(module).resolve("src/main/java");
        Map<String, String> packages = new TreeMap<>();
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file :
                    files.filter(path -> path.endsWith("package-info.java")).toList()) {
                String name = sources.relativize(file.getParent()).toString().replace('/', '.');
                packages.put(name.replace(GROUP + ".", ""), sentence(Files.readString(file, StandardCharsets.UTF_8)));
            }
        }
        return packages;
    }

    private static String sentence(String source) {
        Matcher comment = FIRST_SENTENCE.matcher(source);
        if (!comment.find()) {
            return "";
        }
        String text = comment.group(1)
                .replaceAll("\\{@(?:link|code) ([^}]*)}", "`$1`")
                .replaceAll("(?m)^\\s*\\*", "")
                .replaceAll("\\s+", " ")
                .replace("|", "\\|")
                .strip();
        int end = text.indexOf(". ");
        return end < 0 ? text : text.substring(0, end + 1);
    }
}
