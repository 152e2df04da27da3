package io.hourledger.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows between modules, read from its classes: services point to the ledger, the ledger to the words, never the other way round. */
@Tag("fast")
class ModuleArrowsTest {

    private static final JavaClasses STACK = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            // the helpers of tests, once the build has packed them
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.hourledger");

    private static final String[] SERVICES = {
        "io.hourledger.ingest..",
        "io.hourledger.aggregator..",
        "io.hourledger.pusher..",
        "io.hourledger.console..",
        "io.hourledger.simulator.."
    };

    @Test
    void every_module_is_in_the_picture() {
        for (String module : List.of("contracts", "service", "ledger", "embedded", "standalone")) {
            assertThat(STACK.containPackage("io.hourledger." + module)
                            || STACK.stream().anyMatch(c -> c.getPackageName().startsWith("io.hourledger." + module)))
                    .as(module)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "contracts, ''",
        "embedded, ''",
        "client, ''",
        "service, contracts",
        "ledger, contracts",
        "files, 'contracts ledger'",
        "ingest, 'contracts service'",
        "simulator, 'contracts service'",
        "aggregator, 'contracts service ledger'",
        "pusher, 'contracts service ledger'",
        "console, 'contracts service ledger files'"
    })
    void a_module_knows_only_what_lies_below_it(String module, String below) {
        String[] mayKnow = List.of((module + " " + below).trim().split(" ")).stream()
                .map(name -> "io.hourledger." + name + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage("io.hourledger." + module + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.hourledger..").and(resideOutsideOfPackages(mayKnow)))
                .allowEmptyShould(true)
                .check(STACK);
    }

    @Test
    void nobody_but_the_demo_knows_of_the_embedded_servers() {
        noClasses()
                .that()
                .resideInAnyPackage(SERVICES)
                .or()
                .resideInAnyPackage("io.hourledger.service..", "io.hourledger.ledger..", "io.hourledger.contracts..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.hourledger.embedded..", "io.hourledger.standalone..")
                .check(STACK);
    }

    @Test
    void the_shared_words_are_plain_java() {
        noClasses()
                .that()
                .resideInAPackage("io.hourledger.contracts..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework..",
                        "org.apache.kafka..",
                        "org.axonframework..",
                        "java.sql..",
                        "javax.sql..",
                        "org.postgresql..")
                .check(STACK);
    }

    /** Whatever an app has on its class path, the client meets none of it. */
    @Test
    void the_client_needs_a_jdk_and_nothing_else() {
        noClasses()
                .that()
                .resideInAPackage("io.hourledger.client..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework..",
                        "tools.jackson..",
                        "com.fasterxml..",
                        "org.apache..",
                        "org.slf4j..",
                        "io.micrometer..")
                .check(STACK);
    }

    @Test
    void ingest_meets_kafka_in_one_package_and_never_a_database() {
        noClasses()
                .that()
                .resideInAPackage("io.hourledger.ingest..")
                .and()
                .resideOutsideOfPackage("io.hourledger.ingest.kafka..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..")
                .allowEmptyShould(true)
                .check(STACK);
        noClasses()
                .that()
                .resideInAPackage("io.hourledger.ingest..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..", "org.springframework.jdbc..")
                .allowEmptyShould(true)
                .check(STACK);
    }

    @Test
    void the_pusher_and_the_ledger_know_kafka_only_as_a_place_outside_the_database() {
        noClasses()
                .that()
                .resideInAnyPackage("io.hourledger.pusher..", "io.hourledger.simulator..", "io.hourledger.ledger..")
                .and()
                .resideOutsideOfPackages("io.hourledger.ledger.journal..", "io.hourledger.pusher.journal..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..")
                .check(STACK);
    }

    @Test
    void nobody_asks_the_machine_for_business_time() {
        noClasses()
                .should()
                .callMethodWhere(describe("now() without a Clock", ModuleArrowsTest::isNowWithoutClock))
                .check(STACK);
        noClasses().should().callMethod(System.class, "currentTimeMillis").check(STACK);
        noClasses().should().callConstructor(java.util.Date.class).check(STACK);
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(STACK);
    }

    private static boolean isNowWithoutClock(JavaAccess<?> access) {
        AccessTarget target = access.getTarget();
        boolean takesClock = target instanceof AccessTarget.MethodCallTarget call
                && call.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(Clock.class));
        return target.getOwner().getPackageName().equals("java.time")
                && target.getName().equals("now")
                && !takesClock;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "contracts",
                "ledger",
                "files",
                "ingest",
                "aggregator",
                "pusher",
                "console",
                "simulator",
                "standalone",
            })
    void packages_of_a_module_form_no_circle(String module) {
        slices().matching("io.hourledger." + module + ".(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(STACK);
    }

    @Test
    void every_package_promises_what_may_be_null() {
        DescribedPredicate<JavaClass> outsideNullMarkedPackages =
                describe("outside packages marked @NullMarked", type -> type.getPackage()
                        .tryGetAnnotationOfType("org.jspecify.annotations.NullMarked")
                        .isEmpty());
        noClasses().should(ArchConditions.be(outsideNullMarkedPackages)).check(STACK);
    }
}
