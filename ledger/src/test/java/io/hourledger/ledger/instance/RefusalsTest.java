package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.addPackage;
import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.billWithheld;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.part;
import static io.hourledger.ledger.instance.Given.recount;
import static io.hourledger.ledger.instance.Given.refuse;
import static io.hourledger.ledger.instance.Given.reissue;
import static io.hourledger.ledger.instance.Given.release;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rules of the instance that no story of the other tests breaks, and that every rule is broken by some test. */
@Tag("fast")
class RefusalsTest extends InstanceHistory {

    private static final Pattern REFUSAL = Pattern.compile("(?:Rule<>|Refused)\\(\\s*\"([a-z-]+)\"");

    @BeforeEach
    void opened() {
        when(open("i"));
    }

    @Test
    void a_revision_before_one_that_was_metered_is_refused() {
        when(meter("i", 1, "4"));
        when(meter("i", 1, 3, "0.5"));
        assertThat(rule(when(meter("i", 1, 2, "0.25")))).isEqualTo("revisions-in-order");
    }

    @Test
    void the_first_revision_of_an_hour_is_no_credit() {
        assertThat(rule(when(meter("i", 1, "-1")))).isEqualTo("credit-without-charge");
    }

    @Test
    void what_was_never_withheld_is_neither_recounted_nor_billed_by_a_person() {
        when(meter("i", 1, "4"));
        assertThat(rule(when(recount("i", 1, part(at(1, 0), at(2, 0), "4"))))).isEqualTo("nothing-withheld");
        assertThat(rule(when(billWithheld("i", 1, 0)))).isEqualTo("nothing-withheld");
    }

    @Test
    void usage_withheld_for_another_reason_is_no_mixed_hour() {
        when(release("i", at(1, 0)));
        when(meter("i", 2, "4"));
        assertThat(rule(when(recount("i", 2, part(at(2, 0), at(3, 0), "4"))))).isEqualTo("not-a-mixed-hour");
    }

    @Test
    void an_instance_is_not_released_before_its_opening() {
        assertThat(rule(when(release("i", Given.OPENED.minusSeconds(1))))).isEqualTo("released-before-opened");
    }

    @Test
    void a_package_contains_something_with_at_most_4_decimals() {
        assertThat(rule(when(addPackage("i", "p", "0")))).isEqualTo("package-amount");
        assertThat(rule(when(addPackage("i", "p", "0.00001")))).isEqualTo("package-amount");
    }

    @Test
    void a_record_of_a_package_used_up_too_long_ago_is_not_issued_again() {
        for (int hour = 1; hour <= Packages.USED_UP_STORED + 2; hour++) {
            when(addPackage("i", "p" + hour, "5"));
            when(meter("i", hour, "5"));
        }
        when(refuse("i", sn("i", 1)));
        assertThat(rule(when(reissue("i", sn("i", 1))))).isEqualTo("package-forgotten");
    }

    @Test
    void every_rule_of_the_instance_is_broken_in_these_tests() throws IOException {
        String tests = String.join("\n", sources("src/test/java/io/hourledger/ledger/instance"));
        SortedSet<String> rules = new TreeSet<>();
        for (String source : sources("src/main/java/io/hourledger/ledger/instance")) {
            Matcher refusal = REFUSAL.matcher(source);
            while (refusal.find()) {
                rules.add(refusal.group(1));
            }
        }
        assertThat(rules).hasSizeGreaterThan(30).allSatisfy(rule -> assertThat(tests)
                .contains('"' + rule + '"'));
    }

    private static List<String> sources(String folder) throws IOException {
        List<String> texts = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            for (Path file : files.sorted().toList()) {
                texts.add(Files.readString(file));
            }
        }
        return texts;
    }
}
