package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Measures the pages: short sentences, few chains, lines that fit a screen. Tables, code and headings are left out. */
@Tag("fast")
class ProseTest {

    private static final double LONGEST_MEDIAN = 17;
    private static final double MOST_CHAINED = 0.20;
    private static final int LONGEST_LINE = 120;
    private static final int LONGEST_SENTENCE = 25;

    /** Shorter pieces are labels, such as the name before an example. */
    private static final int SHORTEST_SENTENCE = 4;

    private static final Pattern CODE_BLOCK = Pattern.compile("```.*?```", Pattern.DOTALL);
    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])\\s+");
    /** A piece for {@link #LONGEST_SENTENCE}: a colon, a list's next item and a blank line end it too. */
    private static final Pattern PIECE_END = Pattern.compile("(?<=[.!?:])[*)\"]*\\s+");

    private static final Pattern LIST_ITEM = Pattern.compile("(?:[-*]|\\d+\\.)\\s.*");
    private static final Pattern CHAIN = Pattern.compile("; |: [a-z]");

    /** An image for what the pages call the services, a local stack or an installation. */
    private static final Pattern IMAGE = Pattern.compile("\\bhouses?\\b", Pattern.CASE_INSENSITIVE);

    @Test
    void the_middle_sentence_has_at_most_17_words() throws IOException {
        List<Integer> lengths =
                sentences().stream().map(ProseTest::words).sorted().toList();
        int middle = lengths.size() / 2;
        double median =
                lengths.size() % 2 == 1 ? lengths.get(middle) : (lengths.get(middle - 1) + lengths.get(middle)) / 2.0;
        assertThat(median).as(measure()).isLessThanOrEqualTo(LONGEST_MEDIAN);
    }

    @Test
    void at_most_a_fifth_of_the_sentences_are_chained() throws IOException {
        List<String> all = sentences();
        double chained = chained(all) / (double) all.size();
        assertThat(chained).as(measure()).isLessThanOrEqualTo(MOST_CHAINED);
    }

    @Test
    void no_sentence_has_more_than_25_words() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path page : pages()) {
            for (String paragraph : paragraphs(page)) {
                for (String piece : PIECE_END.split(paragraph)) {
                    if (words(piece) > LONGEST_SENTENCE) {
                        tooLong.add(Repository.root().relativize(page) + ": " + piece);
                    }
                }
            }
        }
        assertThat(tooLong).isEmpty();
    }

    @Test
    void no_line_of_prose_is_longer_than_120_characters() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path page : pages()) {
            boolean code = false;
            int number = 0;
            for (String line : Files.readAllLines(page)) {
                number++;
                code ^= line.strip().startsWith("```");
                boolean prose = !code && !line.strip().startsWith("|");
                if (prose && line.codePointCount(0, line.length()) > LONGEST_LINE) {
                    tooLong.add(Repository.root().relativize(page) + ":" + number);
                }
            }
        }
        assertThat(tooLong).isEmpty();
    }

    @Test
    void the_first_screen_links_the_glossary() throws IOException {
        String readme = Files.readString(Repository.root().resolve("README.md"));
        assertThat(readme.substring(0, readme.indexOf("\n## "))).contains("](docs/glossary.md)");
    }

    @Test
    void no_sentence_says_house() throws IOException {
        assertThat(sentences().stream()
                        .filter(sentence -> IMAGE.matcher(sentence).find()))
                .as("say: the services, a local stack, an installation")
                .isEmpty();
    }

    private static String measure() throws IOException {
        StringBuilder worst = new StringBuilder("longest sentences:");
        sentences().stream()
                .sorted((one, other) -> words(other) - words(one))
                .limit(10)
                .forEach(sentence ->
                        worst.append(String.format(Locale.ROOT, "%n%3d words: %.120s", words(sentence), sentence)));
        return worst.toString();
    }

    private static long chained(List<String> sentences) {
        return sentences.stream()
                .filter(sentence -> CHAIN.matcher(sentence).find())
                .count();
    }

    private static int words(String sentence) {
        return sentence.split(" ").length;
    }

    private static List<String> sentences() throws IOException {
        List<String> sentences = new ArrayList<>();
        for (Path page : pages()) {
            String text = CODE_BLOCK
                    .matcher(Files.readString(page))
                    .replaceAll("")
                    .lines()
                    .filter(ProseTest::isProse)
                    .reduce("", (before, line) -> before + " " + line);
            for (String sentence :
                    SENTENCE_END.split(text.replaceAll("\\s+", " ").strip())) {
                if (words(sentence) >= SHORTEST_SENTENCE) {
                    sentences.add(sentence);
                }
            }
        }
        return sentences;
    }

    /** Paragraphs and list items, each in one line. */
    private static List<String> paragraphs(Path page) throws IOException {
        String text = CODE_BLOCK.matcher(Files.readString(page)).replaceAll("\n\n");
        List<String> paragraphs = new ArrayList<>();
        StringBuilder paragraph = new StringBuilder();
        for (String line : (text + "\n\n").split("\n", -1)) {
            String stripped = line.strip();
            boolean prose = !stripped.isEmpty() && isProse(stripped);
            if ((!prose || LIST_ITEM.matcher(stripped).matches()) && !paragraph.isEmpty()) {
                paragraphs.add(paragraph.toString().strip());
                paragraph.setLength(0);
            }
            if (prose) {
                paragraph.append(stripped).append(' ');
            }
        }
        return paragraphs;
    }

    private static boolean isProse(String line) {
        String text = line.stripLeading();
        return !text.startsWith("|") && !text.startsWith("#") && !text.startsWith("<");
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String page : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")) {
            pages.add(Repository.root().resolve(page));
        }
        try (Stream<Path> docs = Files.walk(Repository.root().resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }
}
