package io.hourledger.console;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ConsoleArchitectureTest {

    private static final JavaClasses CONSOLE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.hourledger.console");

    /** Whoever cannot build a command cannot decide anything: the pages read. */
    @Test
    void no_page_can_give_the_ledger_a_command() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.hourledger.ledger.api.Ledger")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("io.hourledger.ledger.store..", "org.axonframework..")
                .check(CONSOLE);
    }

    /** What is asked of the tables stands in the ledger, where the command line asks the same. */
    @Test
    void no_page_has_sql_of_its_own() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.springframework.jdbc.core.simple..")
                .check(CONSOLE);
    }

    @Test
    void only_the_page_of_the_night_asks_other_services() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.hourledger.console.tonight..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net.http..")
                .check(CONSOLE);
    }
}
